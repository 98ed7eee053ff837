package ranks

import (
	"slices"
	"testing"
)

// TestNCCLFolders: the folder of CUDA_HOME is left out if that is not set: "lib64" would be in the working directory.
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

// TestUnconnectable: the GPUs of two ranks are connected where both have the same version of NCCL, and each a GPU of its
// own.
func TestUnconnectable(t *testing.T) {
	const version = "2.20.5"
	first := station{Host: "here", GPU: "GPU-1", Version: version}
	for _, tc := range []struct {
		second station
		want   string
	}{
		{station{Host: "there", GPU: "GPU-1", Version: version}, ""},
		{station{Host: "here", GPU: "GPU-2", Version: version}, ""},
		{station{Host: "there", GPU: "GPU-2", Error: "no library"}, "rank 1 on there: no library"},
		{first, "ranks 0 and 1 share a GPU of here"},
		{station{Host: "here", GPU: "GPU-2", Version: "2.18.1"}, "rank 1 on here has NCCL 2.18.1, and rank 0 has NCCL 2.20.5"},
	} {
		if got := unconnectable([]station{first, tc.second}); got != tc.want {
			t.Errorf("%+v and %+v: got %q, want %q", first, tc.second, got, tc.want)
		}
	}
}
