package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"harmonium/engine"
	"harmonium/ranks"
)

// errSaid is the error of a rank that has nothing to say, since another one says it.
var errSaid = errors.New("rank 0 has said what is wrong")

// ownErrorAfter is the time that a rank with an error waits for rank 0 to end the run. If rank 0 does not end it, it
// does not have the same error, and the rank prints its own. The time is chosen.
const ownErrorAfter = 3 * time.Second

// rankFlags are the flags of a run in several processes, and the ranks themselves once they are open.
type rankFlags struct {
	timeout time.Duration

	transport ranks.Transport // nil before open
	watcher   *ranks.Watcher
	hosts     []string // by rank
	resumes   bool     // a run that is lost can go on from a checkpoint
	sharers   int      // number of ranks that may run on the same processors as this one, with this one
}

func (f *rankFlags) add(cmd *cobra.Command) {
	addGroup(cmd, groupDevice, func(flags *pflag.FlagSet) {
		flags.DurationVar(&f.timeout, "timeout", 2*time.Minute, "time within which a run in several processes, which mpirun starts, ends when one of them is silent; at least 5s")
	})
}

// follows reports whether this process follows rank 0.
func (f *rankFlags) follows() bool { return f.transport != nil && f.transport.Rank() > 0 }

// several reports whether the run has several processes.
func (f *rankFlags) several() bool { return f.transport != nil && f.transport.Size() > 1 }

// open connects the processes of a run. It has stop called on rank 0 when another rank asks to end the run, and on
// the others when rank 0 does.
func (f *rankFlags) open(ctx context.Context, stderr io.Writer, stop func()) error {
	if f.timeout < ranks.LeastTimeout {
		return usagef("--timeout %v, want at least %v", f.timeout, ranks.LeastTimeout)
	}
	own, size := ranks.Launched()
	done := func() {}
	if size > 1 {
		done = f.within(ctx, own, stderr, fmt.Sprintf("rank %d of %d has waited for the others for %v: one of them has stopped, or cannot be reached", own, size, ranks.Patience(f.timeout, own)))
	}
	var err error
	f.transport, err = ranks.Open()
	done()
	switch {
	case errors.Is(err, ranks.ErrOtherMPI) && own > 0:
		return errSaid
	case err != nil:
		return err
	}
	f.watcher = ranks.Watch(f.transport, f.timeout, func(e *ranks.Lost) {
		fmt.Fprintf(stderr, "harmonium: %s\n", plainLine(f.explain(e)))
		f.transport.Abort(exitLost)
	}, stop)
	return f.meet()
}

// within ends this process, which has the rank own, with a message unless the returned function is called in time.
// It is for the first and the last call of MPI, during which ranks cannot tell each other that they are
// alive. Rank 0 speaks first (see [ranks.Patience]). After a process has spoken, mpirun asks all others to end: they
// end without a message.
func (f *rankFlags) within(ctx context.Context, own int, stderr io.Writer, message string) (done func()) {
	over := make(chan struct{})
	go func() {
		if !f.waits(ctx, own, over) {
			return
		}
		if ctx.Err() != nil {
			os.Exit(exitInterrupted)
		}
		fmt.Fprintf(stderr, "harmonium: %s\n", message)
		os.Exit(exitLost)
	}()
	return func() { close(over) }
}

// waits waits until the call of MPI is over, and reports whether the patience of the rank or ctx ends before.
func (f *rankFlags) waits(ctx context.Context, own int, over <-chan struct{}) bool {
	tick := time.NewTicker(100 * time.Millisecond) // far shorter than the seconds of a patience
	defer tick.Stop()
	start, patience := time.Now(), ranks.Patience(f.timeout, own)
	for last := start; ; {
		select {
		case <-over:
			return false
		case <-ctx.Done():
			select {
			case <-over: // as well, and perhaps before
				return false
			default:
				return true
			}
		case <-tick.C:
		}
		now := time.Now()
		if now.Sub(last) > patience/2 { // this process was itself stopped
			start = now
		}
		if last = now; now.Sub(start) >= patience {
			return true
		}
	}
}

// seat is the place of a rank: its machine, and the processors that it may run on.
type seat struct {
	Host       string `json:"host"`
	Processors string `json:"processors"`
}

// meet gives every rank the places of all ranks, by way of rank 0, and sets hosts and sharers.
func (f *rankFlags) meet() error {
	own := seat{f.transport.Host(), allowedProcessors()}
	message, err := json.Marshal(own)
	if err != nil {
		return err
	}
	all, err := ranks.Gather(f.transport, message) // on rank 0 alone
	if err != nil {
		return err
	}
	var seats []seat
	for _, message := range all {
		var s seat
		if err := json.Unmarshal(message, &s); err != nil {
			return err
		}
		seats = append(seats, s)
	}
	if message, err = json.Marshal(seats); err == nil {
		message, err = ranks.Broadcast(f.transport, message)
	}
	if err == nil {
		err = json.Unmarshal(message, &seats)
	}
	for _, s := range seats {
		f.hosts = append(f.hosts, s.Host)
		if s == own {
			f.sharers++
		}
	}
	return err
}

// allowedProcessors lists the processors that this process may run on, as Linux names them; it is empty
// elsewhere. mpirun and Slurm may bind each process to processors of its own.
func allowedProcessors() string {
	status, _ := os.ReadFile("/proc/self/status")
	_, list, _ := strings.Cut(string(status), "Cpus_allowed_list:")
	list, _, _ = strings.Cut(list, "\n")
	return strings.TrimSpace(list)
}

// threads returns the number of threads of this process, if no flag gives it: its share of the processors
// that it may run on.
func (f *rankFlags) threads() int { return max(1, engine.Processors()/max(1, f.sharers)) }

// name names a rank and its machine.
func (f *rankFlags) name(rank int) string {
	if rank < len(f.hosts) {
		return fmt.Sprintf("rank %d on %s", rank, f.hosts[rank])
	}
	return fmt.Sprintf("rank %d", rank)
}

// explain returns a message that a rank was lost.
func (f *rankFlags) explain(e *ranks.Lost) string {
	text := fmt.Sprintf("%s has been silent for %v", f.name(e.Rank), e.Silence.Round(100*time.Millisecond))
	if !f.resumes {
		return text + "; all ranks end"
	}
	return fmt.Sprintf("%s, last heard of after update %d; all ranks end, and --resume goes on from the last checkpoint", text, e.Progress)
}

// close ends the connection.
func (f *rankFlags) close(stderr io.Writer) {
	if f.transport == nil {
		return
	}
	f.watcher.Close()
	own := f.transport.Rank()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM) // the context of the run may have ended
	defer stop()
	done := f.within(ctx, own, stderr, fmt.Sprintf("rank %d has waited for %v for the others to end: all its own work is done", own, ranks.Patience(f.timeout, own)))
	f.transport.Close()
	done()
}

// preparedRun is what a rank tells about the run that it has prepared, before the first update.
type preparedRun struct {
	Error   string            `json:"error,omitempty"`
	Program string            `json:"program"` // version and sum of the file
	Device  string            `json:"device"`
	Config  json.RawMessage   `json:"config,omitempty"`
	Data    map[string]string `json:"data"` // sums of the parts of the data
}

// muster compares the runs that the ranks have prepared, given this rank's error of preparing its run. On rank 0 it
// returns err if that is not nil, else an error that names a rank whose run is another one. The other ranks then
// return errSaid.
func (f *rankFlags) muster(r *trainRun, err error) error {
	own := preparedRun{Program: programSum()}
	if err != nil {
		own.Error = err.Error()
		return f.agree(own, err)
	}
	var failed error
	if own.Config, failed = json.Marshal(r.trainer.Config()); failed != nil {
		return failed
	}
	own.Data, own.Device = r.trainer.Fingerprints(), deviceAmong(r.device)
	return f.agree(own, nil)
}

// deviceAmong names a device for a comparison with the devices of other ranks. The kernels of all hosts have the same
// bits; GPUs of two kinds may round differently.
func deviceAmong(d engine.Device) string {
	if engine.OnHost(d) {
		return "cpu"
	}
	return d.Name()
}

// agree gathers the prepared runs on rank 0, compares them there and tells the others to end or to go on. err is the
// error of this rank; what agree returns stands at [rankFlags.muster].
func (f *rankFlags) agree(own preparedRun, err error) error {
	message, failed := json.Marshal(own)
	if failed != nil {
		return failed
	}
	all, failed := ranks.Gather(f.transport, message)
	if failed != nil {
		return failed
	}
	for rank := 1; rank < len(all) && err == nil; rank++ { // all is empty but on rank 0
		err = f.compare(rank, all[rank], own)
	}
	var verdict string
	if err != nil {
		verdict = "end"
	}
	message, failed = ranks.Broadcast(f.transport, []byte(verdict))
	switch {
	case failed != nil:
		return failed
	case f.transport.Rank() == 0:
		return err
	case len(message) > 0:
		return errSaid
	}
	return nil
}

// compare returns an error if a rank has prepared another run.
func (f *rankFlags) compare(rank int, message []byte, own preparedRun) error {
	var other preparedRun
	if err := json.Unmarshal(message, &other); err != nil {
		return fmt.Errorf("%s: %w", f.name(rank), err)
	}
	switch {
	case other.Error != "":
		return fmt.Errorf("%s: %s", f.name(rank), other.Error)
	case other.Program != own.Program:
		return fmt.Errorf("%s runs another build than rank 0, want the same program on all", f.name(rank))
	case !bytes.Equal(other.Config, own.Config):
		return fmt.Errorf("%s has other settings than rank 0: the same flags, files and checkpoint must be there", f.name(rank))
	}
	if other.Device != own.Device {
		return fmt.Errorf("%s computes on %s and rank 0 on %s, want the same: --device cpu, or a GPU of one kind for each", f.name(rank), other.Device, own.Device)
	}
	for _, part := range []string{"train", "valid", "test"} {
		if other.Data[part] != own.Data[part] {
			return fmt.Errorf("%s has other %s rows than rank 0, want the same data", f.name(rank), part)
		}
	}
	return nil
}

// follow makes the updates that rank 0 orders. It tells rank 0 if this process is asked to end.
func (f *rankFlags) follow(ctx context.Context, r *trainRun, stderr io.Writer) error {
	defer context.AfterFunc(ctx, f.watcher.Ask)()
	err := r.trainer.Follow(ctx)
	if err == nil {
		return nil
	}
	late := time.AfterFunc(ownErrorAfter, func() {
		fmt.Fprintf(stderr, "harmonium: %s\n", plainLine(fmt.Sprintf("%s: %v", f.name(f.transport.Rank()), err)))
		f.transport.Abort(exitFailure)
	})
	defer late.Stop()
	if r.trainer.Await() != nil {
		select {} // the connection is gone: another rank ends this process, or else late does
	}
	return errSaid // rank 0 ended the run in time
}

// refuseRanks returns an error if several processes of a command were started that runs in one.
func refuseRanks(cmd *cobra.Command) error {
	rank, size := ranks.Launched()
	several := slices.Contains([]string{"train", "eval", "score", "sample", "impute", "classify", "features", "compare", "doctor"}, cmd.Name())
	switch {
	case size == 1 || several && ranks.HasMPI || slices.Contains([]string{"help", "version", cobra.ShellCompRequestCmd, cobra.ShellCompNoDescRequestCmd}, cmd.Name()):
		return nil
	case rank > 0:
		return errSaid
	case several:
		return fmt.Errorf("%s: %d processes were started, but this build has no MPI, want one that was built with -tags mpi", cmd.Name(), size)
	}
	return usagef("%s: %d processes were started, want one", cmd.Name(), size)
}

// takeMachine gives a run of several processes a device with the threads of --threads, or with all processors that this
// process may run on, when the other processes have nothing left to do. Results do not depend on the number of threads.
// leave closes the device.
func (r *trainRun) takeMachine() (leave func(), err error) {
	leave = func() {}
	if engine.Ranks(r.device).Size() == 1 || !engine.OnHost(r.device) {
		return leave, nil
	}
	d, err := engine.Open("cpu", r.endThreads)
	if err != nil {
		return leave, err
	}
	r.device = d
	return func() { d.Close() }, nil
}
