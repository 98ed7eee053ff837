package kernels

// Field writes to z the input of one layer given the values of the other. It is
//
//	for n := range rows {
//		for j := range out {
//			z[n,j] = b[j] + Σ_i x[n,i]*w[i,j]    // i in rising order
//		}
//	}
//
// with z (rows, out), x (rows, in), w (in, out) and b (out). z must not overlap
// the inputs.
//
// For x in {0,1} and finite w every implementation returns the same bits: the
// sum starts at b[j] + 0, adds rows of w in index order and multiplies nothing,
// and a zero may be skipped, since adding it changes nothing. For other x an
// implementation is within γ(in+1)·(|b[j]| + Σ_i |x[n,i]*w[i,j]|) of the exact
// value, where γ(k) = k·u/(1-k·u) and u = 2⁻²⁴ (Higham, Accuracy and Stability
// of Numerical Algorithms, 2nd ed., §3.1).
//
// Field panics if a slice is shorter than its shape.
func Field(z, x, w, b []float32, rows, in, out int) {
	checkField(z, w, b, rows, in, out)
	checkStates(x, rows, in)
	for n := range rows {
		row := z[n*out : (n+1)*out]
		startField(row, b)
		for i, v := range x[n*in : (n+1)*in] {
			switch v {
			case 0:
			case 1:
				addRow(row, w[i*out:(i+1)*out])
			default:
				addScaledRow(row, w[i*out:(i+1)*out], v)
			}
		}
	}
}

// FieldOnes is [Field] of the states that x lists, and returns the same bits.
// It panics if a slice is shorter than its shape.
func FieldOnes(z []float32, x Ones, w, b []float32, rows, in, out int) {
	checkField(z, w, b, rows, in, out)
	checkOnes(x, rows, in)
	for n := range rows {
		row := z[n*out : (n+1)*out]
		startField(row, b)
		for _, i := range x.Row(n) {
			addRow(row, w[int(i)*out:int(i+1)*out])
		}
	}
}

func checkField(z, w, b []float32, rows, in, out int) {
	if len(z) < rows*out || len(w) < in*out || len(b) < out {
		panic("kernels: field: z, w or b is shorter than its shape")
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
