// Package rankstest has a transport between goroutines, for tests of what ranks do together.
package rankstest

import (
	"errors"
	"sync"

	"harmonium/ranks"
)

// ErrAborted is the error of every call after a rank has aborted.
var ErrAborted = errors.New("rankstest: a rank has aborted")

// rank is the transport of one rank. All ranks of a group share its channels.
type rank struct {
	number int
	group  *group
}

// group connects the ranks.
type group struct {
	size     int
	numbers  [][]chan []float32 // by sender and receiver
	messages [][]chan []byte    // by sender and receiver
	aborted  chan struct{}      // closed by the first Abort
	abort    sync.Once
	code     int                 // of the first Abort
	mutex    sync.Mutex          // guards beats and mute
	beats    [][]ranks.Heartbeat // by receiver
	mute     []bool              // by sender: its beats get lost
	apart    bool                // Local says that each rank has a machine of its own
}

// Apart returns the transports of ranks that seem to be on machines of their own.
func Apart(size int) []ranks.Transport {
	all := New(size)
	all[0].(rank).group.apart = true
	return all
}

// New returns the transports of the given number of ranks in this process. Channels of numbers have room for one
// slice, as both ranks of an exchange put before they take. Channels of bytes have room for 16 messages (chosen), as MPI
// sends small messages without waiting for the receiver.
func New(size int) []ranks.Transport {
	g := &group{size: size, aborted: make(chan struct{}), beats: make([][]ranks.Heartbeat, size), mute: make([]bool, size)}
	var all []ranks.Transport
	for number := range size {
		var numbers []chan []float32
		var messages []chan []byte
		for range size {
			numbers, messages = append(numbers, make(chan []float32, 1)), append(messages, make(chan []byte, 16))
		}
		g.numbers, g.messages = append(g.numbers, numbers), append(g.messages, messages)
		all = append(all, rank{number, g})
	}
	return all
}

// Mute lets all further beats of a rank get lost, as if its process had stopped.
func Mute(t ranks.Transport) {
	r := t.(rank)
	r.group.mutex.Lock()
	defer r.group.mutex.Unlock()
	r.group.mute[r.number] = true
}

// AbortCode returns the exit code of a group that was aborted.
func AbortCode(t ranks.Transport) (code int, aborted bool) {
	g := t.(rank).group
	select {
	case <-g.aborted:
		return g.code, true
	default:
		return 0, false
	}
}

func (r rank) Rank() int { return r.number }
func (r rank) Size() int { return r.group.size }
func (r rank) Local() (rank, size int) {
	if r.group.apart {
		return 0, 1
	}
	return r.number, r.group.size
}
func (r rank) Name() string { return "goroutines" }
func (r rank) Host() string { return "here" }
func (r rank) Close() error { return nil }

func (r rank) Abort(code int) {
	r.group.abort.Do(func() {
		r.group.code = code
		close(r.group.aborted)
	})
}

func (r rank) Exchange(peer int, send, received []float32) error {
	if err := put(r.group, r.group.numbers[r.number][peer], append([]float32(nil), send...)); err != nil {
		return err
	}
	x, err := take(r.group, r.group.numbers[peer][r.number])
	if err == nil && len(x) != len(received) {
		return errors.New("rankstest: ranks exchange different numbers of elements")
	}
	copy(received, x)
	return err
}

func (r rank) Send(peer int, message []byte) error {
	return put(r.group, r.group.messages[r.number][peer], append([]byte(nil), message...))
}

func (r rank) Receive(peer int) ([]byte, error) {
	return take(r.group, r.group.messages[peer][r.number])
}

// put sends x unless a rank has aborted, before or while it waits.
func put[T any](g *group, to chan T, x T) error {
	select {
	case <-g.aborted:
		return ErrAborted
	default:
	}
	select {
	case to <- x:
		return nil
	case <-g.aborted:
		return ErrAborted
	}
}

// take receives what another rank has put, or ErrAborted.
func take[T any](g *group, from chan T) (x T, err error) {
	select {
	case x = <-from:
		return x, nil
	case <-g.aborted:
		return x, ErrAborted
	}
}

func (r rank) Beat(peer int, progress int64) error {
	r.group.mutex.Lock()
	defer r.group.mutex.Unlock()
	if !r.group.mute[r.number] {
		r.group.beats[peer] = append(r.group.beats[peer], ranks.Heartbeat{Rank: r.number, Progress: progress})
	}
	return nil
}

func (r rank) Heard() ([]ranks.Heartbeat, error) {
	r.group.mutex.Lock()
	defer r.group.mutex.Unlock()
	beats := r.group.beats[r.number]
	r.group.beats[r.number] = nil
	return beats, nil
}
