package kernels

// Ones lists the ones of a 0/1 matrix of so many columns: row n has Count[n] of
// them, in the columns Index[n*Columns : n*Columns+Count[n]], rising. The kernel
// that draws a state writes its lists; Index has room for every column of every
// row, so that rows can be drawn independently of each other.
type Ones struct {
	Columns int
	Count   []int32 // (rows)
	Index   []int32 // (rows, Columns)
}

// NewOnes returns empty lists for rows times columns units.
func NewOnes(rows, columns int) Ones {
	return Ones{Columns: columns, Count: make([]int32, rows), Index: make([]int32, rows*columns)}
}

// Row returns the columns of the ones of row n.
func (o Ones) Row(n int) []int32 {
	start := n * o.Columns
	return o.Index[start : start+int(o.Count[n])]
}

// From returns the lists from row n on.
func (o Ones) From(n int) Ones {
	return Ones{Columns: o.Columns, Count: o.Count[n:], Index: o.Index[n*o.Columns:]}
}

// List writes the lists of the first rows rows of the 0/1 matrix x.
func (o Ones) List(x []float32, rows int) {
	for n := range rows {
		o.Count[n] = int32(listRow(o.Index[n*o.Columns:(n+1)*o.Columns], x[n*o.Columns:(n+1)*o.Columns]))
	}
}

// listRow writes the indices of the ones of x to index and returns their number.
func listRow(index []int32, x []float32) int {
	count := 0
	for j, v := range x {
		if v != 0 {
			index[count] = int32(j)
			count++
		}
	}
	return count
}

// TransposeOnes writes to t (columns, rows) the lists of the transposed matrix:
// for each column of o its rows with a one, rising. It panics if t.Columns is less
// than rows or a slice shorter than its shape.
func TransposeOnes(t, o Ones, rows int) {
	checkTransposeOnes(t, o, rows)
	clear(t.Count[:o.Columns])
	for n := range rows {
		for _, j := range o.Row(n) {
			t.Index[int(j)*t.Columns+int(t.Count[j])] = int32(n)
			t.Count[j]++
		}
	}
}

func checkTransposeOnes(t, o Ones, rows int) {
	if t.Columns < rows {
		panic("kernels: transpose: the lists have no room for their rows")
	}
	checkOnes(o, rows, o.Columns)
	checkOnes(t, o.Columns, t.Columns)
}
