//go:build gpu

package kernels

// ColumnMeans launches [ColumnMeans] of x (rows, columns). mean receives the means (columns) and,
// unless s (rows) is none, behind them the weighted means (columns).
func (g *GPU) ColumnMeans(mean, x, s Address, rows, columns int) error {
	const tile = 32
	return g.launch("column_means", (columns+tile-1)/tile*threads, mean, x, s, rows, columns)
}

// CenteredDot launches [CenteredDot].
func (g *GPU) CenteredDot(out, x, c Address, rows, columns int) error {
	return g.launch("centered_dot", rows*lanes, out, x, c, rows, columns)
}
