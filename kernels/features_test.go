package kernels

import (
	"runtime"
	"slices"
	"testing"
)

// Every feature on which the choice of an implementation depends is in the list.
func TestFeatures(t *testing.T) {
	needs := map[string][]string{
		"avx2":        {"avx2", "fma"},
		"avx512":      {"avx512f", "avx512bw", "avx512dq", "avx512vl", "fma"},
		"avx512vbmi2": {"avx512f", "avx512bw", "avx512dq", "avx512vl", "avx512_vbmi2", "fma"},
	}
	got := Features()
	for _, s := range Implementations() {
		for _, want := range needs[s.Name] {
			if !slices.Contains(got, want) {
				t.Errorf("%s runs here: got features %q, want %s among them", s.Name, got, want)
			}
		}
	}
	if runtime.GOARCH == "amd64" && !slices.Contains(got, "sse2") {
		t.Errorf("got features %q, want sse2, which every amd64 has, among them", got)
	}
}
