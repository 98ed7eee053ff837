package kernels

import "unsafe"

// PanelWidth is the number of columns of a panel, as many as a word of [States] has bits.
const PanelWidth = 64

// Panels is a matrix (Rows, Columns) cut into panels of PanelWidth columns. The last panel is
// filled up with zeros. Element i,j is Data[(j/PanelWidth*Rows+i)*PanelWidth+j%PanelWidth]. A
// field is computed panel by panel. The rows of a panel are contiguous, each aligned to a cache
// line.
type Panels struct {
	Rows, Columns int
	Data          []float32
}

// NewPanels returns a matrix of zeros.
func NewPanels(rows, columns int) Panels {
	const line = 64 / 4 // elements of a cache line
	p := Panels{Rows: rows, Columns: columns}
	data := make([]float32, p.size()+line-1)
	skip := -int(uintptr(unsafe.Pointer(unsafe.SliceData(data)))/4) & (line - 1)
	p.Data = data[skip : skip+p.size()]
	return p
}

func (p Panels) panels() int { return (p.Columns + PanelWidth - 1) / PanelWidth }
func (p Panels) size() int   { return p.panels() * PanelWidth * p.Rows }

// from returns the data from the panel that begins with column j to the end of the matrix.
func (p Panels) from(j int) []float32 { return p.Data[j*p.Rows:] }

func (p Panels) check() {
	if p.Rows < 0 || p.Columns < 0 || len(p.Data) < p.size() {
		panic("kernels: panels are shorter than their shape")
	}
}

// Grid is a matrix that is row-major or in panels. Element n,j is
// Data[n*Row + j/PanelWidth*Panel + j%PanelWidth].
type Grid struct {
	Data       []float32
	Row, Panel int
}

// ByRows returns the row-major matrix x (.., columns).
func ByRows(x []float32, columns int) Grid { return Grid{x, columns, PanelWidth} }

// Grid returns the matrix as a Grid.
func (p Panels) Grid() Grid { return Grid{p.Data, PanelWidth, PanelWidth * p.Rows} }

// From returns the matrix from row n on.
func (g Grid) From(n int) Grid {
	if len(g.Data) > 0 {
		g.Data = g.Data[n*g.Row:]
	}
	return g
}

// part returns width columns of row n from column j on, within a panel.
func (g Grid) part(n, j, width int) []float32 {
	return g.Data[n*g.Row+j/PanelWidth*g.Panel+j%PanelWidth:][:width]
}

// at returns the place of element n,j.
func (g Grid) at(n, j int) *float32 { return &g.Data[n*g.Row+j/PanelWidth*g.Panel+j%PanelWidth] }

// check panics with message if the matrix is smaller than its shape.
func (g Grid) check(rows, columns int, message string) {
	if last := columns - 1; rows > 0 && columns > 0 && len(g.Data) <= (rows-1)*g.Row+last/PanelWidth*g.Panel+last%PanelWidth {
		panic(message)
	}
}

// Pack writes the rows lo ≤ i < hi of src (Rows, Columns) to dst. It is
//
//	for i := lo; i < hi; i++ {
//		for j := range dst.Columns {
//			dst[i,j] = src[i,j]
//		}
//	}
//
// for 0 ≤ lo and hi ≤ Rows, which it does not check. dst must not overlap src. Pack panics if a slice is shorter than its
// shape.
func Pack(dst Panels, src []float32, lo, hi int) {
	checkPack(dst, src, hi*dst.Columns)
	for j := 0; j < dst.Columns; j += PanelWidth {
		width := min(PanelWidth, dst.Columns-j)
		panel := dst.from(j)
		for i := lo; i < hi; i++ {
			copy(panel[i*PanelWidth:i*PanelWidth+width], src[i*dst.Columns+j:])
		}
	}
}

// PackTransposed writes the rows lo ≤ i < hi of src (Columns, Rows), which are columns of dst, to
// dst. It is
//
//	for i := lo; i < hi; i++ {
//		for j := range dst.Rows {
//			dst[j,i] = src[i,j]
//		}
//	}
//
// for 0 ≤ lo and hi ≤ Columns of dst, which it does not check. dst must not overlap src. PackTransposed panics if a slice
// is shorter than its shape.
func PackTransposed(dst Panels, src []float32, lo, hi int) {
	checkPack(dst, src, hi*dst.Rows)
	for i := lo; i < hi; i++ {
		panel := dst.from(i / PanelWidth * PanelWidth)
		for j, v := range src[i*dst.Rows : (i+1)*dst.Rows] {
			panel[j*PanelWidth+i%PanelWidth] = v
		}
	}
}

// Unpack writes src to dst (Rows, Columns). It panics if dst is shorter than its shape.
func Unpack(dst []float32, src Panels) {
	checkPack(src, dst, src.Rows*src.Columns)
	for j := 0; j < src.Columns; j += PanelWidth {
		width := min(PanelWidth, src.Columns-j)
		panel := src.from(j)
		for i := range src.Rows {
			copy(dst[i*src.Columns+j:][:width], panel[i*PanelWidth:])
		}
	}
}

func checkPack(p Panels, matrix []float32, size int) {
	p.check()
	if len(matrix) < size {
		panic("kernels: pack: the matrix is shorter than its shape")
	}
}
