package report

import (
	"math"
	"slices"
	"testing"
)

// TestNumber: numbers have four significant digits without zeros at the end, are integers from 1000 on, and have an
// exponent below 1e-4 and from 1e7 on.
func TestNumber(t *testing.T) {
	for x, want := range map[float64]string{
		0: "0", 1: "1", 0.1: "0.1", 0.5: "0.5", -0.25: "−0.25", 100: "100",
		-88.651: "−88.65", 12.345678: "12.35", 0.00012345: "0.0001234",
		1234.5: "1234", 9999999: "9999999",
		0.00001: "1e−05", 2.5e7: "2.5e+07",
	} {
		if got := number(x); got != want {
			t.Errorf("%v: got %s, want %s", x, got, want)
		}
	}
}

// TestAxis: an axis over any values holds them and from two to six ticks. Asked for 5, the distance of ticks is from a
// fifth of the range to 2.5 times this fifth, the largest ratio between neighbours of 1, 2, 5 and 10.
func TestAxis(t *testing.T) {
	for name, values := range map[string][]float64{
		"round": {0, 1}, "log-likelihoods": {-91.5, -88}, "equal": {5, 5}, "zeros": {0, 0}, "tiny": {-1e-7, 1e-7},
		"close beside their size": {1e9, 1e9 + 1}, "huge": {-3e30, 2}, "none": {}, "none finite": {math.NaN(), math.Inf(1)},
		"one infinite": {7, math.Inf(-1), 9},
	} {
		a := spread(values, 0, 100)
		if !(a.low < a.high) {
			t.Errorf("%s: from %v to %v, want a range", name, a.low, a.high)
		}
		ticks := a.ticks(5)
		if len(ticks) < 2 || len(ticks) > 6 {
			t.Errorf("%s: from %v to %v %d ticks, want 2 to 6", name, a.low, a.high, len(ticks))
		}
		for _, v := range append(slices.Clone(values), ticks...) {
			if p := a.at(v); finite(v) && (p < 0 || p > 100 || math.IsNaN(p)) {
				t.Errorf("%s: %v is at %v, want within 0 and 100", name, v, p)
			}
		}
	}
	if got, want := (axis{-91.2, -87.9, 0, 1}).ticks(5), []float64{-91, -90, -89, -88}; !slices.Equal(got, want) {
		t.Errorf("ticks: got %v, want %v", got, want)
	}
}

// TestAxisBottom: an axis begins 6 times the distance of median and top below the median, and shows all of few or of
// equal values.
func TestAxisBottom(t *testing.T) {
	long := slices.Concat([]float64{-500}, slices.Repeat([]float64{-92, -91, -90}, 4)) // median -91, top -90
	if got, want := AxisBottom(long), -91.0-6*1; got != want {
		t.Errorf("got %v, want %v", got, want)
	}
	for name, all := range map[string][]float64{
		"one value too few": long[:shortSeries-1], "two": {1, 1}, "one": {3}, "many, all equal": slices.Repeat([]float64{2}, 20),
	} {
		if got := AxisBottom(all); !math.IsInf(got, -1) {
			t.Errorf("%s: got %v, want no cut", name, got)
		}
	}
}

// TestTickTexts: the texts of ticks differ, however close the ticks are beside their size.
func TestTickTexts(t *testing.T) {
	for _, c := range []struct{ low, high float64 }{
		{0, 1}, {-500, 9000}, {1e8, 3e8}, // by their size
		{-6.2392, -6.2388}, {0.00941, 0.00957}, {-1e-9, 1e-9}, // by decimals that number would cut, or by exponents
	} {
		texts := tickTexts((axis{c.low, c.high, 0, 1}).ticks(5))
		if all := slices.Clone(texts); len(slices.Compact(all)) != len(texts) {
			t.Errorf("from %v to %v: ticks %q, want them to differ", c.low, c.high, texts)
		}
	}
	if got, want := tickTexts([]float64{0, 0.5, 1}), []string{"0.0", "0.5", "1.0"}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}
