package kernels

import (
	"strings"
	"testing"
)

// TestImplementation: a name selects its implementation, no name the last of the list, and an unknown name is an error
// that names the variable, the name and the implementations.
func TestImplementation(t *testing.T) {
	sets := Implementations()
	if sets[0] != &Definition {
		t.Errorf("first implementation: got %s, want %s", sets[0].Name, Definition.Name)
	}
	for _, want := range sets {
		got, err := implementation(want.Name)
		if err != nil || got.Name != want.Name {
			t.Errorf("implementation %q: got %v, %v", want.Name, got, err)
		}
	}
	got, err := implementation("")
	if want := sets[len(sets)-1].Name; err != nil || got.Name != want {
		t.Errorf("no name: got %v, %v, want the last, %s", got, err, want)
	}
	_, err = implementation("avx1024")
	if err == nil {
		t.Fatal("avx1024: got no error")
	}
	words := []string{Variable, `"avx1024"`}
	for _, s := range sets {
		words = append(words, s.Name)
	}
	for _, want := range words {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("avx1024: got %q, want it to name %s", err, want)
		}
	}
}
