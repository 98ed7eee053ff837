// The kernels for any hardware, with the vectors of the compiler.
#define VARIANT harmonium_plain
#define LANES 4
#define DENSE_ROWS 3
#define DENSE_VECTORS 4
#include "host.h"
