package report

import (
	"math"
	"slices"
	"testing"
)

func TestNumber(t *testing.T) {
	for x, want := range map[float64]string{
		0: "0", 1: "1", -88.651: "−88.65", 0.1: "0.1", 1234.5: "1234", 12.345678: "12.35", 0.00012345: "0.0001234",
		0.00001: "1e−05", 2.5e7: "2.5e+07", 100: "100", 9999999: "9999999", 0.5: "0.5", -0.25: "−0.25",
	} {
		if got := number(x); got != want {
			t.Errorf("%v: got %s, want %s", x, got, want)
		}
	}
}

// TestAxis: ticks are round, within the axis and not too many, for any range.
func TestAxis(t *testing.T) {
	for _, values := range [][]float64{{0, 1}, {-91.5, -88}, {5, 5}, {0, 0}, {-1e-7, 1e-7}, {1e9, 1e9 + 1}, {-3e30, 2}, {}, {math.NaN(), math.Inf(1)}, {7, math.Inf(-1), 9}} {
		a := spread(values, 0, 100)
		ticks := a.ticks(5)
		if !(a.low < a.high) || len(ticks) < 2 || len(ticks) > 12 {
			t.Errorf("%v: from %v to %v with %d ticks, want 2 to 12", values, a.low, a.high, len(ticks))
		}
		for _, v := range append(slices.Clone(values), ticks...) {
			if p := a.at(v); finite(v) && (p < 0 || p > 100 || math.IsNaN(p)) {
				t.Errorf("%v: %v is at %v, want within 0 and 100", values, v, p)
			}
		}
	}
	if got, want := (axis{-91.2, -87.9, 0, 1}).ticks(5), []float64{-91, -90, -89, -88}; !slices.Equal(got, want) {
		t.Errorf("ticks: got %v, want %v", got, want)
	}
}

func TestAxisBottom(t *testing.T) {
	long := slices.Concat([]float64{-500}, slices.Repeat([]float64{-92, -91, -90}, 4)) // median -91, top -90
	if got := AxisBottom(long); got != -97 {
		t.Errorf("got %v, want -97", got)
	}
	for _, all := range [][]float64{long[:11], {1, 1}, {3}, slices.Repeat([]float64{2}, 20)} {
		if got := AxisBottom(all); !math.IsInf(got, -1) {
			t.Errorf("%v: got %v, want no cut", all, got)
		}
	}
}

// The texts of ticks differ, however close the ticks are beside their size.
func TestTickTexts(t *testing.T) {
	for _, c := range []struct{ low, high float64 }{{-6.2392, -6.2388}, {0, 1}, {0.00941, 0.00957}, {-500, 9000}, {1e8, 3e8}, {-1e-9, 1e-9}} {
		texts := tickTexts((axis{c.low, c.high, 0, 1}).ticks(5))
		if all := slices.Clone(texts); len(slices.Compact(all)) != len(texts) {
			t.Errorf("from %v to %v: ticks %q, want them to differ", c.low, c.high, texts)
		}
	}
	if got, want := tickTexts([]float64{0, 0.5, 1}), []string{"0.0", "0.5", "1.0"}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}
