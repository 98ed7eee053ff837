package kernels

import (
	"math"
	"testing"
)

// fieldsOf returns the fields x of a unit in the model.
func fieldsOf(x []float32) unitFields {
	return unitFields{z: ByRows(x, len(x)), columns: len(x), beta: 1}
}

// TestCategorical compares means and cumulants of units of 2 to 700 states with sums in float64. The sizes of
// the fields are chosen: equal states, similar ones, one that is almost certain, and exponents far below the smallest,
// -87. A draw is one of the states; TestCategoryDrawn says which.
func TestCategorical(t *testing.T) {
	r := newRand()
	for _, q := range []int{2, 3, 7, 8, 9, 21, 64, 700} {
		k := wide(categorical, q)
		for _, size := range []float64{0, 0.3, 3, 30, 1e4} {
			x, p := make([]float32, q), make([]float32, q)
			fields := make([]float64, q)
			for a := range x {
				x[a] = float32(size * r.NormFloat64())
				fields[a] = float64(x[a])
			}
			cumulant, means, _ := exactUnit(k, fields...)
			// In units of 2⁻²⁴: a term e^-d has a relative error of 4 and the rounding of d, at most d or 64 (from 64
			// to 87), while below e^-87 it is at most 1.7e-38. In the sum T of the q terms these are 4 and the mean of d, at
			// most log q - log T. The additions have at most q-T/2, since k terms add up to at most k and
			// T, and the quotient one: for a mean, together less than 91+q. The logarithm has 4·max(1, log T), and its
			// sum with the largest field one: for a cumulant, together less than q+16. In float64 both results
			// have the same terms. The sums round q-1 times in two orders, the quotient once, and the logarithm
			// and its sum with the largest field have at most 2·log q ≤ q.
			bound, boundOfCumulant := (91+float64(q))*0x1p-24, (16+float64(q))*0x1p-24
			drawn := k.of().several.draw(ByRows(p, q), fieldsOf(x), 0.999)
			for a := range p {
				if e := math.Abs(float64(p[a]) - means[a]); !(e <= min(bound*means[a]+2e-38, boundOfCumulant)) { // see family
					t.Errorf("%v, fields of %v: mean %d is %v, want %v", k, size, a, p[a], means[a])
				}
			}
			if drawn < 0 || drawn >= q {
				t.Errorf("%v drew state %d", k, drawn)
			}
			scale := math.Max(1, math.Abs(cumulant))
			if got := float64(k.of().several.cumulant(fieldsOf(x))); !(math.Abs(got-cumulant) <= boundOfCumulant*scale) {
				t.Errorf("%v, fields of %v: cumulant %v, want %v", k, size, got, cumulant)
			}
			if got := k.Cumulant(fields, Shape{}); math.Abs(got-cumulant) > 0x1p-51*float64(q)*scale {
				t.Errorf("%v, fields of %v: cumulant in float64 %v, want %v", k, size, got, cumulant)
			}
			k.Means(fields, Shape{})
			for a := range means {
				if !(math.Abs(fields[a]-means[a]) <= 0x1p-52*float64(q)*means[a]) {
					t.Errorf("%v, fields of %v: mean %d in float64 is %v, want %v", k, size, a, fields[a], means[a])
				}
			}
		}
	}
}

// TestCategoryDrawn: the state is the first whose running sum is above u times the sum, for u at
// both ends, and for NaN the last one.
func TestCategoryDrawn(t *testing.T) {
	nan, most := float32(math.NaN()), 1-float32(0x1p-24)
	for _, test := range []struct {
		x    []float32
		u    float32
		want int
	}{
		{[]float32{0, 0}, 0, 0}, // equal states: up to a half the first, from there on the second
		{[]float32{0, 0}, 0.49, 0},
		{[]float32{0, 0}, 0.5, 1},
		{[]float32{0, 0, 0, 0}, most, 3},
		{[]float32{0, 50, 0}, 0.3, 1}, // e^-50 is lost beside 1
		{[]float32{50, 0, 0}, most, 0},
		{[]float32{1e9, 0, 0}, 0.9, 0}, // an exponent far below -87
		{[]float32{0, nan, 0}, 0.1, 2},
		{[]float32{nan, nan, nan}, 0, 2},
	} {
		if got := drawCategory(Grid{}, fieldsOf(test.x), test.u); got != test.want {
			t.Errorf("fields %v, u = %v: drew %d, want %d", test.x, test.u, got, test.want)
		}
	}
}
