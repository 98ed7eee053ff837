package kernels

import (
	"strings"
	"testing"
)

// TestChoose: a name chooses its implementation, no name the last of the list, and an unknown name is an error that
// names the variable, the name and the implementations.
func TestChoose(t *testing.T) {
	sets := Implementations()
	if sets[0] != &Definition {
		t.Errorf("first implementation: got %s, want %s", sets[0].Name, Definition.Name)
	}
	for _, want := range sets {
		got, err := choose(want.Name)
		if err != nil || got.Name != want.Name {
			t.Errorf("choose %q: got %v, %v", want.Name, got, err)
		}
	}
	got, err := choose("")
	if want := sets[len(sets)-1].Name; err != nil || got.Name != want {
		t.Errorf("choose nothing: got %v, %v, want the last, %s", got, err, want)
	}
	_, err = choose("avx1024")
	if err == nil {
		t.Fatal("choose avx1024: got no error")
	}
	for _, want := range []string{Variable, `"avx1024"`, "go"} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("choose avx1024: got %q, want it to name %s", err, want)
		}
	}
}
