package kernels

import "math/bits"

// Sweep describes what [SweepRows] computes: one pass through the units of a layer with couplings among
// them, each drawn given the others.
type Sweep struct {
	Rows, Columns int
	Units         Units     // the kinds of the columns
	States        States    // (Rows, Columns), before and after the sweep
	Field         []float32 // (Rows, Columns), the fields of all columns given the states before the sweep
	Lateral       []float32 // (Columns, Columns), symmetric, and 0 between the columns of one unit
	Free          []float32 // (Rows, Columns): a unit keeps its state where its first column has 0; or nil
	Backward      bool      // from the last unit to the first
	Path          Path
	Draw          Draw
	Room          []float32 // for the fields of a row: RoomForSweep
}

// RoomForSweep returns the number of elements of Room: the fields of a row, and a panel that vectors may
// read behind them.
func RoomForSweep(columns int) int { return columns + PanelWidth }

// SweepRows draws the units of the rows lo ≤ n < hi one by one and returns the number of ones among the
// states. It is
//
//	for n := lo; n < hi; n++ {
//		y := Field[n]
//		for each unit, in the order of the columns, or against it if Backward {
//			t := beta*y[unit] + (1-beta)*base[unit]      // see Path
//			s := a state drawn given the fields t        // as Sample does
//			for each column i of the unit whose value changes by δ, in rising order {
//				for j := range Columns {
//					y[j] += δ*Lateral[i,j]
//				}
//			}
//		}
//	}
//
// where unit stands for all columns of a unit. δ is a power of two in size, so that a product is exact.
// A unit has the random number that [Sample] would give it. No unit has real states. Every implementation returns the same bits for
// the same Field. SweepRows panics if a slice is shorter than its shape, or if hi is beyond the rows.
func SweepRows(s Sweep, lo, hi int) int {
	s.check(lo, hi)
	ones := 0
	for n := lo; n < hi; n++ {
		s.row(n)
		for j := 0; j < s.Columns; j += 64 {
			ones += bits.OnesCount64(*s.States.word(n, j))
		}
	}
	return ones
}

// row sweeps row n.
func (s *Sweep) row(n int) {
	y := s.Room[:s.Columns]
	copy(y, s.Field[n*s.Columns:])
	var u [columnsPerGroup]float32
	drawn := -1 // the number of the group of 64 columns that u is for
	x := unitFields{z: ByRows(y, s.Columns), beta: s.Path.beta(n), base: s.Path.Base}
	groups := s.Units.groups(s.Columns)
	for i := range groups {
		g := groups[s.position(i, len(groups))]
		x.columns = g.Kind.Width()
		for k := range g.Count() {
			k = s.position(k, g.Count())
			x.from = g.From + k*x.columns
			if s.Free != nil && s.Free[n*s.Columns+x.from] == 0 {
				continue
			}
			column := g.From + k // of the random number: the units of a group have neighbouring ones
			if q := column / columnsPerGroup; q != drawn {
				s.Draw.group(&u, n, q)
				drawn = q
			}
			if g.Kind.Several() {
				s.choose(n, y, x, g.Kind, u[column%columnsPerGroup])
			} else {
				s.toss(n, y, x, g.Kind, u[column%columnsPerGroup])
			}
		}
	}
}

// position returns which of n units or groups is the i-th to be drawn.
func (s *Sweep) position(i, n int) int {
	if s.Backward {
		return n - 1 - i
	}
	return i
}

// toss draws a unit of one column in row n.
func (s *Sweep) toss(n int, y []float32, x unitFields, k Kind, u float32) {
	chance := k.of().chance
	if chance == nil {
		chance = k.of().mean
	}
	bit := uint64(0)
	if u < chance(x.at(0)) {
		bit = 1
	}
	word, shift := s.States.word(n, x.from), x.from%64
	if *word>>shift&1 == bit {
		return
	}
	*word ^= 1 << shift
	s.addChange(y, x.from, float32(2*int(bit)-1)*k.span())
}

// choose draws a unit of several columns in row n.
func (s *Sweep) choose(n int, y []float32, x unitFields, k Kind, u float32) {
	old := x.columns - 1 // unless another column has the bit 1, as exactly one has
	for a := range x.columns - 1 {
		if j := x.from + a; *s.States.word(n, j)>>(j%64)&1 == 1 {
			old = a
			break
		}
	}
	state := k.of().several.draw(Grid{}, x, u)
	if state == old {
		return
	}
	for a := range x.columns {
		j := x.from + a
		switch word := s.States.word(n, j); a {
		case old:
			*word &^= 1 << (j % 64)
			s.addChange(y, j, -k.span())
		case state:
			*word |= 1 << (j % 64)
			s.addChange(y, j, k.span())
		}
	}
}

// addChange adds to the fields y the effect of a change of column i by delta.
func (s *Sweep) addChange(y []float32, i int, delta float32) {
	for j, c := range s.Lateral[i*s.Columns : (i+1)*s.Columns] {
		y[j] += delta * c
	}
}

func (s *Sweep) check(lo, hi int) {
	size := s.Rows * s.Columns
	if lo < 0 || hi > s.Rows {
		panic("kernels: sweep: the range ends beyond the rows")
	}
	if len(s.Field) < size || len(s.Lateral) < s.Columns*s.Columns || s.Free != nil && len(s.Free) < size ||
		len(s.Room) < RoomForSweep(s.Columns) {
		panic("kernels: sweep: a slice is shorter than its shape")
	}
	if p := s.Path; p.Base != nil && len(p.Base) < s.Columns || p.Betas != nil && len(p.Betas) < s.Rows {
		panic("kernels: sweep: the path is shorter than its shape")
	}
	s.Units.check(s.Columns)
	s.States.check(s.Rows, s.Columns)
}
