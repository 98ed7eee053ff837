package kernels

// eachPart calls f with the columns left ≤ j < right and the rows first ≤ n < end that the
// elements lo ≤ e < hi of a matrix make up: a part of a panel, or whole panels. Elements are
// numbered panel by panel, and row by row within a panel; those of a row of a panel belong to
// whom the first of them does.
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

// placeOf returns panel and row of element e, or of the first one after it that begins a row.
func placeOf(e, rows, columns int) (panel, row int) {
	panel = min(e/(rows*PanelWidth), (columns-1)/PanelWidth)
	width := min(PanelWidth, columns-panel*PanelWidth)
	row = (e - panel*rows*PanelWidth + width - 1) / width
	if row == rows {
		return panel + 1, 0
	}
	return panel, row
}
