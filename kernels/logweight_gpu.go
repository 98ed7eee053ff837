//go:build gpu

package kernels

// Weigh holds the operands of a launch of [LogWeight].
type Weigh struct {
	After, Before         Address // (Rows) float64; may be the same
	V                     Address // (Rows, Visible)
	Bias, Base            Address // (Visible)
	Field                 Address // (Rows, Hidden)
	Kinds                 Address // (Hidden), or none
	Betas, Clock          Address // the step goes from Betas[u] to Betas[u+1], where u is the clock's update
	Rows, Visible, Hidden int
}

// LogWeight launches [LogWeight].
func (g *GPU) LogWeight(w Weigh) error {
	return g.launch("log_weight", w.Rows*lanes, w.After, w.Before, w.V, w.Bias, w.Base, w.Field, w.Kinds, w.Betas, w.Clock,
		w.Rows, w.Visible, w.Hidden)
}
