package ranks

import (
	"sync/atomic"
	"unsafe"
)

// mailbox exchanges numbers with ranks on the same machine through memory that they share. Numbers travel in
// chunks: the sender copies one to a slot of its own segment, and the receiver copies it from there while it is
// still in a cache. If the system copied a large message from one process to the other as a whole, its start would
// have left the cache before the receiver reads it.
type mailbox struct {
	own         int       // number of this rank on its machine
	segments    []segment // of all ranks on it
	sent, taken []uint64  // chunks sent to each of these ranks and taken from each, since the start
}

const (
	// A chunk, of 128 KiB, is small beside a second-level cache, and copying it takes much longer than the
	// changes of the two counts of its lane.
	chunk = 1 << 15 // numbers
	slots = 2       // one to fill while the receiver copies the other

	cacheLine = 64
)

// segment is the memory of one rank: a lane for each rank of the machine, and slots for chunks.
type segment struct {
	memory unsafe.Pointer // segmentSize bytes, zero at first, aligned to 8 bytes
	ranks  int
}

// lane counts the chunks that the owner of a segment has sent to one rank, and those that this rank has taken.
// Each count has a cache line of its own, as each is written by another process.
type lane struct {
	sent  atomic.Uint64
	_     [cacheLine - 8]byte
	taken atomic.Uint64
	_     [cacheLine - 8]byte
}

// segmentSize returns the number of bytes of a segment.
func segmentSize(ranks int) int { return ranks*int(unsafe.Sizeof(lane{})) + slots*chunk*4 }

func (s segment) lane(peer int) *lane {
	return (*lane)(unsafe.Add(s.memory, peer*int(unsafe.Sizeof(lane{}))))
}

// slot returns the place of chunk number n of a lane. The lanes of a segment share its slots, as one exchange
// at a time is under way.
func (s segment) slot(n uint64) []float32 {
	first := unsafe.Add(s.memory, s.ranks*int(unsafe.Sizeof(lane{}))+int(n%slots)*chunk*4)
	return unsafe.Slice((*float32)(first), chunk)
}

func newMailbox(own int, segments []segment) *mailbox {
	return &mailbox{own, segments, make([]uint64, len(segments)), make([]uint64, len(segments))}
}

// exchange is Transport.Exchange, or ExchangeAndAdd, with a rank of the machine. take copies a chunk to received or adds it to the
// numbers there. received may be send, since a chunk is taken after the same chunk of send has been copied. exchange
// calls wait while there is nothing to do. At its end the peer has taken all chunks, so that all slots are free.
func (m *mailbox) exchange(peer int, send, received []float32, take func(to, from []float32) int, wait func()) {
	mine, theirs := m.segments[m.own], m.segments[peer]
	out, in := mine.lane(peer), theirs.lane(m.own)
	sent, taken := &m.sent[peer], &m.taken[peer]
	ahead := 0 // chunks of send copied minus chunks taken
	for {
		idle := true
		if len(send) > 0 && *sent-out.taken.Load() < slots {
			send = send[copy(mine.slot(*sent), send):]
			*sent++
			out.sent.Store(*sent)
			ahead++
			idle = false
		}
		if len(received) > 0 && (ahead > 0 || len(send) == 0) && in.sent.Load() > *taken {
			received = received[take(received, theirs.slot(*taken)):]
			ahead--
			*taken++
			in.taken.Store(*taken)
			idle = false
		}
		if len(send) == 0 && len(received) == 0 && out.taken.Load() == *sent {
			return
		}
		if idle {
			wait()
		}
	}
}

func copyNumbers(to, from []float32) int { return copy(to, from) }

// addNumbers adds numbers to others, up to the end of the shorter slice, and returns how many.
func addNumbers(to, from []float32) int {
	n := min(len(to), len(from))
	for i, x := range from[:n] {
		to[i] += x
	}
	return n
}
