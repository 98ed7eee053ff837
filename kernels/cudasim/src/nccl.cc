// The part of NCCL that this project uses: a communicator between processes of this machine, each with a device of its
// own, over Unix sockets in the abstract namespace. A group is one exchange: a send and a receive with one peer.
//
// A group runs at once, when the earlier work of its stream has run, since a rank that is waited for must not wait for
// something that needs its work. It waits until the peer has sent, or for ever if the peer is gone: then the
// communicator has an error, and ncclCommAbort ends the wait, as for the exchanges of cards.
//
// CUDASIM_NCCL_LOSES=N breaks the connection after N groups.
#include <atomic>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <random>
#include <thread>

#include <csignal>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "../../../ranks/nccl.h"
#include "simulator.h"

struct ncclComm {
    int size, rank;
    std::string name; // of the sockets
    std::vector<int> peers;
    std::atomic<int> state{NCCL_IN_PROGRESS};
    std::atomic<bool> aborted{false};
    std::thread connecting;
    int groups = 0;
    cudasim::Context *context = nullptr;
};

namespace cudasim {

enum { INVALID_USAGE = 5 };

struct Transfer {
    CUdeviceptr at;
    size_t bytes;
    int peer;
    CUstream stream;
};

// The group of this thread.
static thread_local int depth;
static thread_local ncclComm *grouped;
static thread_local std::vector<Transfer> sends, receives;

static sockaddr_un address_of(const std::string &name, int rank, socklen_t *size) {
    sockaddr_un a = {};
    a.sun_family = AF_UNIX;
    int n = snprintf(a.sun_path + 1, sizeof a.sun_path - 1, "%s.%d", name.c_str(), rank);
    *size = offsetof(sockaddr_un, sun_path) + 1 + n;
    return a;
}

static void pause_shortly() { poll(nullptr, 0, 1); } // 1 ms

// Connects a rank to all lower ones, and waits for all higher ones.
static void meet(ncclComm *c) {
    socklen_t size;
    sockaddr_un own = address_of(c->name, c->rank, &size);
    int door = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (bind(door, (sockaddr *)&own, size) || listen(door, c->size)) {
        c->state = 2; // ncclSystemError
        return;
    }
    for (int peer = 0; peer < c->rank && !c->aborted; peer++) {
        sockaddr_un other = address_of(c->name, peer, &size);
        int s = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
        while (connect(s, (sockaddr *)&other, size) && !c->aborted) pause_shortly();
        if (send(s, &c->rank, sizeof c->rank, MSG_NOSIGNAL) != sizeof c->rank) c->state = NCCL_REMOTE_ERROR;
        c->peers[peer] = s;
    }
    for (int met = c->rank + 1; met < c->size && !c->aborted;) {
        pollfd wait = {door, POLLIN, 0};
        if (poll(&wait, 1, 10) < 1) continue;
        int s = accept4(door, nullptr, nullptr, SOCK_CLOEXEC), peer = 0;
        if (recv(s, &peer, sizeof peer, MSG_WAITALL) != sizeof peer) continue;
        c->peers[peer] = s;
        met++;
    }
    close(door);
    int under_way = NCCL_IN_PROGRESS;
    c->state.compare_exchange_strong(under_way, NCCL_SUCCESS);
}

// Sends and receives at once, so that large messages do not wait for each other.
static void exchange(ncclComm *c, const Transfer &out, const Transfer &in) {
    int socket = c->peers[out.peer];
    auto from = (const char *)view(out.at, out.bytes, "ncclSend");
    auto to = (char *)view(in.at, in.bytes, "ncclRecv");
    if (!from || !to) return;
    std::vector<char> sent(from, from + out.bytes), received(in.bytes);
    size_t gone = 0, come = 0;
    while (!c->aborted && (gone < out.bytes || come < in.bytes)) {
        pollfd wait = {socket, (short)((gone < out.bytes ? POLLOUT : 0) | (come < in.bytes ? POLLIN : 0)), 0};
        if (c->state == NCCL_REMOTE_ERROR) {
            pause_shortly();
            continue;
        }
        if (poll(&wait, 1, 10) < 1) continue;
        ssize_t n = 0;
        if (wait.revents & POLLIN) {
            n = recv(socket, received.data() + come, in.bytes - come, MSG_DONTWAIT);
            if (n > 0) come += n;
            if (n == 0 || (n < 0 && errno != EAGAIN)) c->state = NCCL_REMOTE_ERROR;
        }
        if (wait.revents & POLLOUT) {
            n = send(socket, sent.data() + gone, out.bytes - gone, MSG_DONTWAIT | MSG_NOSIGNAL);
            if (n > 0) gone += n;
            if (n < 0 && errno != EAGAIN) c->state = NCCL_REMOTE_ERROR;
        }
        if (wait.revents & (POLLERR | POLLHUP) && !(wait.revents & POLLIN)) c->state = NCCL_REMOTE_ERROR;
    }
    if (come == in.bytes) memcpy(to, received.data(), in.bytes);
    count("bytes.nccl", gone);
}

static int add(std::vector<Transfer> &to, CUdeviceptr at, size_t n, int type, int peer, ncclComm *c, void *stream, const char *role) {
    if (depth == 0 || type != NCCL_FLOAT32 || peer < 0 || peer >= c->size || peer == c->rank || c->state != NCCL_SUCCESS) {
        violation(CUDA_ERROR_INVALID_VALUE, "type %d, peer %d of %d, state %d, group %d", type, peer, c->size, c->state.load(), depth);
        return INVALID_USAGE;
    }
    if (!checked(stream, "stream") || !view(at, 4 * n, role)) return INVALID_USAGE;
    if (is_capturing((CUstream)stream)) {
        violation(CUDA_ERROR_STREAM_CAPTURE_UNSUPPORTED, "a capture of an exchange is not simulated");
        return INVALID_USAGE;
    }
    if (c->context != current()) {
        violation(CUDA_ERROR_INVALID_CONTEXT, "the communicator is of another context");
        return INVALID_USAGE;
    }
    grouped = c;
    to.push_back({at, 4 * n, peer, (CUstream)stream});
    return NCCL_SUCCESS;
}

} // namespace cudasim

using namespace cudasim;

extern "C" {

int ncclGetVersion(int *version) {
    *version = 21400; // 2.14.0
    return NCCL_SUCCESS;
}

int ncclGetUniqueId(nccl_id *id) {
    std::random_device random;
    memset(id, 0, sizeof *id);
    snprintf(id->bytes, sizeof id->bytes, "cudasim-nccl-%d-%08x%08x", getpid(), random(), random());
    return NCCL_SUCCESS;
}

int ncclCommInitRankConfig(ncclComm **out, int size, nccl_id id, int rank, nccl_config *config) {
    Call call("ncclCommInitRankConfig");
    Context *context = current();
    if (!context) return INVALID_USAGE;
    if (!is_primary(context)) {
        violation(CUDA_ERROR_INVALID_CONTEXT, "the current context is not the primary one of its device");
        return INVALID_USAGE;
    }
    if (config->magic != NCCL_CONFIG_MAGIC || config->size != sizeof *config || config->version != NCCL_CONFIG_VERSION || config->blocking) {
        violation(CUDA_ERROR_INVALID_VALUE, "a configuration that is not simulated");
        return INVALID_USAGE;
    }
    auto c = new ncclComm;
    c->size = size;
    c->rank = rank;
    c->name = id.bytes;
    c->peers.assign(size, -1);
    c->context = context;
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_BLOCK, &all, &before); // none of Go's signals for the new thread
    c->connecting = std::thread(meet, c);
    pthread_sigmask(SIG_SETMASK, &before, nullptr);
    count("live.communicator", 1);
    *out = c;
    return NCCL_IN_PROGRESS;
}

int ncclCommGetAsyncError(ncclComm *c, int *state) {
    *state = c->state;
    return NCCL_SUCCESS;
}

// Closes the sockets but does not free the communicator, which the exchange that this call ends still reads.
int ncclCommAbort(ncclComm *c) {
    c->aborted = true;
    c->connecting.join();
    for (int s : c->peers) {
        if (s >= 0) shutdown(s, SHUT_RDWR);
    }
    Call call("ncclCommAbort");
    for (int s : c->peers) {
        if (s >= 0) close(s);
    }
    count("live.communicator", -1);
    return NCCL_SUCCESS;
}

int ncclGroupStart(void) {
    depth++;
    return NCCL_SUCCESS;
}

int ncclSend(const void *from, size_t n, int type, int peer, ncclComm *c, void *stream) {
    Call call("ncclSend");
    return add(sends, (CUdeviceptr)from, n, type, peer, c, stream, "ncclSend");
}

int ncclRecv(void *to, size_t n, int type, int peer, ncclComm *c, void *stream) {
    Call call("ncclRecv");
    return add(receives, (CUdeviceptr)to, n, type, peer, c, stream, "ncclRecv");
}

int ncclGroupEnd(void) {
    Call call("ncclGroupEnd");
    if (--depth > 0) return NCCL_SUCCESS;
    std::vector<Transfer> out = std::move(sends), in = std::move(receives);
    sends.clear();
    receives.clear();
    if (out.size() != 1 || in.size() != 1 || out[0].peer != in[0].peer || out[0].stream != in[0].stream) {
        violation(CUDA_ERROR_INVALID_VALUE, "a group other than a send and a receive with one peer is not simulated");
        return INVALID_USAGE;
    }
    ncclComm *c = grouped;
    std::string loses = setting("CUDASIM_NCCL_LOSES", "");
    if (!loses.empty() && c->groups >= std::stoi(loses)) c->state = NCCL_REMOTE_ERROR;
    c->groups++;
    submit(out[0].stream, "ncclGroupEnd", [=] { exchange(c, out[0], in[0]); });
    finish_stream(out[0].stream);
    return NCCL_IN_PROGRESS;
}

const char *ncclGetErrorString(int result) {
    switch (result) {
    case NCCL_SUCCESS: return "no error";
    case NCCL_REMOTE_ERROR: return "remote process exited or there was a network error";
    case INVALID_USAGE: return "invalid usage";
    default: return "an unknown result";
    }
}

const char *ncclGetLastError(ncclComm *) { return "cudasim"; }

} // extern "C"
