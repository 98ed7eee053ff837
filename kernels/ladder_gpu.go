//go:build gpu

package kernels

// LogRatios holds the operands of a launch of [LogRatio].
type LogRatios struct {
	Ratios                Address // (Rows) float64
	V                     Address // (Rows, Visible)
	Bias, Base            Address // (Visible)
	Field                 Address // (Rows, Hidden)
	Kinds                 Address // (Hidden), or none
	Betas, Levels, Clock  Address // (Count), (Rows) and the clock, which gives the update
	Count                 int     // number of levels
	Rows, Visible, Hidden int
}

// LogRatio launches [LogRatio]. The clock gives the update.
func (g *GPU) LogRatio(r LogRatios) error {
	return g.launch("log_ratio", r.Rows*lanes, r.Ratios, r.V, r.Bias, r.Base, r.Field, r.Kinds, r.Betas, r.Levels, r.Clock,
		r.Count, r.Rows, r.Visible, r.Hidden)
}

// Swap launches [Swap] of chains with count levels each. The clock gives the update of the draw.
func (g *GPU) Swap(out, levels, ratios, clock Address, d Draw, chains, count int) error {
	key0, key1, stream, row := d.key()
	return g.launch("swap", chains*count, out, levels, ratios, clock, key0, key1, stream, row, chains, count)
}

// Coldest launches [Coldest].
func (g *GPU) Coldest(out, x, levels Address, chains, count, columns int) error {
	return g.launch("coldest", chains*columns, out, x, levels, chains, count, columns)
}

// Tally launches [Tally]. The clock gives the update.
func (g *GPU) Tally(out, before, levels, ratios, clock Address, chains, count int) error {
	return g.launch("tally", (count-1)*threads, out, before, levels, ratios, clock, chains, count)
}

// Trips launches [Trips].
func (g *GPU) Trips(out, before, levels Address, count, rows int) error {
	return g.launch("trips", rows, out, before, levels, count, rows)
}
