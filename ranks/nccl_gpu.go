//go:build gpu && cgo

package ranks

/*
#cgo LDFLAGS: -ldl
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdint.h>
#include <stdlib.h>
#include "nccl.h"

// Opens a library and finds its functions. It returns NULL, or what is wrong.
static const char *load_nccl(const char *path, struct nccl_library *nccl) {
	void *library = dlopen(path, RTLD_NOW | RTLD_LOCAL);
	if (library == NULL) return dlerror();
#define FIND(name) if ((nccl->name = dlsym(library, #name)) == NULL) return dlerror();
	FIND(ncclGetVersion) FIND(ncclGetUniqueId) FIND(ncclCommInitRankConfig) FIND(ncclCommGetAsyncError) FIND(ncclCommAbort)
	FIND(ncclGroupStart) FIND(ncclGroupEnd) FIND(ncclSend) FIND(ncclRecv) FIND(ncclGetErrorString) FIND(ncclGetLastError)
#undef FIND
	return NULL;
}

// Returns the path of the file that a library was read from.
static const char *nccl_path(const struct nccl_library *nccl) {
	Dl_info info;
	return dladdr((void *)nccl->ncclGetVersion, &info) != 0 ? info.dli_fname : "";
}

static int nccl_version(const struct nccl_library *nccl, int *version) { return nccl->ncclGetVersion(version); }

static int nccl_id(const struct nccl_library *nccl, struct nccl_id *id) { return nccl->ncclGetUniqueId(id); }

// Begins to connect the ranks: calls return before they are done.
static int connect_nccl(const struct nccl_library *nccl, nccl_comm *comm, int size, const struct nccl_id *id, int rank) {
	struct nccl_config config = {sizeof config, NCCL_CONFIG_MAGIC, NCCL_CONFIG_VERSION, 0};
	return nccl->ncclCommInitRankConfig(comm, size, *id, rank, &config);
}

static int nccl_state(const struct nccl_library *nccl, nccl_comm comm, int *state) { return nccl->ncclCommGetAsyncError(comm, state); }

static int abort_nccl(const struct nccl_library *nccl, nccl_comm comm) { return nccl->ncclCommAbort(comm); }

static int wrong(int result) { return result != NCCL_SUCCESS && result != NCCL_IN_PROGRESS; }

// Launches an exchange with a peer.
static int exchange_nccl(const struct nccl_library *nccl, nccl_comm comm, int peer, uintptr_t from, size_t sent, uintptr_t to, size_t received, uintptr_t stream) {
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
	// ncclConnects is the time within which the ranks must find each other.
	ncclConnects = time.Minute

	// ncclLooks is the time between two looks for errors of exchanges.
	ncclLooks = 100 * time.Millisecond
)

// NCCL exchanges numbers between the GPUs of the ranks by NVIDIA's library. Exchanges are launched on a stream and
// return before they are done. A fault of the connection ends all exchanges that are under way, and is the error of
// [NCCL.Failure].
type NCCL struct {
	library *ncclLibrary
	comm    C.nccl_comm
	calls   sync.Mutex // guards the calls for comm
	failure atomic.Pointer[error]
	stop    chan struct{}
	stopped sync.WaitGroup
}

// ncclLibrary is the library once it is open.
type ncclLibrary struct {
	functions     *C.struct_nccl_library
	path, version string
}

// loadNCCL opens the library: where the dynamic loader finds it, or in the toolkit that CUDA_HOME names, or in the
// customary place.
func loadNCCL() (*ncclLibrary, error) {
	l := &ncclLibrary{functions: new(C.struct_nccl_library)}
	failed := errors.New("no libnccl.so.2, neither among the shared libraries nor in $CUDA_HOME/lib64")
	for _, folder := range ncclFolders(os.Getenv("CUDA_HOME")) {
		file := C.CString(filepath.Join(folder, "libnccl.so.2"))
		wrong := C.load_nccl(file, l.functions)
		C.free(unsafe.Pointer(file))
		if wrong != nil {
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

// ncclVersion returns a version in the way in which people write it.
func ncclVersion(code int) string {
	return fmt.Sprintf("%d.%d.%d", code/10000, code%10000/100, code%100)
}

// failure returns the error that a result stands for, of the call named by what.
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
	text := ""
	if t.Rank() == 0 {
		if err := library.failure("an identifier", C.nccl_id(library.functions, &id)); err != nil {
			text = err.Error()
		}
	}
	// The message is the identifier, and after it the error of rank 0 if it has none.
	message, err := Broadcast(t, append(C.GoBytes(unsafe.Pointer(&id), C.sizeof_struct_nccl_id), text...))
	if err != nil {
		return nil, "", err
	}
	if len(message) > C.sizeof_struct_nccl_id {
		return nil, string(message[C.sizeof_struct_nccl_id:]), nil
	}
	copy(unsafe.Slice((*byte)(unsafe.Pointer(&id)), C.sizeof_struct_nccl_id), message)
	n = &NCCL{library: library, stop: make(chan struct{})}
	failed := with(func() error { return n.connect(t, &id) })
	if why, err = firstError(t, failed); err != nil || why != "" {
		n.abort()
		return nil, why, err
	}
	n.stopped.Go(n.watch)
	return n, "", nil
}

// meetForNCCL returns why the GPUs of the ranks cannot be connected, or nothing.
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

// firstError returns the error of the first rank that has one.
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
	return n.settle("connecting", ncclConnects)
}

// Version returns the version of the library.
func (n *NCCL) Version() string { return n.library.version }

// Exchange launches an exchange with a peer on a stream: of numbers at an address of the GPU's memory, and of numbers
// that are received at another. It must be called on a thread on which the GPU is current.
func (n *NCCL) Exchange(peer int, from uint64, sent int, to uint64, received int, stream uintptr) error {
	n.calls.Lock()
	err := n.Failure()
	if err == nil {
		err = n.library.failure("an exchange", C.exchange_nccl(n.library.functions, n.comm, C.int(peer), C.uintptr_t(from), C.size_t(sent),
			C.uintptr_t(to), C.size_t(received), C.uintptr_t(stream)))
	}
	n.calls.Unlock()
	if err != nil {
		return err
	}
	return n.settle("an exchange", 0)
}

// settle waits until a call has done what must come before the next one, for the limit at most. 0 is no limit.
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

// state returns whether calls are under way, or their error.
func (n *NCCL) state() (C.int, error) {
	n.calls.Lock()
	defer n.calls.Unlock()
	if err := n.Failure(); err != nil {
		return 0, err
	}
	return n.look()
}

// look is state without the lock.
func (n *NCCL) look() (C.int, error) {
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
	tick := time.NewTicker(ncclLooks)
	defer tick.Stop()
	for {
		select {
		case <-n.stop:
			return
		case <-tick.C:
		}
		if err := n.glance(); err != nil {
			n.failure.Store(&err)
			n.abort()
			return
		}
	}
}

// glance looks for an error. A look may end a call for good, so that two looks must not meet.
func (n *NCCL) glance() error {
	defer n.enter()()
	_, err := n.look()
	return err
}

// enter waits for calls under way, and returns the function that lets others begin. A call that takes more than a
// second waits for a rank that is gone, and enter does not wait for it any longer.
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
