// The kernels for any hardware of which the compiler knows the vectors.
#define VARIANT harmonium_plain
#define LANES 4
#define DENSE_ROWS 3
#define DENSE_VECTORS 4
#include "host.h"
