package kernels

// Set is one implementation of the kernels that take much of the time. Each function returns the bits of the
// definition, the function of the same name in this package, or what its comment permits. The other kernels
// run on the host as they are defined.
type Set struct {
	Name string // "go", "plain", "avx2", "avx512", "avx512vbmi2"

	// SparseBelow is the share of ones among states up to which sums over lists of the ones are
	// faster than products of values, as measured on layers of 784 and 500 units.
	SparseBelow float64

	Pack           func(dst Panels, src []float32, lo, hi int)
	PackTransposed func(dst Panels, src []float32, lo, hi int)

	Activate func(a Activation, lo, hi int) int
	Binarize func(s States, data []byte, batch []int32, d Draw, lo, hi, columns int) int

	SweepRows func(s Sweep, lo, hi int) int

	CumulantSum func(f []float64, z Grid, units Units, beta float32, rows, columns int)

	Gradient func(g []float32, data, chains Phase, lo, hi, visible, hidden int)
	Ascend   func(a Ascent, lo, hi, columns int) int
	Update   func(a Ascent, data, chains Phase, lo, hi, visible, columns int) int

	UpdatePanels func(w, turned Panels, a Ascent, data, chains Phase, lo, hi int) int
	Add          func(z, x, y []float32, lo, hi int) int

	SquaredL1 func(out, g, w []float32, units Units, cost float32, lo, hi, rows, columns int)
	Shrink    func(next, w []float32, blocks Blocks, threshold float32, lo, hi, rows, columns int)

	ColumnMeans       func(mean, weighted []float32, x Grid, s []float32, lo, hi, rows int)
	ColumnMeansStates func(mean, weighted []float32, x States, s []float32, lo, hi, rows int)
	RowDot            func(f []float64, x Grid, c []float32, rows, columns int)

	ActivateReals func(r Reals)
	RealSlopes    func(out, x []float32, units Units, shapes Shapes, by Slope, rows, columns int)

	RealCumulantSum func(f []float64, z Grid, units Units, shapes Shapes, beta float32, rows, columns int)
}

// Definition is the implementation in Go, which defines the kernels.
var Definition = Set{
	Name:              "go",
	SparseBelow:       1,
	Pack:              Pack,
	PackTransposed:    PackTransposed,
	Activate:          Activate,
	Binarize:          Binarize,
	SweepRows:         SweepRows,
	CumulantSum:       CumulantSum,
	Gradient:          Gradient,
	Ascend:            Ascend,
	Update:            Update,
	UpdatePanels:      UpdatePanels,
	Add:               Add,
	SquaredL1:         SquaredL1,
	Shrink:            Shrink,
	ColumnMeans:       ColumnMeans,
	ColumnMeansStates: ColumnMeansStates,
	RowDot:            RowDot,
	ActivateReals:     ActivateReals,
	RealSlopes:        RealSlopes,
	RealCumulantSum:   RealCumulantSum,
}
