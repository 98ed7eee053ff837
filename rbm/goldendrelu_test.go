package rbm_test

import (
	"fmt"
	"math"
	"slices"
	"testing"

	"harmonium/engine"
	"harmonium/rbm"
	"harmonium/rbm/internal/rbmtest"
)

// twoSides are the fields θ⁺, θ⁻ and precisions γ⁺, γ⁻ of a drelu unit with the energies γ⁺s²/2 - θ⁺s for s ≥ 0 and
// γ⁻s²/2 - θ⁻s for s < 0, the parameters of the golden figures.
type twoSides struct{ up, down, gammaUp, gammaDown float64 }

// factors are A = γ⁺/γ and B = γ⁻/γ with the precision γ of the unit's shape.
func (s twoSides) factors() (a, b, gamma float64) {
	gamma = 2 * s.gammaUp * s.gammaDown / (s.gammaUp + s.gammaDown)
	return s.gammaUp / gamma, s.gammaDown / gamma, gamma
}

// shape returns the parameters of package kernels for the same unit: the field θ, log σ², the jump Δ and the skew ξ.
func (s twoSides) shape() (field, logVariance, jump, skew float64) {
	_, _, gamma := s.factors()
	sum := s.gammaUp + s.gammaDown
	eta := (s.gammaDown - s.gammaUp) / sum
	return (s.up*s.gammaDown + s.down*s.gammaUp) / sum, -math.Log(gamma), gamma * (s.up - s.down) / sum, eta / (1 - math.Abs(eta))
}

// moments are ⟨s⁺⟩, ⟨s⁻⟩, ⟨s⁺²⟩ and ⟨s⁻²⟩, with s⁺ = max(s,0) and s⁻ = min(s,0).
type moments struct{ up, down, squareUp, squareDown float64 }

// momentsOf returns the moments of a unit whose slopes of Γ are known. With the energies A (γs²/2 - Δs) above 0 and
// B (γs²/2 + Δs) below
//
//	mean = ∂Γ/∂θ = ⟨s⁺⟩ + ⟨s⁻⟩,    byJump = ∂Γ/∂Δ = A ⟨s⁺⟩ - B ⟨s⁻⟩,
//	byLogVariance = ∂Γ/∂log σ² = γ (A ⟨s⁺²⟩ + B ⟨s⁻²⟩)/2,
//	(1+|ξ|)² bySkew = (1+|ξ|)² ∂Γ/∂ξ = A² (γ ⟨s⁺²⟩/2 - Δ ⟨s⁺⟩) - B² (γ ⟨s⁻²⟩/2 + Δ ⟨s⁻⟩),
//
// which are four linear equations in the moments.
func (s twoSides) momentsOf(mean, byJump, byLogVariance, bySkew float64) moments {
	a, b, gamma := s.factors()
	_, _, jump, skew := s.shape()
	m := moments{up: (byJump + b*mean) / (a + b), down: (a*mean - byJump) / (a + b)}
	rest := bySkew*math.Pow(1+math.Abs(skew), 2) + a*a*jump*m.up + b*b*jump*m.down
	above := (rest + b*byLogVariance) / (a * (a + b))
	m.squareUp, m.squareDown = above*2/gamma, (byLogVariance-a*above)/b*2/gamma
	return m
}

// goldenDReLU returns a model of three categorical units and two drelu units, with its settings: 18 weights, 9
// visible biases, and four numbers of each hidden unit, the bias first.
func goldenDReLU(t *testing.T, hidden [2]twoSides) (*rbm.Model, []rbmtest.Setting) {
	m := goldenModel(t, "categorical/3", "drelu", 9, 2)
	var settings []rbmtest.Setting
	for i := range 3 {
		for a := range 3 {
			for mu := range 2 {
				settings = join(settings, set(m.Weights[(3*i+a)*2+mu:], 0.5*math.Sin(float64(1+6*i+2*a+mu))))
			}
		}
	}
	for i := range 9 {
		settings = join(settings, set(m.Visible.Bias[i:], 0.3*math.Cos(float64(i))))
	}
	for j, h := range hidden {
		field, logVariance, jump, skew := h.shape()
		settings = join(settings, set(m.Hidden.Bias[j:], field), set(m.Hidden.LogVariance[j:], logVariance),
			set(m.Hidden.Jump[j:], jump), set(m.Hidden.Skew[j:], skew))
	}
	return m, settings
}

// goldenSides are the hidden units of the golden model.
var goldenSides = [2]twoSides{{0.7, -0.4, 1.3, 0.6}, {-0.2, 0.5, 0.9, 1.7}}

// goldenStates returns rows with the given categories of the three visible units.
func goldenStates(rows ...[3]int) []float32 {
	v := make([]float32, 9*len(rows))
	for n, r := range rows {
		for i, a := range r {
			v[9*n+3*i+a] = 1
		}
	}
	return v
}

// meanSlopes returns ⟨∂Γ/∂log σ²⟩ of each hidden unit over weighted visible states. each calls its argument with
// every state and its weight.
func meanSlopes(m *rbm.Model, each func(add func(v []float32, weight float64))) []float64 {
	sums := make([]float64, m.Hidden.Len())
	each(func(v []float32, weight float64) {
		for j, x := range m.HiddenField(nil, v) {
			shape := engine.Shape{
				LogVariance: float64(m.Hidden.LogVariance[j]), Jump: float64(m.Hidden.Jump[j]), Skew: float64(m.Hidden.Skew[j]),
			}
			sums[j] += weight * m.Hidden.Units.Of(j).Slope(x, shape, engine.ByLogVariance)
		}
	})
	return sums
}

// TestGoldenDReLU: a small model of categories and drelu units: its log Z, free energies, moments, and the gradient of the
// mean log-likelihood of four rows by the fields and precisions of the sides.
func TestGoldenDReLU(t *testing.T) {
	m, settings := goldenDReLU(t, goldenSides)
	rows := goldenStates([3]int{0, 1, 2}, [3]int{0, 1, 2}, [3]int{2, 2, 0}, [3]int{1, 0, 0})
	checkGolden(t, settings, func() []golden {
		logZ := rbmtest.LogPartition(t, m)
		g, err := m.LogLikelihoodGradient(rows, logZ)
		if err != nil {
			t.Fatal(err)
		}
		data := m.PositivePhase(rows)
		dataSlopes := meanSlopes(m, func(add func(v []float32, weight float64)) {
			for n := range 4 {
				add(rows[9*n:9*n+9], 0.25)
			}
		})
		modelSlopes := meanSlopes(m, func(add func(v []float32, weight float64)) {
			for v, logP := range m.EnumerateVisible(logZ) {
				add(v, math.Exp(logP))
			}
		})
		list := []golden{
			{"log Z", logZ, 6.264223420768},
			{"-F(000)", -m.FreeEnergy(goldenStates([3]int{0, 0, 0})), 4.018029094393},
			{"-F(012)", -m.FreeEnergy(goldenStates([3]int{0, 1, 2})), 2.114233456144},
			{"mean log-likelihood", m.LogLikelihood(rows, logZ), -3.727016932989},
			{"∂/∂w_000", g.Weights[0], -0.249927816357},
			{"⟨[v_0=0] h_0⟩", data.Weights[0] - g.Weights[0], 0.209645540740},
			{"⟨[v_2=1] h_1⟩", data.Weights[7*2+1] - g.Weights[7*2+1], 0.060877622961},
		}
		for a, p := range []float64{0.380583301504, 0.241095665452, 0.378321033044} {
			list = append(list, golden{fmt.Sprint("p of category ", a), data.VisibleBias[a] - g.VisibleBias[a], p})
		}
		for j, s := range goldenSides {
			mean := data.HiddenBias[j] - g.HiddenBias[j]
			got := s.momentsOf(mean, data.HiddenJump[j]-g.HiddenJump[j], modelSlopes[j], data.HiddenSkew[j]-g.HiddenSkew[j])
			want := []moments{
				{0.499769234985, -1.233755957616, 0.835908739121, 3.673828604162},
				{0.550878307158, -0.251062257030, 0.855956899781, 0.244190779729},
			}[j]
			list = append(list,
				golden{fmt.Sprintf("⟨h_%d⟩", j), mean, []float64{-0.733986722631, 0.299816050127}[j]},
				golden{fmt.Sprintf("⟨h_%d⁺⟩", j), got.up, want.up},
				golden{fmt.Sprintf("⟨h_%d⁻⟩", j), got.down, want.down},
				golden{fmt.Sprintf("⟨h_%d⁺²⟩", j), got.squareUp, want.squareUp},
				golden{fmt.Sprintf("⟨h_%d⁻²⟩", j), got.squareDown, want.squareDown})
		}
		// The equations are linear, so that differences of slopes, data less model, give differences of moments. The
		// log-likelihood has the slopes ⟨s⁺⟩ in θ⁺ and -⟨s⁺²⟩/2 in γ⁺, data less model, and likewise below 0.
		d := goldenSides[0].momentsOf(g.HiddenBias[0], g.HiddenJump[0], dataSlopes[0]-modelSlopes[0], g.HiddenSkew[0])
		return append(list,
			golden{"∂/∂θ⁺", d.up, -0.005100795165}, golden{"∂/∂θ⁻", d.down, 0.401553982804},
			golden{"∂/∂γ⁺", -d.squareUp / 2, 0.044494263261}, golden{"∂/∂γ⁻", -d.squareDown / 2, 0.872646129799})
	})
}

// TestGoldenGauges: the zero-sum gauge leaves p(v,h) of the golden model. So does another unit of measure for a hidden
// unit: half the states, with twice the weights and fields and four times the precisions. log Z falls by log 2 then.
func TestGoldenGauges(t *testing.T) {
	m, settings := goldenDReLU(t, goldenSides)
	parameters := rbmtest.AtFloat64(settings, func() []float64 {
		weights, visible, hidden := m.ZeroSumFloat64()
		return slices.Concat(weights, visible, hidden)
	})
	// The weights of the gauge move both fields of a unit alike.
	for j, want := range [][2]float64{{0.733639830120, -0.366360169880}, {-0.244406592782, 0.455593407218}} {
		shift := parameters[27+j] - settings[27+4*j].To
		rbmtest.Near(t, fmt.Sprintf("θ⁺ of hidden unit %d", j), goldenSides[j].up+shift, want[0], goldenTolerance)
		rbmtest.Near(t, fmt.Sprintf("θ⁻ of hidden unit %d", j), goldenSides[j].down+shift, want[1], goldenTolerance)
	}
	z, gauged := goldenDReLU(t, goldenSides)
	var zeroed float64 // means of the visible biases
	for i := range 9 {
		zeroed += settings[18+i].To / 3
	}
	for i := range 27 {
		gauged[i].To = parameters[i]
	}
	gauged[27].To, gauged[31].To = parameters[27], parameters[28]
	checkGolden(t, gauged, func() []golden {
		logZ := rbmtest.LogPartition(t, z)
		return []golden{
			{"log Z", logZ, 6.130948016318},
			{"log Z with the visible biases as before", logZ + zeroed, 6.264223420768},
			{"-F(000)", zeroed - z.FreeEnergy(goldenStates([3]int{0, 0, 0})), 4.018029094393},
			{"-F(012)", zeroed - z.FreeEnergy(goldenStates([3]int{0, 1, 2})), 2.114233456144},
		}
	})

	scaled := goldenSides
	scaled[0] = twoSides{2 * 0.7, 2 * -0.4, 4 * 1.3, 4 * 0.6}
	y, settings := goldenDReLU(t, scaled)
	for i := range 9 {
		settings[2*i].To *= 2
	}
	checkGolden(t, settings, func() []golden {
		return []golden{{"log Z of the scaled model", rbmtest.LogPartition(t, y), 5.571076240209}}
	})
}
