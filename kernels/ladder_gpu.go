//go:build gpu

package kernels

// LogRatios are the operands of the launch that weighs an exchange of temperatures.
type LogRatios struct {
	Ratios                Address // (Rows) float64
	V                     Address // (Rows, Visible)
	Bias, Base            Address // (Visible)
	Field                 Address // (Rows, Hidden)
	Betas, Levels, Clock  Address // (Count), (Rows)
	Count                 int     // of levels
	Rows, Visible, Hidden int
}

// LogRatio launches it, by [RowDot] and [SoftplusSum].
func (g *GPU) LogRatio(r LogRatios) error {
	return g.launch("log_ratio", r.Rows*lanes, r.Ratios, r.V, r.Bias, r.Base, r.Field, r.Betas, r.Levels, r.Clock,
		r.Count, r.Rows, r.Visible, r.Hidden)
}

// Swap launches the exchange of the levels of neighbours in so many chains with so many
// levels each; the draw's update is the clock's.
func (g *GPU) Swap(out, levels, ratios, clock Address, d Draw, chains, count int) error {
	key0, key1, stream := d.key()
	return g.launch("swap", chains*count, out, levels, ratios, clock, key0, key1, stream, chains, count)
}

// Coldest launches the copy of the rows of level 0 from x to out (chains, columns).
func (g *GPU) Coldest(out, x, levels Address, chains, count, columns int) error {
	return g.launch("coldest", chains*columns, out, x, levels, chains, count, columns)
}

// Tally launches the count of how exchanges went; the sums are those of one chain after
// the other.
func (g *GPU) Tally(out, before, levels, ratios, clock Address, chains, count int) error {
	return g.launch("tally", (count-1)*threads, out, before, levels, ratios, clock, chains, count)
}

// Trips launches the count of the turns of so many replicas on so many levels.
func (g *GPU) Trips(out, before, levels Address, count, rows int) error {
	return g.launch("trips", rows, out, before, levels, count, rows)
}
