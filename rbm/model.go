package rbm

import "fmt"

// Model is a Bernoulli RBM: V visible and H hidden units in {0,1} with
//
//	E(v,h) = -aᵀv - bᵀh - vᵀWh    and    p(v,h) = e^(-E(v,h)) / Z.
//
// The slices are row-major and owned by the model.
type Model struct {
	Visible int // V
	Hidden  int // H

	Weights     []float32 // W (V,H)
	VisibleBias []float32 // a (V)
	HiddenBias  []float32 // b (H)

	// BaseRates are the means of the training data's columns (V), each in
	// [0,1]: the independent model that annealed importance sampling starts
	// from. Nil if unknown.
	BaseRates []float32

	// Provenance says how the model came about, as key and value: data set,
	// binarization, flags, seed, version.
	Provenance map[string]string
}

// NewModel returns a model of the given size with all parameters zero.
func NewModel(visible, hidden int) (*Model, error) {
	if visible < 1 || hidden < 1 {
		return nil, fmt.Errorf("rbm: %d visible and %d hidden units, want at least 1 of each", visible, hidden)
	}
	return &Model{
		Visible:     visible,
		Hidden:      hidden,
		Weights:     make([]float32, visible*hidden),
		VisibleBias: make([]float32, visible),
		HiddenBias:  make([]float32, hidden),
	}, nil
}
