package kernels

import (
	"runtime"
	"slices"
	"testing"
)

// TestFeatures: the list has each instruction set that an implementation on this machine is compiled for
// (the target in host_NAME.c) and that its choice depends on.
func TestFeatures(t *testing.T) {
	needs := map[string][]string{
		"go":          nil,
		"plain":       nil,
		"avx2":        {"avx2", "fma", "popcnt", "bmi1"},
		"avx512":      {"avx512f", "avx512bw", "avx512dq", "avx512vl", "fma", "popcnt", "bmi1"},
		"avx512vbmi2": {"avx512f", "avx512bw", "avx512dq", "avx512vl", "avx512_vbmi2", "fma", "popcnt", "bmi1"},
	}
	got := Features()
	for _, s := range Implementations() {
		features, ok := needs[s.Name]
		if !ok {
			t.Errorf("%s runs here, and the test does not know what it needs", s.Name)
		}
		for _, want := range features {
			if !slices.Contains(got, want) {
				t.Errorf("%s runs here: got features %q, want %s among them", s.Name, got, want)
			}
		}
	}
	if runtime.GOARCH == "amd64" && !slices.Contains(got, "sse2") {
		t.Errorf("got features %q, want sse2, which every amd64 has, among them", got)
	}
}
