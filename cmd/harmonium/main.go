// Harmonium trains, evaluates and samples Restricted Boltzmann Machines.
//
// Each command is in the file of its name; root.go puts them together and turns
// errors into one line and an exit code, flags.go holds what they share.
package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"
)

func main() {
	// The first signal ends ctx, and the command ends in good order; stop gives the
	// second one its ordinary meaning back.
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop)
	os.Exit(run(ctx, os.Args[1:], os.Stdout, os.Stderr))
}
