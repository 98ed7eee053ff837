package main

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"hash"
	"io"
	"os"
	"slices"
	"sync"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"harmonium/dataset"
	"harmonium/ranks"
	"harmonium/rbm"
)

// A command whose work the processes of a run divide among them runs in all of them alike: each reads the model
// and the rows, and computes its part wherever package likelihood or package sample divides work. Process 0
// alone writes and prints.

// ownFlags are flags that may differ between the processes of a run.
var ownFlags = []string{"threads", "device"}

// divide returns run within what the processes of a run need: their connection, the comparison of their flags, and
// one end for all. In a single process it is run alone.
func (f *rankFlags) divide(d *deviceFlags, run func(*cobra.Command, []string) error) func(*cobra.Command, []string) error {
	return func(cmd *cobra.Command, args []string) error {
		ctx, stop := context.WithCancel(cmd.Context())
		defer stop()
		stderr := cmd.ErrOrStderr()
		if err := f.open(ctx, stderr, stop); err != nil {
			return err
		}
		defer f.close(stderr)
		if !f.several() {
			return run(cmd, args)
		}
		defer context.AfterFunc(ctx, f.watcher.Ask)() // an interrupt of one rank ends all
		cmd.SetContext(ctx)
		if f.follows() {
			cmd.SetOut(io.Discard)
			cmd.SetErr(io.Discard)
		}
		d.ranks, d.divided = f.transport, true
		if d.threads == 0 {
			d.threads = f.threads()
		}
		err := f.sameCommand(cmd)
		if err == nil {
			err = run(cmd, args)
		}
		return f.silence(ranks.Conclude(f.transport, err))
	}
}

// silence returns the error that a rank prints: rank 0 alone prints one.
func (f *rankFlags) silence(err error) error {
	if err != nil && f.follows() && errors.As(err, new(*ranks.Failed)) {
		return errSaid
	}
	return err
}

// sameCommand returns an error unless all ranks have the same build and the same flags.
func (f *rankFlags) sameCommand(cmd *cobra.Command) error {
	given := map[string]string{}
	cmd.Flags().Visit(func(flag *pflag.Flag) {
		if !slices.Contains(ownFlags, flag.Name) {
			given["--"+flag.Name] = flag.Value.String()
		}
	})
	flags, err := json.Marshal(given)
	if err != nil {
		return err
	}
	if err := f.sameProgram(programSum()); err != nil {
		return err
	}
	return f.same("has other flags", "the same flags", append([]byte(cmd.Name()), flags...))
}

// sameProgram returns an error unless all ranks have the same sum of their program.
func (f *rankFlags) sameProgram(sum string) error {
	return f.same("runs another build", "the same program", []byte(sum))
}

// sameModels returns an error unless all ranks have read the same models.
func (f *rankFlags) sameModels(models rbm.Stack) error {
	if !f.several() {
		return nil
	}
	h := sha256.New()
	for _, m := range models {
		fmt.Fprintln(h, m.Visible.Units, m.Hidden.Units)
		for _, x := range [][]float32{
			m.Weights, m.Visible.Bias, m.Hidden.Bias, m.Visible.LogVariance, m.Hidden.LogVariance, m.Hidden.Jump, m.Hidden.Skew,
			m.Lateral, m.BaseRates, m.BaseVariances,
		} {
			addTo(h, x)
		}
	}
	return f.same("has another model", "the same file", h.Sum(nil))
}

// sameRows returns an error unless all ranks have read the same rows.
func (f *rankFlags) sameRows(rows ...*dataset.Rows) error {
	if !f.several() {
		return nil
	}
	var sums []byte
	for _, r := range rows {
		sums = append(sums, r.Fingerprint()...)
	}
	return f.same("has other rows", "the same data", sums)
}

// sameValues returns an error unless all ranks have read the same values of rows.
func (f *rankFlags) sameValues(x []float32) error {
	if !f.several() {
		return nil
	}
	h := sha256.New()
	addTo(h, x)
	return f.same("has other rows", "the same data", h.Sum(nil))
}

// addTo adds the length and the elements of x to a hash.
func addTo(h hash.Hash, x []float32) {
	fmt.Fprintln(h, len(x))
	binary.Write(h, binary.LittleEndian, x)
}

// same returns an error on all ranks if a sum differs from the sum of rank 0: "rank 1 on HOST <differs> than rank 0,
// want <want> on all", for the first such rank.
func (f *rankFlags) same(differs, want string, sum []byte) error {
	all, err := ranks.JoinBytes(f.transport, sum)
	if err != nil {
		return err
	}
	for rank, other := range all {
		if !bytes.Equal(other, all[0]) {
			return fmt.Errorf("%s %s than rank 0, want %s on all", f.name(rank), differs, want)
		}
	}
	return nil
}

// programSum returns the version of this program and a sum of its file, which is empty where the file cannot be
// read.
var programSum = sync.OnceValue(func() string {
	path, err := os.Executable()
	if err != nil {
		return version()
	}
	file, err := os.Open(path)
	if err != nil {
		return version()
	}
	defer file.Close()
	h := sha256.New()
	if _, err := io.Copy(h, file); err != nil {
		return version()
	}
	return version() + " " + hex.EncodeToString(h.Sum(nil))
})
