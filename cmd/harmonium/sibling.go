package main

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"syscall"

	"github.com/spf13/cobra"

	"harmonium/engine"
)

// startSibling replaces the process by the GPU build beside it, if the command computes
// on "cuda", or on "auto" and the GPU build finds its GPU fit. A command that asks for
// "cuda" gets an error otherwise. The GPU build itself goes on.
func startSibling(cmd *cobra.Command, args []string) error {
	flag := cmd.Flags().Lookup("device")
	if engine.HasCUDA || flag == nil {
		return nil
	}
	device := flag.Value.String()
	path, missing := engine.Sibling()
	switch {
	case device != "cuda" && device != "auto":
		return nil
	case len(missing) > 0 && device == "cuda":
		return fmt.Errorf("device cuda: %s", strings.Join(missing, "; "))
	case len(missing) > 0 || device == "auto" && !fit(path):
		return nil
	}
	err := syscall.Exec(path, append([]string{path}, args...), os.Environ())
	return fmt.Errorf("device %s: %s: %w", device, path, err)
}

// fit reports whether a GPU build can compute on its GPU.
func fit(path string) bool {
	var d diagnosis
	out, err := exec.Command(path, "doctor", "--json").Output()
	return err == nil && json.Unmarshal(out, &d) == nil && d.Report != nil && d.GPU != ""
}
