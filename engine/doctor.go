package engine

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"

	"harmonium/kernels"
)

// Report describes the machine and the build to a user who diagnoses a problem.
type Report struct {
	Features   []string `json:"cpu_features"` // instruction sets on which the choice of kernels depends
	Kernels    []string `json:"kernels"`      // implementations for this machine, the slowest first
	InUse      string   `json:"kernels_in_use"`
	Threads    int      `json:"threads"`          // of a host device opened with 0 threads
	GPU        string   `json:"gpu,omitempty"`    // its name, if this build can use it
	CUBLAS     string   `json:"cublas,omitempty"` // path of the library that multiplies on it
	NCCL       string   `json:"nccl,omitempty"`   // path and version of the library that connects GPUs, or why there is none
	GPUMissing []string `json:"gpu_missing"`      // a line for each thing missing to use a GPU
	Checks     []Check  `json:"checks"`
}

// Examine examines the machine and the build, and tests the kernels within milliseconds. It
// returns an error only if the environment names an implementation that does not exist here.
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
	r.GPU, r.CUBLAS, r.NCCL, missing = examineGPU()
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

// Sibling returns the path of the GPU build beside this program, and a line for each thing
// missing to run it.
func Sibling() (path string, missing []string) {
	if !hasLibrary(driverLibrary) {
		missing = append(missing, "no NVIDIA driver: "+driverLibrary+" is not among the shared libraries")
	}
	self, err := os.Executable()
	path = filepath.Join(filepath.Dir(self), gpuCommand)
	if err != nil || !isOtherFile(path, self) {
		missing = append(missing, "no GPU build: "+gpuCommand+" is not beside this program")
	}
	return path, missing
}

// isOtherFile reports whether a path leads to a file other than self.
func isOtherFile(path, self string) bool {
	there, err := os.Stat(path)
	if err != nil {
		return false
	}
	own, err := os.Stat(self)
	return err == nil && !os.SameFile(there, own)
}

// hasLibrary reports whether the dynamic loader finds a shared library in a folder of
// LD_LIBRARY_PATH, in its cache (paths that end in a zero byte) or in a default folder.
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
