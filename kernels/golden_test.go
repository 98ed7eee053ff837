package kernels

import (
	"math"
	"testing"
)

// The golden figures were computed outside of this code, with 40 digits and more (mpmath), and are rounded to 15. To
// compute one anew: for a unit of energy E(s), Γ is log ∫ exp(-E(s)) ds over the unit's states, by quadrature; mean,
// variance and the probability of a side are integrals with the density exp(-E(s) - Γ); a slope is the difference
// of Γ at parameters 1e-12 to both sides.

// nearGolden fails the test unless got is within 1e-10 of the golden figure, or of its size where that is above 1.
// 1e-10 is chosen: above the errors from cancellation in float64, which are under 1e-12 in a moment (see
// fractionsFrom), and below an error in any term of a formula.
func nearGolden(t *testing.T, what string, got, want float64) {
	t.Helper()
	if !(math.Abs(got-want) <= 1e-10*max(1, math.Abs(want))) {
		t.Errorf("%s: got %.15g, want %.15g", what, got, want)
	}
}

// variance64 returns the variance of a unit's states. ⟨s²⟩ is twice ∂Γ/∂log σ² times σ² without sides.
func variance64(k Kind, x float64, s Shape) float64 {
	mean := []float64{x}
	k.Means(mean, s)
	if !k.Sides() {
		return 2*math.Exp(s.LogVariance)*k.Slope(x, s, ByLogVariance) - mean[0]*mean[0]
	}
	p, n := sides64(x, s)
	return p.part*2*p.second()*p.deviation*p.deviation + n.part*2*n.second()*n.deviation*n.deviation - mean[0]*mean[0]
}

// TestGoldenReLU: units whose energy is γs²/2 - θs for s ≥ 0.
func TestGoldenReLU(t *testing.T) {
	for _, g := range [][5]float64{ // θ, γ; Γ, mean, variance
		{0.7, 1.3, 0.66201763204607, 0.935238130752548, 0.398150170730159},
		{-3, 1.3, -1.21047795160311, 0.273144491543821, 0.0642894139458353},
		{-40, 1.3, -3.68969031030045, 0.0249595390543856, 6.21973582941855e-4},
		{6, 0.5, 37.2655121234846, 12, 2},
		{0, 1, 0.225791352644727, 0.797884560802865, 0.363380227632419},
	} {
		s := Shape{LogVariance: -math.Log(g[1])}
		mean := []float64{g[0]}
		ReLU.Means(mean, s)
		nearGolden(t, "Γ", ReLU.Cumulant([]float64{g[0]}, s), g[2])
		nearGolden(t, "mean", mean[0], g[3])
		nearGolden(t, "variance", variance64(ReLU, g[0], s), g[4])
	}
}

// TestGoldenDReLU: units whose energy is γ⁺s²/2 - θ⁺s for s ≥ 0 and γ⁻s²/2 - θ⁻s for s < 0, at the field x; and the same
// written with θ, γ, a jump and a skew.
func TestGoldenDReLU(t *testing.T) {
	type golden struct {
		x                              float64
		s                              Shape
		cumulant, mean, variance       float64
		positive                       float64 // probability of the states above 0
		byGamma, byJump, byEta, bySkew float64 // slopes of Γ; 0 where there is no figure
	}
	// The first two figures are for η = 0.4 and -0.6, where ξ = η/(1-|η|); the next two are for ξ itself.
	list := []golden{
		{0.7, Shape{-math.Log(1.1), -0.8, 0.4 / 0.6},
			0.680233464024245, 0.714290373817133, 0.680151309467772, 0.807191896408356,
			-0.442237472680107, 0.658851027219697, 0.44735466574702, 0.161047679668927},
		{-0.8, Shape{-math.Log(1.1), 0.8, -0.6 / 0.4},
			2.41880261802543, -1.67659670094742, 1.87911752011012, 0.133819302423175,
			-1.54840685935284, 1.33152216227288, -0.586784888485462, -0.0938855821576739},
		{0.7, Shape{-math.Log(1.1), -0.8, 0.7},
			0.685478132484503, 0.724680059349996, 0.683938817183448, 0.810481184135782,
			-0.445339051033374, 0.659412661589468, 0.444236063609577, 0.153714900902968},
		{0.7, Shape{-math.Log(1.1), -0.8, -1.6},
			0.0658336158936836, -0.190212431063853, 0.350201585647537, 0.401232862857981,
			-0.194617490657565, 0.548366023510824, 0.840252361935292, 0.124297686676818},
	}
	for _, g := range [][9]float64{ // θ⁺, θ⁻, γ⁺, γ⁻, x; Γ, mean, variance, positive
		{5, -2, 1, 3, 0, 13.4189419171662, 4.99998019104005, 1.0001132723102, 0.999996329393598},
		{5, -2, 1, 3, -6, 11.0363076862738, -2.66663832839714, 0.33342518438671, 1.05604908571856e-5},
		{0.7, -0.4, 1.3, 0.6, 0.25, 1.47774676575512, 0.100465710042412, 1.7012766182606, 0.566103379393589},
		{-3, 3, 1, 1, 0, -0.495640507745731, 0, 0.15070403520869, 0.5},
		{0, 0, 1, 1, 1.5, 2.04393853320467, 1.5, 1, 0.933192798731142},
	} {
		up, down, gammaUp, gammaDown := g[0]+g[4], g[1]+g[4], g[2], g[3]
		sum := gammaUp + gammaDown
		gamma, eta := 2*gammaUp*gammaDown/sum, (gammaDown-gammaUp)/sum
		s := Shape{-math.Log(gamma), gamma * (up - down) / sum, eta / (1 - math.Abs(eta))}
		x := (up*gammaDown + down*gammaUp) / sum
		list = append(list, golden{x: x, s: s, cumulant: g[5], mean: g[6], variance: g[7], positive: g[8]})
	}
	for _, g := range list {
		mean := []float64{g.x}
		DReLU.Means(mean, g.s)
		p, _ := sides64(g.x, g.s)
		nearGolden(t, "Γ", DReLU.Cumulant([]float64{g.x}, g.s), g.cumulant)
		nearGolden(t, "mean", mean[0], g.mean)
		nearGolden(t, "variance", variance64(DReLU, g.x, g.s), g.variance)
		nearGolden(t, "probability above 0", p.part, g.positive)
		// ∂log σ²/∂γ = -1/γ, and ∂ξ/∂η = (1+|ξ|)².
		for _, slope := range []struct {
			what      string
			got, want float64
		}{
			{"∂Γ/∂γ", -math.Exp(g.s.LogVariance) * DReLU.Slope(g.x, g.s, ByLogVariance), g.byGamma},
			{"∂Γ/∂Δ", DReLU.Slope(g.x, g.s, ByJump), g.byJump},
			{"∂Γ/∂η", math.Pow(1+math.Abs(g.s.Skew), 2) * DReLU.Slope(g.x, g.s, BySkew), g.byEta},
			{"∂Γ/∂ξ", DReLU.Slope(g.x, g.s, BySkew), g.bySkew},
		} {
			if slope.want != 0 {
				nearGolden(t, slope.what, slope.got, slope.want)
			}
		}
	}
}

// TestGoldenTails: mean and variance of a standard normal number z given z ≥ a, and erfcx(a/√2) = e^L(a), computed as
// √(2/π)/erfcx, 1 + a·mean - mean² and e^(a²/2)·erfc(a/√2). The relative errors are below 1e-10. The mean is
// a + e (see moments64) and may be off by the rounding of e more: from a = -5 it is 1e-6, and e near 5.
func TestGoldenTails(t *testing.T) {
	for _, g := range [][4]float64{
		{-5, 1.48671994090491e-6, 0.999992566398085, 536674.419203139},
		{-1, 0.287599970939178, 0.629686285776605, 2.77428595767001},
		{0, 0.797884560802865, 0.363380227632419, 1},
		{1, 1.52513527616098, 0.199097665570349, 0.523156583730247},
		{5, 5.18650396712584, 0.0326964346171122, 0.153838609950013},
		{10, 10.0980932339625, 0.00944537782565626, 0.079013388202772},
		{30, 30.0332596674337, 0.00110377151189009, 0.0265666987079676},
		{100, 100.009998000999, 9.99400499482635e-5, 0.00797804796271362},
		{1000, 1000.000999998, 9.99994000049999e-7, 7.97883762920698e-4},
	} {
		a := g[0]
		excess, variance := moments64(a)
		for _, c := range []struct {
			what                string
			got, want, rounding float64
		}{
			{"mean", a + excess, g[1], 0x1p-53 * excess},
			{"variance", variance, g[2], 0},
			{"erfcx", math.Exp(tail64(a)), g[3], 0},
		} {
			if !(math.Abs(c.got-c.want) <= 1e-10*c.want+c.rounding) {
				t.Errorf("%s above %v: got %.15g, want %.15g", c.what, a, c.got, c.want)
			}
		}
	}
}

// TestGoldenDraws: for a standard normal number with Q(a) = P(number > a), the z with Q(z) = u·Q(a). A change of z by d
// changes log Q(z) by d times the mean above z, so that an error of 1e-10 in z is one of 1e-10 times the mean in the
// logarithm. The draw in float32 is within 5e-6/(1+a) (see drawExcess).
func TestGoldenDraws(t *testing.T) {
	log := func(a float64) float64 { return tail64(a) - a*a/2 } // of 2Q(a)
	for _, g := range [][3]float64{
		{0, 0.5, 0.674489750196082},
		{1, 0.5, 1.40960870929345},
		{1, 0x1p-24, 5.62165946631741},
		{5, 0.5, 5.1320183320443},
		{5, 0.01, 5.82436454450843},
		{30, 0.5, 30.0230704678273},
		{1000, 0.5, 1000.00069314625},
	} {
		a, u, z := g[0], g[1], g[2]
		excess, _ := moments64(z)
		if off := log(z) - log(a) - math.Log(u); !(math.Abs(off) <= 1e-10*(z+excess)) {
			t.Errorf("above %v lie %v of what lies above %v, want %v", z, math.Exp(log(z)-log(a)), a, u)
		}
		if got := float64(drawExcess(float32(a), float32(u), float32(1-u))); !(math.Abs(got-(z-a)) <= 5e-6/(1+a)) {
			t.Errorf("draw of %v above %v: got %.9g, want %.9g", u, a, got, z-a)
		}
	}
}
