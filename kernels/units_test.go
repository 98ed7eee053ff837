package kernels

import (
	"slices"
	"testing"
)

// TestParseUnits: the text of String reads back as the same units, a name alone stands for all
// columns, and groups that do not cover the layer are refused.
func TestParseUnits(t *testing.T) {
	last := Kind(len(kinds) - 1)
	for _, u := range []Units{{{last, 0, 5}}, {{Bernoulli, 0, 2}, {last, 2, 5}}, {{last, 0, 1}, {Bernoulli, 1, 5}}} {
		want := u
		if u.Default() {
			want = nil
		}
		if got, err := ParseUnits(u.String(), 5); err != nil || !slices.Equal(got, want) {
			t.Errorf("%v: got %v, error %v, want the same", u, got, err)
		}
	}
	for _, k := range Kinds() {
		if got, err := ParseUnits(k.String(), 7); err != nil || !slices.Equal(got, NewUnits(k, 7)) {
			t.Errorf("%v alone: got %v, error %v, want all 7 columns", k, got, err)
		}
	}
	for _, text := range []string{"", "nothing", "bernoulli:4", "bernoulli:6", "bernoulli:0", "bernoulli:x", "bernoulli:5,", "bernoulli:2,bernoulli"} {
		if got, err := ParseUnits(text, 5); err == nil {
			t.Errorf("%q of 5 columns: got %v, want an error", text, got)
		}
	}
}
