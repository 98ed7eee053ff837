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

// startSibling replaces the process by the GPU build in the same folder if the command has
// --device cuda, or --device auto and the GPU build can compute on its GPU. Without a GPU
// build, --device cuda is an error. In the GPU build itself startSibling does nothing.
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
