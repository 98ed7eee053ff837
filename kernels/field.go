package kernels

// Field writes to z the input of one layer given the values of the other. It is
//
//	for n := range rows {
//		for j := range w.Columns {
//			z[n,j] = b[j] + Σ_i x[n,i]*w[i,j]    // i in rising order
//		}
//	}
//
// with z (rows, w.Columns), x (rows, w.Rows) and b (w.Columns). z must not overlap the
// inputs.
//
// For x in {0,1} and finite w every implementation returns the same bits: the
// sum starts at b[j] + 0, adds rows of w in index order and multiplies nothing,
// and a zero may be skipped, since adding it changes nothing. For other x an
// implementation is within γ(w.Rows+1)·(|b[j]| + Σ_i |x[n,i]*w[i,j]|) of the exact
// value, where γ(k) = k·u/(1-k·u) and u = 2⁻²⁴ (Higham, Accuracy and Stability
// of Numerical Algorithms, 2nd ed., §3.1).
//
// Field panics if a slice is shorter than its shape.
func Field(z, x []float32, w Panels, b []float32, rows int) {
	checkField(z, w, b, rows)
	checkStates(x, rows, w.Rows)
	for j := 0; j < w.Columns; j += PanelWidth {
		width, panel := min(PanelWidth, w.Columns-j), w.from(j)
		for n := range rows {
			row := z[n*w.Columns+j:][:width]
			startField(row, b[j:])
			for i, v := range x[n*w.Rows : (n+1)*w.Rows] {
				switch v {
				case 0:
				case 1:
					addRow(row, panel[i*PanelWidth:])
				default:
					addScaledRow(row, panel[i*PanelWidth:], v)
				}
			}
		}
	}
}

// FieldOnes is [Field] of the states that x lists, and returns the same bits.
// It panics if a slice is shorter than its shape.
func FieldOnes(z []float32, x Ones, w Panels, b []float32, rows int) {
	checkField(z, w, b, rows)
	checkOnes(x, rows, w.Rows)
	for j := 0; j < w.Columns; j += PanelWidth {
		width, panel := min(PanelWidth, w.Columns-j), w.from(j)
		for n := range rows {
			row := z[n*w.Columns+j:][:width]
			startField(row, b[j:])
			addRows(row, panel, x.Row(n))
		}
	}
}

// addRows adds to sum those rows of a panel that a list names, in its order.
func addRows(sum, panel []float32, list []int32) {
	const block = 8 // columns whose sums stay in registers
	for ; len(sum) >= block; sum, panel = sum[block:], panel[block:] {
		s0, s1, s2, s3, s4, s5, s6, s7 := sum[0], sum[1], sum[2], sum[3], sum[4], sum[5], sum[6], sum[7]
		for _, i := range list {
			w := (*[block]float32)(panel[int(i)*PanelWidth:])
			s0 += w[0]
			s1 += w[1]
			s2 += w[2]
			s3 += w[3]
			s4 += w[4]
			s5 += w[5]
			s6 += w[6]
			s7 += w[7]
		}
		sum[0], sum[1], sum[2], sum[3], sum[4], sum[5], sum[6], sum[7] = s0, s1, s2, s3, s4, s5, s6, s7
	}
	if len(sum) > 0 {
		for _, i := range list {
			addRow(sum, panel[int(i)*PanelWidth:])
		}
	}
}

func checkField(z []float32, w Panels, b []float32, rows int) {
	w.check()
	if len(z) < rows*w.Columns || len(b) < w.Columns {
		panic("kernels: field: z or b is shorter than its shape")
	}
}

func checkStates(x []float32, rows, in int) {
	if len(x) < rows*in {
		panic("kernels: field: x is shorter than its shape")
	}
}

// startField sets a row to its bias. The sum with +0 turns a bias of -0 into +0,
// so that adding zeros later leaves every bit as it is.
func startField(row, b []float32) {
	b = b[:len(row)]
	for j := range row {
		row[j] = b[j] + 0
	}
}

func addRow(dst, src []float32) {
	src = src[:len(dst)]
	for j := range dst {
		dst[j] += src[j]
	}
}

func addScaledRow(dst, src []float32, scale float32) {
	src = src[:len(dst)]
	for j := range dst {
		dst[j] += float32(scale * src[j])
	}
}
