package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"time"
)

// commands lists the commands for errors. doc.go describes the kit.
const commands = "build (write the archive), run (measure, in an unpacked archive) or measure (both)"

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := command(ctx, os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "kit:", err)
		os.Exit(1)
	}
}

// command runs the command that the arguments name. The flags differ by command.
func command(ctx context.Context, arguments []string) error {
	if len(arguments) == 0 {
		return fmt.Errorf("no command, want %s", commands)
	}
	name := arguments[0]
	flags := flag.NewFlagSet("kit "+name, flag.ExitOnError)
	var o options      // of run and measure
	var archive string // of build
	switch name {
	case "build":
		flags.StringVar(&archive, "out", "harmonium-kit.tar.gz", "file to write")
	case "run", "measure":
		flags.StringVar(&o.out, "out", ".", "folder for kit.json, kit.md and the logs")
		flags.DurationVar(&o.limit, "limit", 8*time.Minute, "time for the whole run; steps that do not fit into it are left out")
		flags.BoolVar(&o.quick, "quick", false, "few tests and one small size, for a simulator")
		flags.StringVar(&o.python, "python", "", "Python with PyTorch (default: the first that has it)")
	default:
		return fmt.Errorf("command %q, want %s", name, commands)
	}
	if err := flags.Parse(arguments[1:]); err != nil {
		return err
	}
	if flags.NArg() > 0 {
		return fmt.Errorf("argument %q, want none", flags.Arg(0))
	}
	switch name {
	case "build":
		return build(ctx, archive)
	case "run":
		self, err := os.Executable() // it lies beside the parts of the kit
		if err != nil {
			return err
		}
		return o.run(ctx, filepath.Dir(self))
	}
	return o.measure(ctx)
}

// measure builds the archive in a temporary folder, unpacks it there and makes a run of the kit.
func (o options) measure(ctx context.Context) error {
	folder, err := os.MkdirTemp("", "kit")
	if err != nil {
		return err
	}
	defer os.RemoveAll(folder)
	archive := filepath.Join(folder, "kit.tar.gz")
	if err := build(ctx, archive); err != nil {
		return err
	}
	if err := unpack(archive, folder); err != nil {
		return err
	}
	return o.run(ctx, filepath.Join(folder, kitFolder))
}
