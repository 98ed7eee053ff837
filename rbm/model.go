package rbm

import (
	"fmt"
	"math"
	"strings"

	"harmonium/engine"
)

// Model is an RBM of V visible and H hidden units with
//
//	E(v,h) = -aᵀv - bᵀh - vᵀWh    and    p(v,h) = e^(-E(v,h)) / Z.
//
// Couplings and real states add terms to E (see Lateral, and U_i in [Layer]). The slices are row-major and owned by the
// model.
type Model struct {
	Visible Layer     // with biases a (V)
	Hidden  Layer     // with biases b (H)
	Weights []float32 // W (V,H)

	// Lateral are couplings L (V,V) among the visible units, which add -½ vᵀLv to the energy: symmetric, and
	// 0 between the columns of one unit. Nil stands for none, the restricted machine.
	Lateral []float32

	// BaseRates are the frequencies (V) of the state High in the training data's columns, each in [0,1],
	// and the means of columns with real states. They determine the independent model from which annealed
	// importance sampling starts (see Base). Nil if unknown.
	BaseRates []float32

	// BaseVariances are the variances (V) of the training data's columns with real states, and 0 in other
	// columns. Nil if unknown, or if no states are real.
	BaseVariances []float32

	// Provenance records the origin of the model in keys and values: data set,
	// binarization, flags, seed, version.
	Provenance map[string]string
}

// NewModel returns a model of the given size with units of the default kind and all
// parameters zero.
func NewModel(visible, hidden int) (*Model, error) { return NewModelOf(nil, nil, visible, hidden) }

// NewModelOf returns a model of the given units and size with all parameters zero. Without hidden units
// it is a model of the visible ones alone.
func NewModelOf(visibleUnits, hiddenUnits engine.Units, visible, hidden int) (*Model, error) {
	if visible < 1 || hidden < 0 {
		return nil, fmt.Errorf("rbm: %d visible and %d hidden units, want at least 1 visible one", visible, hidden)
	}
	if err := visibleUnits.Check(visible); err != nil {
		return nil, fmt.Errorf("rbm: visible: %w", err)
	}
	if err := hiddenUnits.Check(hidden); err != nil {
		return nil, fmt.Errorf("rbm: hidden: %w", err)
	}
	if err := CheckReal(visibleUnits, hiddenUnits); err != nil {
		return nil, fmt.Errorf("rbm: %w", err)
	}
	return &Model{
		Visible: NewLayer(visibleUnits, visible),
		Hidden:  NewLayer(hiddenUnits, hidden),
		Weights: make([]float32, visible*hidden),
	}, nil
}

// CheckReal returns an error if real states of these kinds cannot be in the two layers of one model. Real states in
// both layers have no distribution where their weights are large: the energy falls without end. Whether it does
// is checked (see [Model.Gaussian]) only if all units of both layers are Gaussian, so that real states in both layers are
// accepted only then. Units that are half (no negative states) or have two sides can only be hidden units (chosen).
func CheckReal(visible, hidden engine.Units) error {
	for _, g := range visible {
		switch k := g.Kind; {
		case k.Half() || k.Sides():
			return fmt.Errorf("visible: %v units can only be hidden units, want %s for numbers",
				k, strings.Join(engine.VisibleRealKindNames(), ", "))
		case k.Real() && hidden.Real() && !(gaussian(visible) && gaussian(hidden)):
			return fmt.Errorf("visible: %v units beside hidden units %s: real states of both layers have no distribution where "+
				"their weights are large, which is checked only where all units are %s",
				k, hidden, strings.Join(engine.VisibleRealKindNames(), " or "))
		}
	}
	return nil
}

// HiddenNorms returns the Euclidean norm of the weights of each hidden unit, (H).
func (m *Model) HiddenNorms() []float64 {
	norms := make([]float64, m.Hidden.Len())
	for i := range m.Visible.Len() {
		for j, w := range m.weightsOf(i) {
			norms[j] += float64(w) * float64(w)
		}
	}
	for j, squares := range norms {
		norms[j] = math.Sqrt(squares)
	}
	return norms
}

// weightsOf returns the weights (H) of visible unit i.
func (m *Model) weightsOf(i int) []float32 {
	return m.Weights[i*m.Hidden.Len() : (i+1)*m.Hidden.Len()]
}
