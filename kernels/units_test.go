package kernels

import (
	"slices"
	"testing"
)

// TestParseUnits: the text of String reads back as the same units, a name alone stands for all
// columns, and groups that do not cover the layer are refused.
func TestParseUnits(t *testing.T) {
	three := wide(categorical, 3)
	for _, u := range []Units{
		{{Spin, 0, 5}}, {{Bernoulli, 0, 2}, {Spin, 2, 5}}, {{Spin, 0, 1}, {Bernoulli, 1, 5}}, {{wide(categorical, 5), 0, 5}},
		{{three, 0, 3}, {Bernoulli, 3, 5}}, {{wide(categorical, 2), 0, 2}, {three, 2, 5}}, {{Bernoulli, 0, 1}, {wide(categorical, 2), 1, 5}},
	} {
		want := u
		if u.Default() {
			want = nil
		}
		if got, err := ParseUnits(u.String(), 5); err != nil || !slices.Equal(got, want) {
			t.Errorf("%v: got %v, error %v, want the same", u, got, err)
		}
	}
	for _, k := range Kinds() {
		if got, err := ParseUnits(k.String(), 9); err != nil || !slices.Equal(got, NewUnits(k, 9)) {
			t.Errorf("%v alone: got %v, error %v, want all 9 columns", k, got, err)
		}
	}
	for _, text := range []string{"", "nothing", "bernoulli:4", "bernoulli:6", "bernoulli:0", "bernoulli:x", "bernoulli:5,", "bernoulli:2,bernoulli",
		"categorical", "categorical:5", "categorical/3", "categorical/3:2", "categorical/1:5", "categorical/x:1", "categorical/9999999:1",
		"categorical/5:9223372036854775807", "bernoulli/5", "spin/1:5"} {
		if got, err := ParseUnits(text, 5); err == nil {
			t.Errorf("%q of 5 columns: got %v, want an error", text, got)
		}
	}
}
