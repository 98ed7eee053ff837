package ranks

import (
	"slices"
	"testing"
)

// TestNCCLFolders: without CUDA_HOME no folder is relative to the working directory.
func TestNCCLFolders(t *testing.T) {
	for home, want := range map[string][]string{
		"":          {"", "/usr/local/cuda/lib64"},
		"/opt/cuda": {"", "/opt/cuda/lib64", "/usr/local/cuda/lib64"},
	} {
		if got := ncclFolders(home); !slices.Equal(got, want) {
			t.Errorf("CUDA_HOME %q: got %q, want %q", home, got, want)
		}
	}
}

// TestUnconnectable: GPUs are connected where all ranks have one version of NCCL, and each a GPU of its own.
func TestUnconnectable(t *testing.T) {
	const version = "2.20.5"
	for want, second := range map[string]station{
		"":                                  {"there", "GPU-1", version, ""},
		"rank 1 on there: no library":       {"there", "GPU-2", "", "no library"},
		"ranks 0 and 1 share a GPU of here": {"here", "GPU-1", version, ""},
		"rank 1 on here has NCCL 2.18.1, and rank 0 has NCCL 2.20.5": {"here", "GPU-2", "2.18.1", ""},
	} {
		if got := unconnectable([]station{{"here", "GPU-1", version, ""}, second}); got != want {
			t.Errorf("%+v: got %q, want %q", second, got, want)
		}
	}
	if got := unconnectable([]station{{"here", "GPU-1", version, ""}, {"here", "GPU-2", version, ""}}); got != "" {
		t.Errorf("two GPUs of one machine: got %q", got)
	}
}
