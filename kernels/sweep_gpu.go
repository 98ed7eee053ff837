//go:build gpu

package kernels

// GPUSweep holds the operands of a launch of [SweepRows].
type GPUSweep struct {
	State Address // (Rows, Columns), the states after the sweep
	Half  Address // the same in bfloat16 as in [Half], or none
	Room  Address // (Rows, Columns) float32, for the fields

	Before, Field Address // (Rows, Columns), the states before the sweep and their fields
	Lateral       Address // (Columns, Columns)
	Free          Address // (Rows, Columns), or none
	Table         Address // [SweepTable] of the units
	Count         int     // number of units
	Backward      bool

	// The path, as in GPUActivation.
	Base, Betas, Levels Address
	Ahead               int

	Clock         Address
	Draw          Draw // its Update is not read: the clock gives it
	Rows, Columns int
}

// SweepTable returns the units of a layer in the form of the kernel: for each its first column, the column of
// its random number, and its kind.
func SweepTable(u Units, columns int) []int32 {
	var table []int32
	for _, g := range u.groups(columns) {
		for k := range g.Count() {
			table = append(table, int32(g.From+k*g.Kind.Width()), int32(g.From+k), int32(g.Kind))
		}
	}
	return table
}

// Sweep launches [SweepRows], one block a row.
func (g *GPU) Sweep(s GPUSweep) error {
	key0, key1, stream, row := s.Draw.key()
	size := min(threads, (s.Columns+31)/32*32) // threads of a block: one for each column, in whole warps
	return g.launchBlocks("sweep_rows", s.Rows, min(s.Rows, g.blocks), size, s.State, s.Half, s.Room, s.Before, s.Field,
		s.Lateral, s.Free, s.Table, s.Base, s.Betas, s.Levels, s.Clock, s.Ahead, key0, key1, stream, row, s.Draw.Step,
		number(s.Backward), s.Count, s.Rows, s.Columns)
}
