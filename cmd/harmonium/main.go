// Harmonium trains, evaluates and samples Restricted Boltzmann Machines.
//
// Each command is in the file of its name. root.go joins the commands and turns errors into
// one line and an exit code, flags.go holds the flags that commands share, and help.go and
// flaggroup.go format the help.
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
// A second signal ends the process. SIGQUIT does so without the stacks that Go prints by default, and
// SIGHUP stays ignored under nohup. The signals for users are among them, since mpirun passes on no
// others, and Slurm sends one of them before a job's time is over if the job asks for it.
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
