package kernels

import (
	"slices"
	"testing"
)

// TestParseUnits: the text of String reads back as the same units, a name alone stands for all
// columns, and groups that do not cover the layer are refused.
func TestParseUnits(t *testing.T) {
	two, three, five := wide(categorical, 2), wide(categorical, 3), wide(categorical, 5)
	for _, u := range []Units{
		{{Spin, 0, 5}}, {{Bernoulli, 0, 2}, {Spin, 2, 5}}, {{Spin, 0, 1}, {Bernoulli, 1, 5}}, // units of one column
		{{five, 0, 5}}, {{three, 0, 3}, {Bernoulli, 3, 5}}, {{two, 0, 2}, {three, 2, 5}}, // one unit of several columns in a group
		{{Bernoulli, 0, 1}, {two, 1, 5}}, // two such units
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
	for what, text := range map[string]string{
		"no name":                        "",
		"an unknown name":                "nothing",
		"too few columns":                "bernoulli:4",
		"too many columns":               "bernoulli:6",
		"no units":                       "bernoulli:0",
		"a count that is no number":      "bernoulli:x",
		"no name after the comma":        "bernoulli:5,",
		"a second group of all columns":  "bernoulli:2,bernoulli",
		"no width":                       "categorical",
		"a count but no width":           "categorical:5",
		"part of a unit":                 "categorical/3",
		"more columns in units":          "categorical/3:2",
		"a width below 2":                "categorical/1:5",
		"a width that is no number":      "categorical/x:1",
		"a width above MostColumns":      "categorical/9999999:1",
		"a count that overflows":         "categorical/5:9223372036854775807",
		"a width of units of one column": "bernoulli/5",
		"a width 1 of such units":        "spin/1:5",
	} {
		if got, err := ParseUnits(text, 5); err == nil {
			t.Errorf("%s, %q of 5 columns: got %v, want an error", what, text, got)
		}
	}
}
