package kernels

import (
	"fmt"
	"math"
	"testing"
)

// TestCloseDraws: a bit is 1 exactly where its uniform number u is below the logistic function as it is
// defined, also where the two are too close for the rough exponential of chance.h. The field x of a unit
// is chosen for its u: σ(x) is u(1+d), or x is NaN where that is above 1, with differences d from the
// rounding of a float32 up to eight times TOO_CLOSE. Every 97th unit (chosen: few, and in changing columns)
// has a field from special instead, in turn.
func TestCloseDraws(t *testing.T) {
	const rows, columns = 40, 3*columnsPerGroup + 5
	d := Draw{Seed: 5, Stream: 2, Update: 9, Step: 4}
	differences := []float64{0}
	for power := -24.0; power <= -10; power++ {
		differences = append(differences, math.Exp2(power), -math.Exp2(power))
	}
	special := []float32{float32(math.NaN()), float32(math.Inf(1)), float32(math.Inf(-1)), 87, -87, 1e30, -1e30, 0}
	u := make([]float32, rows*columns)
	for n := range rows {
		for q := 0; q*columnsPerGroup < columns; q++ {
			var group [columnsPerGroup]float32
			d.group(&group, n, q)
			copy(u[n*columns+q*columnsPerGroup:(n+1)*columns], group[:])
		}
	}
	for _, kind := range []Kind{Bernoulli, Spin} {
		for _, difference := range differences {
			z, ones := make([]float32, len(u)), make([]float32, len(u))
			for k, u := range u {
				p := float64(u) * (1 + difference)
				z[k] = float32(math.Log(p/(1-p)) / float64(kind.High()-kind.Low()))
				if k%97 == 0 {
					z[k] = special[k/97%len(special)]
				}
				ones[k] = state(u < kind.chanceOf(z[k], kind.of().mean(z[k])))
			}
			forEach(t, func(t *testing.T, s *Set) {
				drawn := newStates(t, rows, columns)
				s.Activate(Activation{
					Rows: rows, Columns: columns, Units: NewUnits(kind, columns), Field: ByRows(z, columns),
					Path: Model, States: drawn, Draw: d,
				}, 0, rows*columns)
				wantStates(t, fmt.Sprintf("%v, difference %g", kind, difference), drawn, ones, rows, columns)
			})
		}
	}
}
