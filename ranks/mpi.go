//go:build mpi && cgo

package ranks

/*
#cgo pkg-config: mpi-c
#include <mpi.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { NUMBERS = 1, MESSAGE, BEAT };

// The requests under way: one send and one receive, and one beat for each peer.
static MPI_Request sending = MPI_REQUEST_NULL, receiving = MPI_REQUEST_NULL, *beats;
static int64_t *told; // the progress in the last beat to each peer, which MPI may read while the beat is under way

// The ranks on this machine, and memory that they share.
static MPI_Comm machine;
static MPI_Win window = MPI_WIN_NULL;

// The number of this rank and of all ranks, in the run and on this machine, and the level of threads that MPI allows.
struct place { int rank, size, local, locals, level; };

// Starts MPI. It returns a code of MPI, as all functions here do.
static int start(struct place *p, char *version, int *length) {
    int code = MPI_Init_thread(NULL, NULL, MPI_THREAD_SERIALIZED, &p->level);
    if (code != MPI_SUCCESS) return code;
    MPI_Comm_set_errhandler(MPI_COMM_WORLD, MPI_ERRORS_RETURN);
    if ((code = MPI_Comm_rank(MPI_COMM_WORLD, &p->rank)) || (code = MPI_Comm_size(MPI_COMM_WORLD, &p->size))) return code;
    code = MPI_Comm_split_type(MPI_COMM_WORLD, MPI_COMM_TYPE_SHARED, 0, MPI_INFO_NULL, &machine);
    if (code || (code = MPI_Comm_rank(machine, &p->local)) || (code = MPI_Comm_size(machine, &p->locals))) return code;
    beats = malloc(p->size * sizeof *beats);
    told = malloc(p->size * sizeof *told);
    if (!beats || !told) return MPI_ERR_OTHER;
    for (int i = 0; i < p->size; i++) beats[i] = MPI_REQUEST_NULL;
    return MPI_Get_library_version(version, length);
}

// Writes the numbers in the run of the ranks on this machine to world, in the order of their numbers on it, and makes
// memory that they share, `size` bytes of each, which are zero. MPI lets ranks use such memory while it is locked;
// after Win_sync and the barrier all of them see the zeros.
static int share(int *world, int rank, int64_t size) {
    void *own;
    int code = MPI_Allgather(&rank, 1, MPI_INT, world, 1, MPI_INT, machine);
    if (code || (code = MPI_Win_allocate_shared(size, 1, MPI_INFO_NULL, machine, &own, &window))) return code;
    memset(own, 0, size);
    if ((code = MPI_Win_lock_all(MPI_MODE_NOCHECK, window)) || (code = MPI_Win_sync(window))) return code;
    return MPI_Barrier(machine);
}

// Writes the memory that a rank on this machine shares to memory.
static int shared_by(int local, void **memory) {
    MPI_Aint size;
    int unit;
    return MPI_Win_shared_query(window, local, &size, &unit, memory);
}

static int stop_sharing(void) {
    if (window == MPI_WIN_NULL) return MPI_SUCCESS;
    int code = MPI_Win_unlock_all(window);
    return code ? code : MPI_Win_free(&window);
}

static int send_to(const void *x, int count, int numbers, int peer) {
    return MPI_Isend(x, count, numbers ? MPI_FLOAT : MPI_BYTE, peer, numbers ? NUMBERS : MESSAGE, MPI_COMM_WORLD, &sending);
}

static int receive_from(void *x, int count, int numbers, int peer) {
    return MPI_Irecv(x, count, numbers ? MPI_FLOAT : MPI_BYTE, peer, numbers ? NUMBERS : MESSAGE, MPI_COMM_WORLD, &receiving);
}

// Returns in done whether both requests are complete.
static int test(int *done) {
    int sent, received, code = MPI_Test(&sending, &sent, MPI_STATUS_IGNORE);
    if (!code) code = MPI_Test(&receiving, &received, MPI_STATUS_IGNORE);
    *done = !code && sent && received;
    return code;
}

// Returns in count the length of the next message of a peer, or -1 if there is none.
static int probe(int peer, int *count) {
    int found;
    MPI_Status status;
    *count = -1;
    int code = MPI_Iprobe(peer, MESSAGE, MPI_COMM_WORLD, &found, &status);
    return code || !found ? code : MPI_Get_count(&status, MPI_BYTE, count);
}

// Sends a beat unless the last one to the peer is still under way.
static int beat(int peer, int64_t progress) {
    int sent, code = MPI_Test(&beats[peer], &sent, MPI_STATUS_IGNORE);
    if (code || !sent) return code;
    told[peer] = progress;
    return MPI_Isend(&told[peer], sizeof progress, MPI_BYTE, peer, BEAT, MPI_COMM_WORLD, &beats[peer]);
}

// Receives a beat, if there is one. Else peer is -1.
static int hear(int *peer, int64_t *progress) {
    int found;
    MPI_Status status;
    *peer = -1;
    int code = MPI_Iprobe(MPI_ANY_SOURCE, BEAT, MPI_COMM_WORLD, &found, &status);
    if (code || !found) return code;
    *peer = status.MPI_SOURCE;
    return MPI_Recv(progress, sizeof *progress, MPI_BYTE, *peer, BEAT, MPI_COMM_WORLD, MPI_STATUS_IGNORE);
}

// Waits for some nanoseconds. Go's own sleep takes a millisecond at least where nothing else runs.
static void pause_for(long nanoseconds) {
    struct timespec t = {0, nanoseconds};
    nanosleep(&t, NULL);
}

static void explain(int code, char *text, int *length) { MPI_Error_string(code, text, length); }
static void abort_all(int code) { MPI_Abort(MPI_COMM_WORLD, code); }

// Ends the connection, after the beats that are still under way have been received.
static int finish(int size) {
    int64_t progress;
    int code = MPI_Barrier(MPI_COMM_WORLD);
    for (int peer = 0; !code && peer >= 0;) code = hear(&peer, &progress);
    if (code || (code = stop_sharing())) return code;
    for (int i = 0; i < size; i++) {
        if (beats[i] != MPI_REQUEST_NULL) MPI_Request_free(&beats[i]);
    }
    return MPI_Finalize();
}

enum { MOST_VERSION = MPI_MAX_LIBRARY_VERSION_STRING, MOST_ERROR = MPI_MAX_ERROR_STRING };
*/
import "C"

import (
	"fmt"
	"os"
	"runtime"
	"strings"
	"sync"
	"time"
	"unsafe"
)

const (
	// mostCount is the largest number of elements of one message of MPI, whose counts are ints. 2²⁸ is chosen: the floats
	// are 1 GiB, so that their number of bytes is an int too.
	mostCount = 1 << 28

	// A rank that waits asks MPI without a pause for spinTime, then every shortPause until patientTime, and then
	// every longPause. In place of spinTime it is crowdedTime if the processors are needed meanwhile: by other ranks,
	// where a machine has more of them than processors, or by this rank's own threads, where it exchanges with other
	// machines while it computes. The times are chosen. With pauses of a millisecond after
	// crowdedTime, an update of 784x500 weights from 500 rows on two ranks took 7.7 ms, and 4.4 ms with these.
	spinTime    = 2 * time.Millisecond
	crowdedTime = 100 * time.Microsecond
	shortPause  = 50 * time.Microsecond
	patientTime = 50 * time.Millisecond
	longPause   = time.Millisecond
)

// mpi is the transport of a run that MPI started. Its mutex lets one thread at a time call MPI.
type mpi struct {
	mutex         sync.Mutex
	rank, size    int
	local, locals int
	spin          time.Duration
	name, host    string

	mailbox *mailbox    // for the ranks on this machine; nil where it has no other
	near    map[int]int // the ranks on this machine, by their numbers in the run: their numbers on it
}

// HasMPI reports whether this build includes MPI.
const HasMPI = true

func openMPI() (Transport, error) {
	var place C.struct_place
	var version [C.MOST_VERSION]C.char
	var length C.int
	if err := failure(C.start(&place, &version[0], &length)); err != nil {
		return nil, err
	}
	if place.level < C.MPI_THREAD_SERIALIZED {
		return nil, fmt.Errorf("ranks: MPI lets one thread alone call it (level %d), want MPI_THREAD_SERIALIZED",
			int(place.level))
	}
	// The name and the version of the library end at a comma (Open MPI) or with the line (MPICH).
	name, _, _ := strings.Cut(C.GoStringN(&version[0], length), ",")
	name, _, _ = strings.Cut(strings.ReplaceAll(strings.TrimRight(name, "\x00"), "\t", " "), "\n")
	spin := spinTime
	if place.locals < place.size || int(place.locals) > int(C.sysconf(C._SC_NPROCESSORS_ONLN)) {
		spin = crowdedTime
	}
	m := &mpi{
		spin: spin,
		rank: int(place.rank), size: int(place.size), local: int(place.local), locals: int(place.locals),
		name: strings.Join(strings.Fields(name), " "), host: hostName(),
	}
	if m.locals > 1 {
		if err := m.share(); err != nil {
			return nil, fmt.Errorf("%w (memory that the %d ranks on %s share)", err, m.locals, m.host)
		}
	}
	return m, nil
}

// share opens the mailbox of the ranks on this machine.
func (m *mpi) share() error {
	world := make([]C.int, m.locals)
	size := (segmentSize(m.locals) + cacheLine - 1) / cacheLine * cacheLine
	if err := failure(C.share(&world[0], C.int(m.rank), C.int64_t(size))); err != nil {
		return err
	}
	segments := make([]segment, m.locals)
	m.near = map[int]int{}
	for local := range segments {
		var memory unsafe.Pointer
		if err := failure(C.shared_by(C.int(local), &memory)); err != nil {
			return err
		}
		segments[local] = segment{memory, m.locals}
		m.near[int(world[local])] = local
	}
	m.mailbox = newMailbox(m.local, segments)
	return nil
}

// failure returns the error that a code of MPI stands for.
func failure(code C.int) error {
	if code == C.MPI_SUCCESS {
		return nil
	}
	var text [C.MOST_ERROR]C.char
	var length C.int
	C.explain(code, &text[0], &length)
	return fmt.Errorf("ranks: MPI: %s", C.GoStringN(&text[0], length))
}

func (m *mpi) Rank() int               { return m.rank }
func (m *mpi) Size() int               { return m.size }
func (m *mpi) Local() (rank, size int) { return m.local, m.locals }
func (m *mpi) Name() string            { return m.name }
func (m *mpi) Host() string            { return m.host }

// call calls MPI.
func (m *mpi) call(f func() C.int) error {
	m.mutex.Lock()
	defer m.mutex.Unlock()
	return failure(f())
}

// until calls MPI again and again until f reports that it is done.
func (m *mpi) until(f func(done *bool) C.int) error {
	wait := m.waiting()
	for done := false; ; wait() {
		if err := m.call(func() C.int { return f(&done) }); err != nil || done {
			return err
		}
	}
}

// waiting returns a function to call between two questions to MPI: it pauses longer, the longer it is since
// waiting was called.
func (m *mpi) waiting() (wait func()) {
	start := time.Now()
	return func() {
		switch waited := time.Since(start); {
		case waited < m.spin:
			runtime.Gosched()
		case waited < patientTime:
			C.pause_for(C.long(shortPause))
		default:
			time.Sleep(longPause)
		}
	}
}

// complete waits for the requests under way.
func (m *mpi) complete() error {
	return m.until(func(done *bool) C.int {
		var both C.int
		code := C.test(&both)
		*done = both != 0
		return code
	})
}

func (m *mpi) Exchange(peer int, send, received []float32) error {
	if local, near := m.near[peer]; near {
		m.mailbox.exchange(local, send, received, copyNumbers, m.waiting())
		return nil
	}
	for len(send)+len(received) > 0 {
		n, k := min(len(send), mostCount), min(len(received), mostCount)
		if err := m.exchange(peer, send[:n], received[:k]); err != nil {
			return err
		}
		send, received = send[n:], received[k:]
	}
	return nil
}

// ExchangeAndAdd adds numbers of ranks on this machine where they lie.
func (m *mpi) ExchangeAndAdd(peer int, send, x, room []float32) error {
	if local, near := m.near[peer]; near {
		m.mailbox.exchange(local, send, x, addNumbers, m.waiting())
		return nil
	}
	if err := m.Exchange(peer, send, room); err != nil {
		return err
	}
	addNumbers(x, room)
	return nil
}

// exchange is Exchange by messages of MPI, of at most mostCount numbers. The numbers are pinned, as MPI keeps their
// addresses between its calls.
func (m *mpi) exchange(peer int, send, received []float32) error {
	var pins runtime.Pinner
	defer pins.Unpin()
	from, to := pinned(&pins, send), pinned(&pins, received)
	err := m.call(func() C.int {
		code := C.receive_from(to, C.int(len(received)), 1, C.int(peer))
		if code == C.MPI_SUCCESS {
			code = C.send_to(from, C.int(len(send)), 1, C.int(peer))
		}
		return code
	})
	if err != nil {
		return err
	}
	return m.complete()
}

// pinned pins the elements of x and returns their address. An empty x is not pinned: its address may be outside of Go's
// heap, where nothing can be pinned.
func pinned[T any](pins *runtime.Pinner, x []T) unsafe.Pointer {
	if len(x) > 0 {
		pins.Pin(&x[0])
	}
	return unsafe.Pointer(unsafe.SliceData(x))
}

// Send cuts a message into pieces that MPI can count. A piece that is not full is the last.
func (m *mpi) Send(peer int, message []byte) error {
	for {
		n := min(len(message), mostCount)
		if err := m.send(peer, message[:n]); err != nil || n < mostCount {
			return err
		}
		message = message[n:]
	}
}

func (m *mpi) send(peer int, piece []byte) error {
	var pins runtime.Pinner
	defer pins.Unpin()
	x := pinned(&pins, piece)
	if err := m.call(func() C.int { return C.send_to(x, C.int(len(piece)), 0, C.int(peer)) }); err != nil {
		return err
	}
	return m.complete()
}

func (m *mpi) Receive(peer int) ([]byte, error) {
	var message []byte
	for {
		piece, err := m.receive(peer)
		if err != nil {
			return nil, err
		}
		if message = append(message, piece...); len(piece) < mostCount {
			return message, nil
		}
	}
}

func (m *mpi) receive(peer int) ([]byte, error) {
	var count C.int
	err := m.until(func(done *bool) C.int {
		code := C.probe(C.int(peer), &count)
		*done = count >= 0
		return code
	})
	if err != nil {
		return nil, err
	}
	piece := make([]byte, count)
	var pins runtime.Pinner
	defer pins.Unpin()
	x := pinned(&pins, piece)
	if err := m.call(func() C.int { return C.receive_from(x, count, 0, C.int(peer)) }); err != nil {
		return nil, err
	}
	return piece, m.complete()
}

func (m *mpi) Beat(peer int, progress int64) error {
	return m.call(func() C.int { return C.beat(C.int(peer), C.int64_t(progress)) })
}

func (m *mpi) Heard() ([]Heartbeat, error) {
	var beats []Heartbeat
	for {
		var peer C.int
		var progress C.int64_t
		if err := m.call(func() C.int { return C.hear(&peer, &progress) }); err != nil || peer < 0 {
			return beats, err
		}
		beats = append(beats, Heartbeat{int(peer), int64(progress)})
	}
}

func (m *mpi) Abort(code int) {
	m.mutex.Lock() // for good: no call of MPI may follow
	C.abort_all(C.int(code))
	os.Exit(code)
}

func (m *mpi) Close() error {
	return m.call(func() C.int { return C.finish(C.int(m.size)) })
}
