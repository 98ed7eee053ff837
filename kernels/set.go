package kernels

// Set is one implementation of the kernels. The doc comment of each function of
// the same name is what every implementation has to equal.
type Set struct {
	Name string // "go", "plain", "avx2", "avx512"

	// SparseBelow is the share of ones below which FieldOnes and listed phases are
	// quicker than Field and dense ones, as measured on layers of 784 and 500 units.
	SparseBelow float64

	Pack           func(dst Panels, src []float32, lo, hi int)
	PackTransposed func(dst Panels, src []float32, lo, hi int)

	Field        func(z, x []float32, w Panels, b []float32, rows int)
	FieldOnes    func(z []float32, x Ones, w Panels, b []float32, rows int)
	ChangedField func(z, before []float32, was, x Ones, room Changes, w Panels, b []float32, rows int)
	Mean         func(p, z []float32, t Temper, rows, columns int)
	Sample       func(s []float32, ones Ones, p []float32, d Draw, rows, columns int)
	Binarize     func(s []float32, ones Ones, data []byte, batch []int32, d Draw, lo, hi, columns int)

	SoftplusSum func(f []float64, z []float32, beta float32, rows, columns int)

	TransposeOnes func(t, o Ones, rows, lo, hi int)

	Gradient func(g []float32, data, chains Phase, lo, hi, visible, hidden int)
	Ascend   func(a Ascent, lo, hi, columns int) int
	Update   func(a Ascent, data, chains Phase, lo, hi, visible, columns int) int

	UpdatePanels func(w, turned Panels, a Ascent, data, chains Phase, lo, hi int) int
	Add          func(z, x, y []float32, lo, hi int) int

	ColumnMeans func(mean, weighted, x, s []float32, lo, hi, rows, columns int)
	RowDot      func(f []float64, x, c []float32, rows, columns int)
}

// Definition is the implementation in Go that defines the kernels.
var Definition = Set{
	Name:           "go",
	SparseBelow:    1,
	Pack:           Pack,
	PackTransposed: PackTransposed,
	Field:          Field,
	FieldOnes:      FieldOnes,
	ChangedField:   ChangedField,
	Mean:           Mean,
	Sample:         Sample,
	Binarize:       Binarize,
	SoftplusSum:    SoftplusSum,
	TransposeOnes:  TransposeOnes,
	Gradient:       Gradient,
	Ascend:         Ascend,
	Update:         Update,
	UpdatePanels:   UpdatePanels,
	Add:            Add,
	ColumnMeans:    ColumnMeans,
	RowDot:         RowDot,
}
