package main

import (
	"os"
	"os/exec"
	"runtime"
	"slices"
	"strings"
)

// machine describes the machine of a run.
type machine struct {
	Processor  string `json:"processor"`
	Processors int    `json:"processors"`
	OS         string `json:"os"`
	Arch       string `json:"arch"`
	Kernel     string `json:"kernel,omitempty"`
	Load       string `json:"load,omitempty"` // in the minute before the run: programs ready to run
	flags      []string
}

func thisMachine() machine {
	m := machine{Processor: "unknown", Processors: runtime.NumCPU(), OS: runtime.GOOS, Arch: runtime.GOARCH}
	if info, err := os.ReadFile("/proc/cpuinfo"); err == nil {
		if name := cpuField(string(info), "model name"); name != "" {
			m.Processor = name
		}
		m.flags = strings.Fields(cpuField(string(info), "flags"))
	}
	if release, err := os.ReadFile("/proc/sys/kernel/osrelease"); err == nil {
		m.Kernel = strings.TrimSpace(string(release))
	}
	if load, err := os.ReadFile("/proc/loadavg"); err == nil {
		m.Load, _, _ = strings.Cut(string(load), " ")
	}
	return m
}

// cpuField returns the first value of a key in the form of Linux's /proc/cpuinfo.
func cpuField(info, key string) string {
	for line := range strings.Lines(info) {
		name, value, _ := strings.Cut(line, ":")
		if strings.TrimSpace(name) == key {
			return strings.TrimSpace(value)
		}
	}
	return ""
}

// wide reports whether the processor has the instructions of OpenBLAS's AVX-512 kernels.
func (m machine) wide() bool {
	for _, flag := range []string{"avx512f", "avx512bw", "avx512dq", "avx512vl"} {
		if !slices.Contains(m.flags, flag) {
			return false
		}
	}
	return true
}

// commit returns the commit of the working folder, with "+changes" if files differ from it, or
// "unknown" outside of a repository.
func commit() string {
	hash, err := exec.Command("git", "rev-parse", "HEAD").Output()
	if err != nil {
		return "unknown"
	}
	name := strings.TrimSpace(string(hash))
	if changes, err := exec.Command("git", "status", "--porcelain", "--untracked-files=no").Output(); err != nil ||
		len(changes) > 0 {
		name += "+changes"
	}
	return name
}
