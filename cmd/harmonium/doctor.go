package main

import (
	"fmt"
	"io"
	"runtime"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"harmonium/engine"
)

func newDoctorCommand() *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "doctor",
		Short: "Show what this machine can do and test the kernels on it",
		Long: `Show the build, the instruction sets of the processor, the implementations of the
kernels that run here, the one in use, and what is missing for computing on a GPU. Then
test each implementation against the definition in Go on a small problem. Started by mpirun,
show the processes, the speed of their exchanges, and the size of the batches from which on
they are faster than one process.

The exit code is 1 if a test fails.`,
		Example: `  harmonium doctor
  harmonium doctor --json`,
		Args: arguments(), ValidArgsFunction: cobra.NoFileCompletions,
		RunE: func(cmd *cobra.Command, _ []string) error {
			several, err := examineRanks(cmd.Context(), cmd.ErrOrStderr())
			if err != nil || several != nil && several.follows {
				return err
			}
			r, err := engine.Examine()
			if err != nil {
				return err
			}
			d := diagnosis{version(), runtime.GOOS + "/" + runtime.GOARCH, several, r}
			if !asJSON {
				d.print(cmd.OutOrStdout())
			} else if err := writeObject(cmd.OutOrStdout(), d); err != nil {
				return err
			}
			return verdict(r)
		},
	}
	addGroup(cmd, groupOutput, func(flags *pflag.FlagSet) {
		flags.BoolVar(&asJSON, "json", false, "print one JSON object")
	})
	return cmd
}

// diagnosis is the output of doctor.
type diagnosis struct {
	Version  string      `json:"version"`
	Platform string      `json:"platform"`
	Ranks    *rankReport `json:"ranks,omitempty"` // of several processes
	*engine.Report
}

func (d diagnosis) print(w io.Writer) {
	line := func(name, format string, args ...any) {
		fmt.Fprintf(w, "%-10s %s\n", name, fmt.Sprintf(format, args...))
	}
	line("harmonium", "%s, %s", d.Version, d.Platform)
	line("cpu", "%s", strings.Join(d.Features, " "))
	line("threads", "%d", d.Threads)
	line("kernels", "%s; in use: %s", strings.Join(d.Kernels, ", "), d.InUse)
	if r := d.Ranks; r != nil {
		line("ranks", "%d of %s on %s", r.Size, r.Transport, strings.Join(r.Hosts, ", "))
		line("link", "%v for an exchange of one number, %s each way", brief(r.Latency), rate(r.BytesPerSecond))
		for _, s := range r.Sizes {
			line("", "%dx%d: %v an update to add up; %d ranks are faster than one from batches of %d rows on, and %.2g times "+
				"as fast from %d rows on",
				s.Visible, s.Hidden, brief(s.Exchange), r.Size, s.Faster, goodEfficiency*float64(r.Size), s.Efficient)
		}
		if len(r.Sizes) == 0 {
			line("", "runs are trained in 2, 4, 8 or another power of two of processes")
		}
	}
	for _, missing := range d.GPUMissing {
		line("gpu", "%s", missing)
	}
	switch {
	case d.GPU != "":
		line("gpu", "%s", d.GPU)
		line("cublas", "%s", d.CUBLAS)
		line("nccl", "%s", d.NCCL)
	case len(d.GPUMissing) == 0:
		line("gpu", "driver and GPU build found; harmonium-cuda doctor examines the GPU")
	}
	for _, c := range d.Checks {
		result := "ok"
		if c.Error != "" {
			result = "FAILED: " + c.Error
		}
		line("self-test", "%-7s %-15s %s", c.Implementation, c.Kernel, result)
	}
	if len(d.Checks) == 0 {
		line("self-test", "nothing to test: this build has the definition of the kernels alone")
	}
}

// verdict returns an error that names the first check that failed.
func verdict(r *engine.Report) error {
	for _, c := range r.Checks {
		if c.Error != "" {
			return fmt.Errorf("self-test: %s kernels, %s: %s", c.Implementation, c.Kernel, c.Error)
		}
	}
	return nil
}
