package engine

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"

	"harmonium/kernels"
)

// Report is what a person wants to know of the machine and the build before trusting
// or blaming them.
type Report struct {
	Features   []string `json:"cpu_features"` // instruction sets that kernels are chosen by
	Kernels    []string `json:"kernels"`      // implementations that run here, the slowest first
	InUse      string   `json:"kernels_in_use"`
	Threads    int      `json:"threads"`       // of a host device that is opened with 0
	GPU        string   `json:"gpu,omitempty"` // its name, if this build computes on one
	GPUMissing []string `json:"gpu_missing"`   // what computing on a GPU lacks, a line each
	Checks     []Check  `json:"checks"`
}

// Examine looks at the machine and the build, and tests the kernels in milliseconds.
// It fails only where the environment asks for an implementation that is not there.
func Examine() (*Report, error) {
	inUse, err := kernels.Host()
	if err != nil {
		return nil, fmt.Errorf("engine: %w", err)
	}
	r := &Report{
		Features:   kernels.Features(),
		InUse:      inUse.Name,
		Threads:    processors,
		GPUMissing: []string{},
	}
	var missing []string
	r.GPU, missing = examineGPU()
	r.GPUMissing = append(r.GPUMissing, missing...)
	for _, k := range kernels.Implementations() {
		r.Kernels = append(r.Kernels, k.Name)
		if k != &kernels.Definition {
			r.Checks = append(r.Checks, checkKernels(k)...)
		}
	}
	return r, nil
}

const (
	driverLibrary = "libcuda.so.1"
	gpuCommand    = "harmonium-cuda"
)

// Sibling returns the path of the GPU build that stands beside this program, and a line
// for each thing without which it cannot run.
func Sibling() (path string, missing []string) {
	if !hasLibrary(driverLibrary) {
		missing = append(missing, "no NVIDIA driver: "+driverLibrary+" is not among the shared libraries")
	}
	self, err := os.Executable()
	path = filepath.Join(filepath.Dir(self), gpuCommand)
	if err == nil {
		_, err = os.Stat(path)
	}
	if err != nil || path == self {
		missing = append(missing, "no GPU build: "+gpuCommand+" is not beside this program")
	}
	return path, missing
}

// hasLibrary reports whether the dynamic loader finds a shared library: in a folder of
// LD_LIBRARY_PATH, in its cache (paths, each with a zero byte behind it) or in a folder
// that it knows.
func hasLibrary(name string) bool {
	folders := filepath.SplitList(os.Getenv("LD_LIBRARY_PATH"))
	for _, folder := range append(folders, "/lib64", "/usr/lib64", "/lib", "/usr/lib") {
		if _, err := os.Stat(filepath.Join(folder, name)); err == nil {
			return true
		}
	}
	cache, err := os.ReadFile("/etc/ld.so.cache")
	return err == nil && bytes.Contains(cache, []byte("/"+name+"\x00"))
}
