package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"harmonium/dataset"
	"harmonium/engine"
	"harmonium/ranks"
	"harmonium/ranks/rankstest"
	"harmonium/rbm"
)

// launched sets the environment of Open MPI's mpirun for a process: its rank and the number of processes.
func launched(t *testing.T, rank, size int) {
	t.Helper()
	t.Setenv("OMPI_COMM_WORLD_RANK", fmt.Sprint(rank))
	t.Setenv("OMPI_COMM_WORLD_SIZE", fmt.Sprint(size))
}

// TestProcessesAreRefused: of four processes of a command that runs in one, or that was called wrongly, rank 0 says so
// and the others end without a message. The command version may run in several.
func TestProcessesAreRefused(t *testing.T) {
	t.Chdir(t.TempDir())
	for _, tc := range []struct {
		args []string
		code int
		want string
	}{
		{[]string{"inspect", "m"}, exitUsage, "harmonium: inspect: 4 processes were started, want one\n"},
		{[]string{"eval"}, exitUsage, "harmonium: eval: 0 arguments, want MODEL, or MODEL FILE\n"},
		{[]string{"train", "--data", "bars-and-stripes:4"}, exitFailure,
			"harmonium: train: 4 processes were started, but this build has no MPI, want one that was built with -tags mpi\n"},
	} {
		if tc.args[0] == "train" && ranks.HasMPI {
			continue // it would wait for the other processes
		}
		for rank := range 2 {
			launched(t, rank, 4)
			var stderr strings.Builder
			code := run(context.Background(), tc.args, io.Discard, &stderr)
			wantCode, want := tc.code, tc.want
			if rank > 0 {
				wantCode, want = 0, ""
			}
			if code != wantCode || stderr.String() != want {
				t.Errorf("%q as rank %d: exit code %d and %q, want %d and %q", tc.args, rank, code, &stderr, wantCode, want)
			}
		}
	}
	launched(t, 1, 4)
	if code := run(context.Background(), []string{"version"}, io.Discard, io.Discard); code != 0 {
		t.Errorf("version in several processes: exit code %d, want 0", code)
	}
	launched(t, 0, 1)
	var stderr strings.Builder
	code := run(context.Background(), []string{"train", "--timeout", "10ms"}, io.Discard, &stderr)
	if code != exitUsage || !strings.Contains(stderr.String(), "--timeout 10ms, want at least 5s") {
		t.Errorf("a short timeout: exit code %d and %q", code, &stderr)
	}
}

// TestMusterNamesTheRankThatDiffers: of three ranks rank 0 returns the error of rank 1, or what differs in the run that
// rank 1 has prepared, and the other two return errSaid.
func TestMusterNamesTheRankThatDiffers(t *testing.T) {
	own := preparedRun{Program: "1", Config: []byte(`{"hidden":3}`), Data: map[string]string{"train": "a", "valid": "b"}}
	for want, change := range map[string]func(m *preparedRun){
		"": func(*preparedRun) {},
		"rank 1 on there: no such file": func(m *preparedRun) {
			m.Error = "no such file"
		},
		"rank 1 on there runs another build than rank 0, want the same program on all": func(m *preparedRun) {
			m.Program = "2"
		},
		"rank 1 on there has other settings than rank 0: the same flags, files and checkpoint must be there": func(m *preparedRun) {
			m.Config = []byte(`{}`)
		},
		"rank 1 on there has other valid rows than rank 0, want the same data": func(m *preparedRun) {
			m.Data = map[string]string{"train": "a"}
		},
	} {
		errs := make([]error, 3)
		var all sync.WaitGroup
		for _, r := range rankstest.New(3) {
			all.Go(func() {
				m := own
				if r.Rank() == 1 {
					change(&m)
				}
				f := rankFlags{transport: r, hosts: []string{"here", "there", "nowhere"}}
				errs[r.Rank()] = f.agree(m, nil)
			})
		}
		all.Wait()
		if got := fmt.Sprint(errs[0]); want != "" && got != want || want == "" && errs[0] != nil {
			t.Errorf("rank 0: got error %q, want %q", got, want)
		}
		for rank := 1; rank < 3; rank++ {
			if errors.Is(errs[rank], errSaid) != (want != "") {
				t.Errorf("%q: rank %d: error %v", want, rank, errs[rank])
			}
		}
	}
}

// TestRanksAreTheSame: all three ranks return an error that names rank 1 if its model, rows, flags or build differ from
// rank 0's.
func TestRanksAreTheSame(t *testing.T) {
	m, err := rbm.NewModelOf(nil, nil, 3, 2)
	if err != nil {
		t.Fatal(err)
	}
	other := *m
	other.Weights = []float32{0, 0, 0, 0, 1, 0}
	rows := &dataset.Rows{N: 1, V: 3, Floats: []float32{0, 1, 0}}
	missing := &dataset.Rows{N: 1, V: 3, Floats: []float32{0, 1, 0}, Missing: []byte{0, 255, 0}}
	for want, check := range map[string]func(f *rankFlags, second bool) error{
		"": func(f *rankFlags, _ bool) error {
			return cmp.Or(f.sameModels(rbm.Stack{m}), f.sameRows(rows, missing), f.sameValues(rows.Floats),
				f.sameCommand(newEvalCommand()))
		},
		"rank 1 on there has another model than rank 0, want the same file on all": func(f *rankFlags, second bool) error {
			if second {
				return f.sameModels(rbm.Stack{&other})
			}
			return f.sameModels(rbm.Stack{m})
		},
		"rank 1 on there has other rows than rank 0, want the same data on all": func(f *rankFlags, second bool) error {
			if second {
				return f.sameRows(rows, missing)
			}
			return f.sameRows(rows, rows)
		},
		"rank 1 on there has other flags than rank 0, want the same flags on all": func(f *rankFlags, second bool) error {
			cmd := newEvalCommand()
			cmd.Flags().Set("threads", fmt.Sprint(1+f.transport.Rank())) // may differ
			if second {
				cmd.Flags().Set("runs", "7")
			}
			return f.sameCommand(cmd)
		},
		"rank 1 on there runs another build than rank 0, want the same program on all": func(f *rankFlags, second bool) error {
			sum := programSum()
			if second {
				sum += "0"
			}
			return f.sameProgram(sum)
		},
	} {
		errs := make([]error, 3)
		var all sync.WaitGroup
		for _, r := range rankstest.New(3) {
			all.Go(func() {
				f := &rankFlags{transport: r, hosts: []string{"here", "there", "nowhere"}}
				errs[r.Rank()] = check(f, r.Rank() == 1)
			})
		}
		all.Wait()
		for rank, err := range errs {
			if got := fmt.Sprint(err); got != want && (want != "" || err != nil) {
				t.Errorf("rank %d: got error %q, want %q", rank, got, want)
			}
		}
	}
}

// TestLostRankIsExplained: the message about a lost rank has its last update where the run can go on from a checkpoint.
func TestLostRankIsExplained(t *testing.T) {
	f := rankFlags{hosts: []string{"here", "there"}, resumes: true}
	got := f.explain(&ranks.Lost{Rank: 1, Progress: 57, Silence: 5012 * time.Millisecond})
	want := "rank 1 on there has been silent for 5s, last heard of after update 57; all ranks end, " +
		"and --resume goes on from the last checkpoint"
	if got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	f.resumes = false
	got, want = f.explain(&ranks.Lost{Rank: 1, Silence: time.Second}), "rank 1 on there has been silent for 1s; all ranks end"
	if got != want {
		t.Errorf("without a checkpoint: got %q, want %q", got, want)
	}
}

// TestRanksWaitForEachOther: during the first and the last call of MPI a rank ends after the patience of its turn, to the
// tick of 100 ms, or at once when its context ends; it does not end once the call is over. Time is simulated.
func TestRanksWaitForEachOther(t *testing.T) {
	for own := range 2 {
		synctest.Test(t, func(t *testing.T) {
			f, start := &rankFlags{timeout: 8 * time.Second}, time.Now()
			want := ranks.Patience(f.timeout, own)
			if ended, took := f.waits(t.Context(), own, nil), time.Since(start); !ended || took < want || took > want+100*time.Millisecond {
				t.Errorf("rank %d: ended %v after %v, want %v", own, ended, took, want)
			}
			over := make(chan struct{})
			time.AfterFunc(want-time.Second, func() { close(over) })
			if f.waits(t.Context(), own, over) {
				t.Errorf("rank %d: ended before %v", own, want)
			}
			ctx, stop := context.WithTimeout(t.Context(), time.Second)
			defer stop()
			start = time.Now()
			if ended, took := f.waits(ctx, own, nil), time.Since(start); !ended || took != time.Second {
				t.Errorf("rank %d: ended %v after %v, want at once when its context ends, after 1s", own, ended, took)
			}
			// Both ctx and over are closed now, and a select takes either; a wrong order survives 100 tries with a chance
			// of 2⁻¹⁰⁰.
			for range 100 {
				if f.waits(ctx, own, over) {
					t.Fatalf("rank %d: ended after the call was over", own)
				}
			}
		})
	}
}

// TestRanksShareTheirProcessors: three ranks on the same processors have a third of them as threads, rounded down, and at
// least one each.
func TestRanksShareTheirProcessors(t *testing.T) {
	const size = 3
	all := make([]rankFlags, size)
	var wait sync.WaitGroup
	for i, r := range rankstest.New(size) {
		all[i].transport = r
		wait.Go(func() {
			if err := all[i].meet(); err != nil {
				t.Error(err)
			}
		})
	}
	wait.Wait()
	for i := range all {
		f := &all[i]
		if f.sharers != size || len(f.hosts) != size || f.threads() != max(1, engine.Processors()/size) {
			t.Errorf("rank %d: %d ranks on %v share its processors, with %d threads each", i, f.sharers, f.hosts, f.threads())
		}
	}
}

// TestEighths: the rows of an examination are states, an eighth of them 1.
func TestEighths(t *testing.T) {
	rows := eighths(64, 784)
	sum := 0.0
	for _, mean := range rows.Means() {
		sum += mean / 784
	}
	if !rows.Binary() || math.Abs(sum-0.125) > 784*0x1p-52 { // rounding of 784 quotients and sums
		t.Errorf("states: %v, mean %v, want states with the mean 1/8", rows.Binary(), sum)
	}
}

// TestEndOfARunOfRanks: the end of a run of several processes has the threads of --threads, or all.
func TestEndOfARunOfRanks(t *testing.T) {
	for given, want := range map[int]int{1: 1, 3: 3, 0: engine.Processors()} {
		d, err := engine.OpenWith(engine.Options{Device: "cpu", Threads: 1, Ranks: rankstest.New(2)[0]})
		if err != nil {
			t.Fatal(err)
		}
		r := &trainRun{device: d, endThreads: given}
		leave, err := r.takeMachine()
		if err != nil {
			t.Fatal(err)
		}
		if name := r.device.Name(); !strings.Contains(name, plural(want, "thread")+")") || engine.Ranks(r.device).Size() != 1 {
			t.Errorf("--threads %d: got the device %s, want one of a single process with %d threads", given, name, want)
		}
		leave()
		d.Close()
	}
}
