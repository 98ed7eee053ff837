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
	// The first signal cancels ctx, so that the command can save its work. stop restores the
	// default action of a second signal, which ends the process.
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop)
	os.Exit(run(ctx, os.Args[1:], os.Stdout, os.Stderr))
}
