package kernels

// eachPart splits the elements lo ≤ e < hi of a matrix into parts of a panel and whole panels,
// and calls f with the columns left ≤ j < right and the rows first ≤ n < end of each. Elements
// are numbered panel by panel, and row by row within a panel. The elements of one row and panel
// belong to the range that has the first of them.
func eachPart(lo, hi, rows, columns int, f func(left, right, first, end int)) {
	if lo >= hi {
		return
	}
	part := func(panel, panels, first, end int) {
		if first < end && panels > 0 {
			f(panel*PanelWidth, min((panel+panels)*PanelWidth, columns), first, end)
		}
	}
	panel, first := placeOf(lo, rows, columns)
	last, end := placeOf(hi, rows, columns)
	if panel < last && first > 0 {
		part(panel, 1, first, rows)
		panel, first = panel+1, 0
	}
	if panel < last {
		part(panel, last-panel, 0, rows)
		panel = last
	}
	part(panel, 1, first, end)
}

// placeOf returns the panel and row of element e, or of the next element that begins a row.
func placeOf(e, rows, columns int) (panel, row int) {
	panel = min(e/(rows*PanelWidth), (columns-1)/PanelWidth) // the last panel may be narrower
	width := min(PanelWidth, columns-panel*PanelWidth)
	row = (e - panel*rows*PanelWidth + width - 1) / width
	if row == rows {
		return panel + 1, 0
	}
	return panel, row
}
