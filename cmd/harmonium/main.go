// Harmonium trains, evaluates and samples Restricted Boltzmann Machines.
//
// Each command is in the file of its name. root.go joins the commands and turns errors into
// one line and an exit code, flags.go, dataflags.go and schema.go hold flags that commands share,
// and help.go and flaggroup.go format the help. The flags of train become a run in traincommand.go,
// and trainrun.go is its course.
//
// These words are used throughout:
//
//	run folder   the files that one training run writes; runfolder.go lists them
//	provenance   strings in a model's file, by key, about the data, the settings and the progress of its run
//	spec         text that names rows: files, arrays in them or a built-in data set, see package dataset
//	part, split  the training, validation or test rows of a data set: "train", "valid" or "test"
//	table        rows whose columns stand for units by a schema, also of words
//	stack        models above each other; the last one names the files of the others
//	rank         a process of a run that mpirun started; rank 0 prints, the others follow it
package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"

	"harmonium/memory"
)

func main() {
	memory.Bound()
	os.Exit(run(signalled(), os.Args[1:], os.Stdout, os.Stderr))
}

// signalled returns a context that the first signal cancels, so that the command can save its work.
// A second signal ends the process. SIGQUIT is caught as well, so Go prints no stacks for it. SIGHUP
// stays ignored under nohup. SIGUSR1 and SIGUSR2 count because mpirun forwards no other signals, and
// because Slurm can send one of them before the time of a job is over.
func signalled() context.Context {
	ctx, cancel := context.WithCancel(context.Background())
	signals := append([]os.Signal{os.Interrupt, syscall.SIGTERM, syscall.SIGQUIT}, userSignals...)
	if !signal.Ignored(syscall.SIGHUP) {
		signals = append(signals, syscall.SIGHUP)
	}
	arrived := make(chan os.Signal, 2)
	signal.Notify(arrived, signals...)
	go func() {
		<-arrived
		cancel()
		<-arrived
		os.Exit(exitInterrupted)
	}()
	return ctx
}
