package ranks

import (
	"errors"
	"os"
)

// Transport connects the ranks of a run. One goroutine at a time may call Exchange, Send or Receive.
// The other methods may be called at any time.
type Transport interface {
	// Rank returns the number of this rank, and Size the number of ranks.
	Rank() int
	Size() int
	// Local returns the number of this rank among those on the same machine, and their number.
	Local() (rank, size int)
	// Name describes the transport to the user.
	Name() string
	// Host returns the name of the machine of this rank.
	Host() string
	// Exchange sends numbers to a peer and receives numbers from it. The peer must call Exchange with
	// this rank, and receive as many as are sent. send and received must not overlap.
	Exchange(peer int, send, received []float32) error
	// Send sends bytes to a peer, which must receive them. Messages to one peer arrive in order.
	Send(peer int, message []byte) error
	// Receive returns the next message from a peer.
	Receive(peer int) ([]byte, error)
	// Beat tells a peer that this rank is alive, with a number that says how far it is. It does not
	// wait for the peer.
	Beat(peer int, progress int64) error
	// Heard returns the beats that have arrived since the last call.
	Heard() ([]Heartbeat, error)
	// Abort ends the processes of all ranks, with the given exit code where the transport can.
	Abort(code int)
	// Close ends the connection. All ranks must call it.
	Close() error
}

// Heartbeat is what a rank has told about itself.
type Heartbeat struct {
	Rank     int
	Progress int64
}

// Alone is the transport of a run in one process.
type Alone struct{}

var errAlone = errors.New("ranks: a run in one process has no other rank")

func (Alone) Rank() int                                { return 0 }
func (Alone) Size() int                                { return 1 }
func (Alone) Local() (rank, size int)                  { return 0, 1 }
func (Alone) Name() string                             { return "one process" }
func (Alone) Host() string                             { return hostName() }
func (Alone) Exchange(int, []float32, []float32) error { return errAlone }
func (Alone) Send(int, []byte) error                   { return errAlone }
func (Alone) Receive(int) ([]byte, error)              { return nil, errAlone }
func (Alone) Beat(int, int64) error                    { return errAlone }
func (Alone) Heard() ([]Heartbeat, error)              { return nil, nil }
func (Alone) Abort(code int)                           { os.Exit(code) }
func (Alone) Close() error                             { return nil }

// hostName returns the name of this machine.
func hostName() string {
	name, err := os.Hostname()
	if err != nil {
		return "unknown"
	}
	return name
}
