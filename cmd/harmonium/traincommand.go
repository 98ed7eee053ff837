package main

import (
	"context"
	"io"

	"github.com/spf13/cobra"

	"harmonium/engine"
)

// run trains as the flags say.
func (f *trainFlags) run(cmd *cobra.Command) error {
	ctx, stop := context.WithCancel(cmd.Context())
	defer stop()
	f.ranks.resumes = true
	if err := f.ranks.open(ctx, cmd.ErrOrStderr(), stop); err != nil {
		return err
	}
	defer f.ranks.close(cmd.ErrOrStderr())
	if cmd.Flags().Changed("seeds") && !cmd.Flags().Changed("resume") {
		switch {
		case f.ranks.follows():
			return errSaid
		case f.ranks.several():
			return usagef("--seeds %d in %d processes, want one process, or one seed", f.seeds, f.ranks.transport.Size())
		}
		return f.runSeeds(cmd)
	}
	if f.ranks.several() {
		f.device.ranks, f.endThreads = f.ranks.transport, f.device.threads
		if f.device.threads == 0 {
			f.device.threads = f.ranks.threads()
		}
	} else {
		// No other rank calls stop. A context of a test that ends by its method Err ends the run, as this is not wrapped.
		ctx = cmd.Context()
	}
	defer f.device.close()
	defer func() { f.lock.Close() }()
	prepare := f.begin
	if cmd.Flags().Changed("resume") {
		prepare = f.goOn
	}
	r, err := prepare(ctx, cmd.Flags())
	if f.ranks.several() {
		err = f.ranks.muster(r, err)
	}
	if err != nil {
		return err
	}
	r.trainer.Note(f.ranks.watcher.Note)
	if f.ranks.several() {
		if err := engine.Connect(r.device); err != nil {
			return err
		}
		if r.forecast, err = r.trainer.Forecast(ctx, f.device.threads); err != nil {
			return f.ranks.silence(err)
		}
	}
	if f.ranks.follows() {
		return f.ranks.follow(ctx, r, cmd.ErrOrStderr())
	}
	defer context.AfterFunc(ctx, f.ranks.watcher.Ask)()
	r.out, r.result, r.progress = cmd.OutOrStdout(), io.Discard, newProgress(cmd.ErrOrStderr())
	if f.json {
		r.out, r.result = cmd.ErrOrStderr(), cmd.OutOrStdout()
	}
	err = r.run(ctx)
	if failed := r.trainer.Dismiss(); err == nil {
		err = failed
	}
	return err
}
