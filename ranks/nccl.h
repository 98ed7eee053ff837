// What harmonium uses of NCCL 2.14 and later. The library is opened at run time, so that a build needs none.
#ifndef HARMONIUM_NCCL_H
#define HARMONIUM_NCCL_H

#include <stddef.h>

typedef struct ncclComm *nccl_comm;

enum {
	NCCL_SUCCESS = 0, // ncclResult_t
	NCCL_REMOTE_ERROR = 6, // returned by the simulator (kernels/cudasim)
	NCCL_IN_PROGRESS = 7,
	NCCL_FLOAT32 = 7, // ncclDataType_t
	NCCL_CONFIG_MAGIC = 0xcafebeef,
	NCCL_CONFIG_VERSION = 21400, // of the struct below; later versions have more fields, and defaults for them
};

struct nccl_id {
	char bytes[128];
};

struct nccl_config {
	size_t size;
	unsigned int magic, version;
	int blocking;
};

// The functions, by their names in the library.
struct nccl_library {
	int (*ncclGetVersion)(int *version);
	int (*ncclGetUniqueId)(struct nccl_id *id);
	int (*ncclCommInitRankConfig)(nccl_comm *comm, int size, struct nccl_id id, int rank, struct nccl_config *config);
	int (*ncclCommGetAsyncError)(nccl_comm comm, int *state);
	int (*ncclCommAbort)(nccl_comm comm);
	int (*ncclGroupStart)(void);
	int (*ncclGroupEnd)(void);
	int (*ncclSend)(const void *from, size_t count, int type, int peer, nccl_comm comm, void *stream);
	int (*ncclRecv)(void *to, size_t count, int type, int peer, nccl_comm comm, void *stream);
	const char *(*ncclGetErrorString)(int result);
	const char *(*ncclGetLastError)(nccl_comm comm);
};

#endif
