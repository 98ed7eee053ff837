package rbm

import (
	"errors"
	"math"
	"slices"

	"gonum.org/v1/gonum/mat"

	"harmonium/engine"
)

// ErrNoDistribution is the error of a model without a distribution: e^(-E) has no finite integral.
var ErrNoDistribution = errors.New("the model has no distribution: its energy falls without end, as weights between " +
	"real states are too large for their variances; a lower learning rate or more decay of the weights keeps them small")

// Gaussian reports whether the units of both layers are real numbers with Gaussian distributions given the other
// layer. The model is then a normal distribution of all units x = (v,h),
//
//	-E = θᵀx - ½ xᵀAx,    A = [P_v -W; -Wᵀ P_h],
//
// with the biases θ and the diagonal precisions P = 1/σ², if A is positive definite. Else there is no distribution.
func (m *Model) Gaussian() bool { return gaussian(m.Visible.Units) && gaussian(m.Hidden.Units) }

// gaussian reports whether all units are real numbers with one Gaussian distribution each.
func gaussian(units engine.Units) bool {
	for _, g := range units {
		if !g.Kind.Real() || g.Kind.Half() || g.Kind.Sides() {
			return false
		}
	}
	return len(units) > 0
}

// normal is the normal distribution of a Gaussian model. The n units of the larger layer are integrated out first,
// which leaves the k units of the smaller one. W here has the larger layer's units as rows: it is Model.Weights, or
// their transpose where swapped.
type normal struct {
	model   *Model
	swapped bool          // the visible layer is the smaller one
	outer   []float64     // (n) variances P_n⁻¹ of the larger layer, given the other
	cross   *mat.Dense    // (n,k) P_n⁻¹ W
	schur   *mat.Cholesky // of the precision S = P_k - Wᵀ P_n⁻¹ W of the smaller layer, (k,k)
	mean    [2][]float64  // of the smaller layer (k), and of the larger one (n)
	logZ    float64
}

// newNormal returns the distribution of a Gaussian model, or false if it has none. With c = θ_k + Wᵀ P_n⁻¹ θ_n
//
//	⟨x_k⟩ = S⁻¹ c,    ⟨x_n⟩ = P_n⁻¹ (θ_n + W ⟨x_k⟩),
//	log Z = ½ ((n+k) log 2π - log det P_n - log det S + θ_nᵀ P_n⁻¹ θ_n + cᵀ S⁻¹ c).
//
// It takes about n·k² + k³/3 multiplications.
func newNormal(m *Model) (*normal, bool) {
	small, large := m.Hidden, m.Visible
	d := &normal{model: m, swapped: m.Visible.Len() < m.Hidden.Len()}
	if d.swapped {
		small, large = large, small
	}
	k, n := small.Len(), large.Len()
	d.outer, d.cross = make([]float64, n), mat.NewDense(n, k, nil)
	weights := mat.NewDense(n, k, nil)
	field := make([]float64, k) // c
	for j, b := range small.Bias {
		field[j] = float64(b)
	}
	logDet := 0.0 // of P_n
	for i := range n {
		d.outer[i] = math.Exp(float64(large.LogVariance[i]))
		logDet -= float64(large.LogVariance[i])
		theta := float64(large.Bias[i])
		d.logZ += theta * theta * d.outer[i] / 2
		for j := range k {
			w := d.weight(i, j)
			weights.Set(i, j, w)
			d.cross.Set(i, j, w*d.outer[i])
			field[j] += w * d.outer[i] * theta
		}
	}
	var product mat.Dense
	product.Mul(weights.T(), d.cross)
	schur := mat.NewSymDense(k, nil)
	for i := range k {
		for j := i; j < k; j++ {
			schur.SetSym(i, j, -(product.At(i, j)+product.At(j, i))/2) // the two differ by roundings
		}
		schur.SetSym(i, i, schur.At(i, i)+math.Exp(-float64(small.LogVariance[i])))
	}
	d.schur = new(mat.Cholesky)
	if !d.schur.Factorize(schur) {
		return nil, false
	}
	var inner mat.VecDense
	if failed(d.schur.SolveVecTo(&inner, mat.NewVecDense(k, field))) {
		return nil, false
	}
	d.mean = [2][]float64{inner.RawVector().Data, make([]float64, n)}
	for i := range n {
		d.mean[1][i] = float64(large.Bias[i]) * d.outer[i]
		for j, x := range d.mean[0] {
			d.mean[1][i] += d.cross.At(i, j) * x
		}
	}
	for j, c := range field {
		d.logZ += c * d.mean[0][j] / 2
	}
	d.logZ += (float64(n+k)*math.Log(2*math.Pi) - logDet - d.schur.LogDet()) / 2
	return d, !math.IsNaN(d.logZ)
}

// failed reports whether the solution of an equation is an error other than a bad condition number: that leaves a
// result, and is expected where the model nearly has no distribution.
func failed(err error) bool { return err != nil && !errors.As(err, new(mat.Condition)) }

// weight returns W_ij, between unit i of the larger layer and unit j of the smaller one.
func (d *normal) weight(i, j int) float64 {
	if d.swapped {
		i, j = j, i
	}
	return float64(d.model.Weights[i*d.model.Hidden.Len()+j])
}

// gaussianLogPartition returns
//
//	log Z = ½ ((V+H) log 2π + θᵀA⁻¹θ - log det A),
//
// and +Inf if A is not positive definite.
func (m *Model) gaussianLogPartition() float64 {
	d, ok := newNormal(m)
	if !ok {
		return math.Inf(1)
	}
	return d.logZ
}

// addNormal adds weight times the statistics ⟨v hᵀ⟩, ⟨v⟩, ⟨h⟩ and ⟨v²/2σ²⟩ of a Gaussian model to a gradient. It returns
// ErrNoDistribution if there is none.
func (m *Model) addNormal(g *Gradient, weight float64) error {
	d, ok := newNormal(m)
	if !ok {
		return ErrNoDistribution
	}
	var inner mat.SymDense // the covariances S⁻¹ of the smaller layer
	if failed(d.schur.InverseTo(&inner)) {
		return ErrNoDistribution
	}
	var between mat.Dense // the covariances P_n⁻¹ W S⁻¹ of the layers, (n,k)
	between.Mul(d.cross, &inner)
	visible, hidden := d.mean[1], d.mean[0]
	if d.swapped {
		visible, hidden = hidden, visible
	}
	addMoments(g, weight, visible, hidden)
	n, k := between.Dims()
	for i := range n {
		for j := range k {
			at := i*k + j
			if d.swapped {
				at = j*n + i
			}
			g.Weights[at] += weight * between.At(i, j)
		}
	}
	for i, mean := range visible {
		var variance float64
		if d.swapped {
			variance = inner.At(i, i)
		} else {
			variance = d.outer[i]
			for j := range k {
				variance += between.At(i, j) * d.cross.At(i, j)
			}
		}
		g.VisibleLogVariance[i] += weight * (variance + mean*mean) / 2 * math.Exp(-float64(m.Visible.LogVariance[i]))
	}
	return nil
}

// NormalSamples returns independent visible states (N,V) of a Gaussian model, exact samples, made from independent
// standard normal numbers (N,V+H): in each row the first k make the states of the smaller layer (see normal), and the
// others the states of the larger one. It returns ErrNoDistribution if there is none, and panics if the numbers are no
// rows of V+H.
func (m *Model) NormalSamples(numbers []float32) ([]float32, error) {
	visible, width := m.Visible.Len(), m.Visible.Len()+m.Hidden.Len()
	if len(numbers)%width != 0 {
		panic("rbm: numbers that are no rows of all units")
	}
	d, ok := newNormal(m)
	if !ok {
		return nil, ErrNoDistribution
	}
	var upper mat.TriDense // U with S = UᵀU, so that U⁻¹ε has the covariances S⁻¹
	d.schur.UTo(&upper)
	n, k := d.cross.Dims()
	states := make([]float32, 0, len(numbers)/width*visible)
	inner, noise := mat.NewVecDense(k, nil), mat.NewVecDense(k, nil)
	for row := range slices.Chunk(numbers, width) {
		for j := range k {
			noise.SetVec(j, float64(row[j]))
		}
		if err := inner.SolveVec(&upper, noise); failed(err) {
			return nil, err
		}
		if d.swapped {
			for j := range k {
				states = append(states, float32(d.mean[0][j]+inner.AtVec(j)))
			}
			continue
		}
		for i := range n {
			x := d.mean[1][i] + math.Sqrt(d.outer[i])*float64(row[k+i])
			for j := range k {
				x += d.cross.At(i, j) * inner.AtVec(j)
			}
			states = append(states, float32(x))
		}
	}
	return states, nil
}
