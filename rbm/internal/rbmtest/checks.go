package rbmtest

import (
	"fmt"
	"math"
	"testing"

	"harmonium/engine"
	"harmonium/rbm"
)

// Near fails the test unless got is within tolerance of want.
func Near(t *testing.T, what string, got, want, tolerance float64) {
	t.Helper()
	if !(math.Abs(got-want) <= tolerance) {
		t.Errorf("%s: got %v, want %v ± %.3g", what, got, want, tolerance)
	}
}

// At names a pair of states in a failure.
func At(what string, x ...[]float32) string { return what + fmt.Sprint(x) }

// Gamma is γ(k) = k·u/(1-k·u) of float32 (see kernels.Field).
func Gamma(k int) float64 {
	const u = 0x1p-24
	return float64(k) * u / (1 - float64(k)*u)
}

// FieldBound bounds the error of the float32 field of hidden column j given v, as kernels.Field says.
func FieldBound(m *rbm.Model, v []float32, j int) float64 {
	sum := math.Abs(float64(m.Hidden.Bias[j]))
	for i, x := range v {
		sum += math.Abs(float64(x) * float64(m.Weights[i*m.Hidden.Len()+j]))
	}
	return Gamma(m.Visible.Len()+1) * sum
}

// FreeEnergyBound bounds the error of the free energy of v from fields and cumulants in float32, for hidden
// units without real states. The errors of the fields of a unit move its cumulant Γ by at most these errors times
// the largest size of a state; the cumulant of q columns is itself within (2⁻²⁰ + q·2⁻²⁴)·max(1,|Γ|) (see family in
// kernels/kind.go); sums are float64.
func FreeEnergyBound(m *rbm.Model, v []float32) float64 {
	bound := LogBound(m)
	z := m.HiddenField(nil, v)
	for j := 0; j < len(z); {
		k := m.Hidden.Units.Of(j)
		var rise float64
		unit := z[j : j+k.Width()]
		for range unit {
			rise += Largest(k) * FieldBound(m, v, j)
			j++
		}
		bound += rise + (0x1p-20+float64(len(unit))*0x1p-24)*max(1, math.Abs(k.Cumulant(unit, engine.Shape{}))+rise)
	}
	return bound
}

// CompareValues fails the test at the first element that is not within the tolerance.
func CompareValues(t testing.TB, what string, got, want []float64, tolerance func(i int) float64) {
	t.Helper()
	for i := range want {
		if !(math.Abs(got[i]-want[i]) <= tolerance(i)) {
			t.Fatalf("%s: element %d: got %v, want %v ± %.3g", what, i, got[i], want[i], tolerance(i))
		}
	}
}

// Exactly is the tolerance of values that must be equal.
func Exactly(int) float64 { return 0 }
