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
	"harmonium/ranks"
)

// startSibling replaces the process by the GPU build, harmonium-cuda in the folder of this
// program, if the command has --device cuda, or --device auto and the GPU build can compute on
// its GPU. The GPU build gets the words of the command line after the program's name. If the driver
// or the GPU build is missing, --device cuda is an error. startSibling does nothing in the GPU build itself, and in a
// run of several processes, for which users start the GPU build by mpirun.
func startSibling(cmd *cobra.Command, words []string) error {
	flag := cmd.Flags().Lookup("device")
	if _, size := ranks.Launched(); engine.HasCUDA || flag == nil || size > 1 {
		return nil
	}
	device := flag.Value.String()
	path, missing := engine.Sibling()
	switch {
	case device != "cuda" && device != "auto":
		return nil
	case len(missing) > 0 && device == "cuda":
		return fmt.Errorf("device cuda: %s", strings.Join(missing, "; "))
	case len(missing) > 0 || device == "auto" && !canCompute(path):
		return nil
	}
	err := syscall.Exec(path, append([]string{path}, words...), os.Environ())
	return fmt.Errorf("device %s: %s: %w", device, path, err)
}

// canCompute asks the doctor command of a GPU build whether it can compute on its GPU. A failed
// self-test of any kernel counts as no.
func canCompute(path string) bool {
	var d diagnosis
	out, err := exec.Command(path, "doctor", "--json").Output()
	return err == nil && json.Unmarshal(out, &d) == nil && d.Report != nil && d.GPU != ""
}
