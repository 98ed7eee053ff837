//go:build gpu && cgo

package ranks

/*
#cgo LDFLAGS: -ldl
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdint.h>
#include <stdlib.h>
#include "nccl.h"

// Opens a library and finds its functions. It returns 0 if the library cannot be loaded or lacks one, and else 1.
static int load_nccl(const char *path, struct nccl_library *nccl) {
	void *library = dlopen(path, RTLD_NOW | RTLD_LOCAL);
	if (library == NULL) return 0;
#define FIND(name) if ((nccl->name = dlsym(library, #name)) == NULL) return 0;
	FIND(ncclGetVersion) FIND(ncclGetUniqueId) FIND(ncclCommInitRankConfig) FIND(ncclCommGetAsyncError) FIND(ncclCommAbort)
	FIND(ncclGroupStart) FIND(ncclGroupEnd) FIND(ncclSend) FIND(ncclRecv) FIND(ncclGetErrorString) FIND(ncclGetLastError)
#undef FIND
	return 1;
}

// Returns the path of the file that a library was read from.
static const char *nccl_path(const struct nccl_library *nccl) {
	Dl_info info;
	return dladdr((void *)nccl->ncclGetVersion, &info) != 0 ? info.dli_fname : "";
}

static int nccl_version(const struct nccl_library *nccl, int *version) { return nccl->ncclGetVersion(version); }

static int nccl_id(const struct nccl_library *nccl, struct nccl_id *id) { return nccl->ncclGetUniqueId(id); }

// Begins to connect the ranks. The 0 makes the connection one whose calls return before they are done.
static int connect_nccl(const struct nccl_library *nccl, nccl_comm *comm, int size, const struct nccl_id *id, int rank) {
	struct nccl_config config = {sizeof config, NCCL_CONFIG_MAGIC, NCCL_CONFIG_VERSION, 0};
	return nccl->ncclCommInitRankConfig(comm, size, *id, rank, &config);
}

static int nccl_state(const struct nccl_library *nccl, nccl_comm comm, int *state) {
	return nccl->ncclCommGetAsyncError(comm, state);
}

static int abort_nccl(const struct nccl_library *nccl, nccl_comm comm) { return nccl->ncclCommAbort(comm); }

static int wrong(int result) { return result != NCCL_SUCCESS && result != NCCL_IN_PROGRESS; }

// Launches an exchange with a peer. In a group, sending and receiving do not wait for each other.
static int exchange_nccl(const struct nccl_library *nccl, nccl_comm comm, int peer, uintptr_t from, size_t sent,
		uintptr_t to, size_t received, uintptr_t stream) {
	int result = nccl->ncclGroupStart();
	if (wrong(result)) return result;
	int first = nccl->ncclSend((const void *)from, sent, NCCL_FLOAT32, peer, comm, (void *)stream);
	int second = nccl->ncclRecv((void *)to, received, NCCL_FLOAT32, peer, comm, (void *)stream);
	result = nccl->ncclGroupEnd();
	return wrong(first) ? first : wrong(second) ? second : result;
}

static const char *nccl_error(const struct nccl_library *nccl, int result) { return nccl->ncclGetErrorString(result); }
static const char *nccl_last_error(const struct nccl_library *nccl, nccl_comm comm) { return nccl->ncclGetLastError(comm); }
*/
import "C"

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"sync"
	"sync/atomic"
	"time"
	"unsafe"
)

const (
	// connectTime is the time within which the ranks must find each other; chosen.
	connectTime = time.Minute

	// errorCheckTime is the time between two checks for errors of exchanges; chosen: short beside the timeout of a Watch.
	errorCheckTime = 100 * time.Millisecond
)

// NCCL exchanges numbers between the GPUs of the ranks by NVIDIA's library. Exchanges are launched on a stream and
// return before they are done. A fault of the connection ends all exchanges that are under way, and is the error of
// [NCCL.Failure].
type NCCL struct {
	library *ncclLibrary
	comm    C.nccl_comm
	calls   sync.Mutex // guards the calls for comm
	failure atomic.Pointer[error]
	stop    chan struct{}  // closed to end watch
	stopped sync.WaitGroup // watch has ended
}

// ncclLibrary is the library once it is open.
type ncclLibrary struct {
	functions     *C.struct_nccl_library
	path, version string
}

// loadNCCL opens the library in the first of the folders of ncclFolders that has it.
func loadNCCL() (*ncclLibrary, error) {
	l := &ncclLibrary{functions: new(C.struct_nccl_library)}
	failed := errors.New("no libnccl.so.2 of 2.14 or later, " +
		"neither among the shared libraries nor in $CUDA_HOME/lib64 or /usr/local/cuda/lib64")
	for _, folder := range ncclFolders(os.Getenv("CUDA_HOME")) {
		file := C.CString(filepath.Join(folder, "libnccl.so.2"))
		loaded := C.load_nccl(file, l.functions)
		C.free(unsafe.Pointer(file))
		if loaded == 0 {
			continue
		}
		var version C.int
		if err := l.failure("its version", C.nccl_version(l.functions, &version)); err != nil {
			failed = err
			continue
		}
		l.path, l.version = C.GoString(C.nccl_path(l.functions)), ncclVersion(int(version))
		return l, nil
	}
	return nil, failed
}

// ncclVersion returns a version as text: code 21805 is "2.18.5".
func ncclVersion(code int) string {
	return fmt.Sprintf("%d.%d.%d", code/10000, code%10000/100, code%100)
}

// failure returns an error, which names the call by what, if a result of NCCL is one.
func (l *ncclLibrary) failure(what string, result C.int) error {
	if C.wrong(result) == 0 {
		return nil
	}
	return fmt.Errorf("NCCL: %s: %s", what, C.GoString(C.nccl_error(l.functions, result)))
}

// FindNCCL returns the path and the version of the library.
func FindNCCL() (path, version string, err error) {
	l, err := loadNCCL()
	if err != nil {
		return "", "", err
	}
	return l.path, l.version, nil
}

// OpenNCCL connects the GPUs of all ranks. All ranks must call it, with an identifier of their GPU, and a function
// that calls another on a thread on which this GPU is current. Where the GPUs cannot be connected, no rank has a
// connection, and why says the reason.
func OpenNCCL(t Transport, gpu string, with func(f func() error) error) (n *NCCL, why string, err error) {
	own := station{Host: t.Host(), GPU: gpu}
	library, err := loadNCCL()
	if err != nil {
		own.Error = err.Error()
	} else {
		own.Version = library.version
	}
	if why, err = meetForNCCL(t, own); err != nil || why != "" {
		return nil, why, err
	}
	var id C.struct_nccl_id
	if why, err = shareIdentifier(t, library, &id); err != nil || why != "" {
		return nil, why, err
	}
	n = &NCCL{library: library, stop: make(chan struct{})}
	failed := with(func() error { return n.connect(t, &id) })
	if why, err = firstError(t, failed); err != nil || why != "" {
		n.abort()
		return nil, why, err
	}
	n.stopped.Go(n.watch)
	return n, "", nil
}

// shareIdentifier sets id on all ranks to an identifier of the connection that rank 0 makes, or returns why rank 0 has
// none. The message of rank 0 is the identifier, followed by the error if there is one.
func shareIdentifier(t Transport, library *ncclLibrary, id *C.struct_nccl_id) (why string, err error) {
	if t.Rank() == 0 {
		if err := library.failure("an identifier", C.nccl_id(library.functions, id)); err != nil {
			why = err.Error()
		}
	}
	message, err := Broadcast(t, append(C.GoBytes(unsafe.Pointer(id), C.sizeof_struct_nccl_id), why...))
	if err != nil {
		return "", err
	}
	copy(unsafe.Slice((*byte)(unsafe.Pointer(id)), C.sizeof_struct_nccl_id), message)
	return string(message[C.sizeof_struct_nccl_id:]), nil
}

// meetForNCCL returns on all ranks why the GPUs of the ranks cannot be connected, or "". own is this rank's station.
func meetForNCCL(t Transport, own station) (why string, err error) {
	message, err := json.Marshal(own)
	if err != nil {
		return "", err
	}
	all, err := JoinBytes(t, message)
	if err != nil {
		return "", err
	}
	stations := make([]station, len(all))
	for rank, message := range all {
		if err := json.Unmarshal(message, &stations[rank]); err != nil {
			return "", err
		}
	}
	return unconnectable(stations), nil
}

// firstError returns on all ranks, as why, the error of the first rank whose own is one, or "".
func firstError(t Transport, own error) (why string, err error) {
	text := ""
	if own != nil {
		text = fmt.Sprintf("rank %d on %s: %v", t.Rank(), t.Host(), own)
	}
	all, err := JoinBytes(t, []byte(text))
	for _, text := range all {
		if len(text) > 0 {
			return string(text), err
		}
	}
	return "", err
}

// connect connects this rank with the ranks that have the same identifier.
func (n *NCCL) connect(t Transport, id *C.struct_nccl_id) error {
	result := C.connect_nccl(n.library.functions, &n.comm, C.int(t.Size()), id, C.int(t.Rank()))
	if err := n.library.failure("connecting", result); err != nil {
		return err
	}
	return n.settle("connecting", connectTime)
}

// Version returns the version of the library.
func (n *NCCL) Version() string { return n.library.version }

// Exchange launches an exchange with a peer on a stream: of numbers at an address of the GPU's memory, and of numbers
// that are received at another. It must be called on a thread on which the GPU is current.
func (n *NCCL) Exchange(peer int, from uint64, sent int, to uint64, received int, stream uintptr) error {
	n.calls.Lock()
	err := n.Failure()
	if err == nil {
		err = n.library.failure("an exchange", C.exchange_nccl(n.library.functions, n.comm, C.int(peer),
			C.uintptr_t(from), C.size_t(sent), C.uintptr_t(to), C.size_t(received), C.uintptr_t(stream)))
	}
	n.calls.Unlock()
	if err != nil {
		return err
	}
	return n.settle("an exchange", 0)
}

// settle waits until NCCL has no call under way, so that the next one may be made, for the limit at most. 0 is no limit.
func (n *NCCL) settle(what string, limit time.Duration) error {
	for start := time.Now(); ; {
		state, err := n.state()
		if err != nil || state == C.NCCL_SUCCESS {
			return err
		}
		waited := time.Since(start)
		if limit > 0 && waited > limit {
			return fmt.Errorf("NCCL: %s takes more than %v", what, limit)
		}
		if waited < time.Millisecond {
			runtime.Gosched()
		} else {
			time.Sleep(time.Millisecond)
		}
	}
}

// state returns NCCL_SUCCESS or, while calls are under way, NCCL_IN_PROGRESS; or the error of the connection.
func (n *NCCL) state() (C.int, error) {
	n.calls.Lock()
	defer n.calls.Unlock()
	if err := n.Failure(); err != nil {
		return 0, err
	}
	return n.stateLocked()
}

// stateLocked is state where the caller holds the lock and the connection has not failed before.
func (n *NCCL) stateLocked() (C.int, error) {
	var state C.int
	err := n.library.failure("its state", C.nccl_state(n.library.functions, n.comm, &state))
	if err == nil && C.wrong(state) != 0 {
		what := "the connection of the GPUs"
		if text := C.GoString(C.nccl_last_error(n.library.functions, n.comm)); text != "" {
			what += " (" + text + ")"
		}
		err = n.library.failure(what, state)
	}
	return state, err
}

// watch ends the exchanges under way if the connection fails: they would wait for ever.
func (n *NCCL) watch() {
	tick := time.NewTicker(errorCheckTime)
	defer tick.Stop()
	for {
		select {
		case <-n.stop:
			return
		case <-tick.C:
		}
		if err := n.check(); err != nil {
			n.failure.Store(&err)
			n.abort()
			return
		}
	}
}

// check returns the error of the connection. Asking NCCL for its state may complete a call, so that two threads must
// not do it at the same time; the simulator allows it.
func (n *NCCL) check() error {
	defer n.enter()()
	_, err := n.stateLocked()
	return err
}

// enter takes the lock of calls, and returns the function that gives it back. NCCL's calls return at once, as its
// connection does not block, but an exchange of the simulator waits for its peer. If a call holds the lock for a
// second, enter goes on without it: the peer may be gone, so that only an abort ends the call.
func (n *NCCL) enter() (leave func()) {
	for range 100 {
		if n.calls.TryLock() {
			return n.calls.Unlock
		}
		time.Sleep(10 * time.Millisecond)
	}
	return func() {}
}

// Failure returns the error of the connection, or nil. The exchanges that were under way have left no results.
func (n *NCCL) Failure() error {
	if err := n.failure.Load(); err != nil {
		return *err
	}
	return nil
}

// abort ends all exchanges and frees the connection.
func (n *NCCL) abort() {
	defer n.enter()()
	if n.comm != nil {
		C.abort_nccl(n.library.functions, n.comm)
		n.comm = nil
	}
}

// Close ends the connection. All exchanges must be done.
func (n *NCCL) Close() {
	close(n.stop)
	n.stopped.Wait()
	n.abort()
}
