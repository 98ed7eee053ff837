package main

import (
	"context"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"time"
)

// machine describes the machine on which the kit runs.
type machine struct {
	Processor  string   `json:"processor"`
	Processors int      `json:"processors"`
	Kernel     string   `json:"kernel"`
	Card       string   `json:"card"`             // as nvidia-smi names it, with its driver, memory, clocks and power
	Python     string   `json:"python,omitempty"` // the Python to use: one that has PyTorch, or else any
	Torch      string   `json:"torch,omitempty"`  // version of PyTorch and of its CUDA, if PyTorch can use the GPU
	BLAS       []string `json:"blas,omitempty"`   // folders with a cuBLAS of that Python
}

// probe is a Python program that prints, as JSON, the folders of cuBLAS and the version of PyTorch that the Python has.
const probe = `
import glob, json, os, site, sys
folders = site.getsitepackages() + [site.getusersitepackages()]
found = {"blas": [], "torch": ""}
for f in folders:
    for path in glob.glob(os.path.join(f, "nvidia", "*", "lib", "libcublas.so.*")) + glob.glob(os.path.join(f, "torch", "lib", "libcublas.so.*")):
        found["blas"].append(os.path.dirname(path))
try:
    import torch
    if torch.cuda.is_available():
        found["torch"] = torch.__version__ + ", CUDA " + str(torch.version.cuda)
except ImportError:
    pass
print(json.dumps(found))
`

// examine describes the machine. python is the Python to use, or "" for the first that has PyTorch.
func examine(ctx context.Context, python string) machine {
	m := machine{Processor: "unknown", Processors: runtime.NumCPU(), Card: "no nvidia-smi"}
	info, _ := os.ReadFile("/proc/cpuinfo")
	for line := range strings.Lines(string(info)) {
		if name, value, _ := strings.Cut(line, ":"); strings.TrimSpace(name) == "model name" {
			m.Processor = strings.TrimSpace(value)
			break
		}
	}
	if release, err := os.ReadFile("/proc/sys/kernel/osrelease"); err == nil {
		m.Kernel = strings.TrimSpace(string(release))
	}
	ask := func(name string, arguments ...string) (string, error) {
		ctx, cancel := context.WithTimeout(ctx, 30*time.Second)
		defer cancel()
		return output(ctx, "", nil, name, arguments...)
	}
	if text, err := ask("nvidia-smi", "--query-gpu=name,driver_version,memory.total,clocks.max.sm,clocks.max.mem,power.limit", "--format=csv,noheader"); err == nil {
		m.Card = text
	}
	candidates := []string{python}
	if python == "" {
		candidates = []string{"python3", "python", "/usr/bin/python3", "/opt/conda/bin/python"}
	}
	for _, name := range candidates {
		path, err := exec.LookPath(name)
		if err != nil {
			continue
		}
		text, err := ask(path, "-c", probe)
		var found struct {
			BLAS  []string `json:"blas"`
			Torch string   `json:"torch"`
		}
		if err != nil || json.Unmarshal([]byte(lastLine(text)), &found) != nil {
			continue
		}
		if m.Python == "" || found.Torch != "" {
			m.Python, m.Torch, m.BLAS = path, found.Torch, found.BLAS
		}
		if found.Torch != "" {
			break
		}
	}
	return m
}

// loaderPath returns the folders of LD_LIBRARY_PATH and of CUDA toolkits, for the dynamic loader.
func (m machine) loaderPath() []string {
	folders := filepath.SplitList(os.Getenv("LD_LIBRARY_PATH"))
	toolkits, _ := filepath.Glob("/usr/local/cuda*/lib64") // the pattern is valid
	return append(folders, toolkits...)
}
