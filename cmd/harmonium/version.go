package main

import (
	"fmt"
	"runtime"
	"runtime/debug"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"harmonium/engine"
)

func newVersionCommand() *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "version",
		Short: "Show the version, the commit and the build",
		Example: `  harmonium version
  harmonium version --json`,
		Args:              arguments(),
		ValidArgsFunction: cobra.NoFileCompletions,
		RunE: func(cmd *cobra.Command, _ []string) error {
			b := readBuild(debug.ReadBuildInfo())
			if asJSON {
				return writeObject(cmd.OutOrStdout(), b)
			}
			_, err := fmt.Fprint(cmd.OutOrStdout(), b)
			return err
		},
	}
	addGroup(cmd, groupOutput, func(flags *pflag.FlagSet) {
		flags.BoolVar(&asJSON, "json", false, "print one JSON object")
	})
	return cmd
}

// build is where this program comes from and what is in it.
type build struct {
	Version  string   `json:"version"`
	Commit   string   `json:"commit"` // empty in a build without version control
	Time     string   `json:"commit_time"`
	Modified bool     `json:"modified"` // files differed from the commit
	Platform string   `json:"platform"`
	Tags     []string `json:"tags"`
	Cgo      bool     `json:"cgo"` // kernels in C
	Devices  []string `json:"devices"`
	Go       string   `json:"go"`
}

// readBuild returns the build that the Go linker has recorded; ok says whether it has.
func readBuild(info *debug.BuildInfo, ok bool) build {
	b := build{Version: "unknown", Platform: runtime.GOOS + "/" + runtime.GOARCH, Tags: []string{}, Devices: []string{"cpu"}, Go: runtime.Version()}
	if engine.HasCUDA {
		b.Devices = append(b.Devices, "cuda")
	}
	if !ok {
		return b
	}
	b.Version, b.Go = info.Main.Version, info.GoVersion
	for _, s := range info.Settings {
		switch s.Key {
		case "vcs.revision":
			b.Commit = s.Value
		case "vcs.time":
			b.Time = s.Value
		case "vcs.modified":
			b.Modified = s.Value == "true"
		case "-tags":
			b.Tags = strings.Split(s.Value, ",")
		case "CGO_ENABLED":
			b.Cgo = s.Value == "1"
		}
	}
	return b
}

// version returns the versions of the module and of Go, which config.json and the provenance of models have.
func version() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "unknown"
	}
	return info.Main.Version + " " + info.GoVersion
}

// String is the build for people, a line for each part.
func (b build) String() string {
	commit := "unknown, built without version control"
	if b.Commit != "" {
		commit = b.Commit + " of " + b.Time
	}
	if b.Modified {
		commit += ", with uncommitted changes"
	}
	kernels := "kernels in C"
	if !b.Cgo {
		kernels = "kernels in Go"
	}
	parts := []string{b.Platform, kernels, "devices: " + strings.Join(b.Devices, " and ")}
	if len(b.Tags) > 0 {
		parts = append(parts, "tags: "+strings.Join(b.Tags, " "))
	}
	return fmt.Sprintf("harmonium version %s\ncommit: %s\nbuild: %s\n%s\n", b.Version, commit, strings.Join(parts, ", "), b.Go)
}
