package kernels

import (
	"fmt"
	"math"
	"strconv"
	"strings"
)

// Group is a range of columns of a layer, From ≤ j < To, whose units are of one kind. The units of a
// kind of several columns follow each other, each in neighbouring columns.
type Group struct {
	Kind     Kind
	From, To int
}

// Units lists the groups of a layer in the order of their columns, without gaps. An empty list
// stands for a layer of [Bernoulli] units alone, and so do groups that are all of that kind.
type Units []Group

// NewUnits returns a layer with the given number of columns, all of one kind.
func NewUnits(k Kind, columns int) Units {
	if k == Bernoulli {
		return nil
	}
	return Units{{k, 0, columns}}
}

// Count returns the number of units of a group.
func (g Group) Count() int { return (g.To - g.From) / g.Kind.Width() }

// ParseUnits reads what [Units.String] writes, or the name of a kind alone for all columns. It
// returns an error unless the groups cover the columns with whole units.
func ParseUnits(text string, columns int) (Units, error) {
	var units Units
	next := 0
	for part := range strings.SplitSeq(text, ",") {
		name, count, counted := strings.Cut(part, ":")
		k, err := KindNamed(name)
		if err != nil {
			return nil, fmt.Errorf("units %q: %w", text, err)
		}
		size := columns
		if counted {
			n, err := strconv.Atoi(count)
			if err != nil || n < 1 || n > math.MaxInt32/k.Width() {
				return nil, fmt.Errorf("units %q: %q of kind %s, want a number of units", text, count, name)
			}
			size = n * k.Width()
		}
		units = append(units, Group{k, next, next + size})
		next += size
	}
	if err := units.Check(columns); err != nil {
		return nil, err
	}
	if units.Default() {
		return nil, nil
	}
	return units, nil
}

// String returns the groups as names of kinds with numbers of units, such as
// "spin:3,categorical/4:5", which are 23 columns. It returns "" for an empty list.
func (u Units) String() string {
	var text strings.Builder
	for i, g := range u {
		if i > 0 {
			text.WriteByte(',')
		}
		fmt.Fprintf(&text, "%v:%d", g.Kind, g.Count())
	}
	return text.String()
}

// Check returns an error unless the groups cover the columns of a layer in order, with whole units.
func (u Units) Check(columns int) error {
	if len(u) == 0 {
		return nil
	}
	next := 0
	for _, g := range u {
		if !g.Kind.known() {
			return fmt.Errorf("columns %d to %d: no kind of unit has the number %d", g.From, g.To, uint32(g.Kind))
		}
		if g.From != next || g.To <= g.From {
			return fmt.Errorf("%v units in columns %d to %d, want a group from %d on", g.Kind, g.From, g.To, next)
		}
		if columns := g.To - g.From; columns%g.Kind.Width() != 0 {
			return fmt.Errorf("%d columns of %v units, want a multiple of %d", columns, g.Kind, g.Kind.Width())
		}
		next = g.To
	}
	if next != columns {
		return fmt.Errorf("units of %d columns, want %d", next, columns)
	}
	return nil
}

// Default reports whether all units are of the default kind.
func (u Units) Default() bool {
	for _, g := range u {
		if g.Kind != Bernoulli {
			return false
		}
	}
	return true
}

// Plain reports whether the bits of all units are worth 0 and 1.
func (u Units) Plain() bool {
	for _, g := range u {
		if g.Kind.Low() != 0 || g.Kind.High() != 1 {
			return false
		}
	}
	return true
}

// Several reports whether any unit has several columns.
func (u Units) Several() bool {
	for _, g := range u {
		if g.Kind.Several() {
			return true
		}
	}
	return false
}

// At returns the kind of the unit in column j and the first column of the unit.
func (u Units) At(j int) (k Kind, first int) {
	for _, g := range u {
		if j < g.To {
			return g.Kind, j - (j-g.From)%g.Kind.Width()
		}
	}
	return Bernoulli, j
}

// Count returns the number of units of a layer of the given number of columns.
func (u Units) Count(columns int) int {
	if len(u) == 0 {
		return columns
	}
	count := 0
	for _, g := range u {
		count += g.Count()
	}
	return count
}

// unit returns the kind of unit number i of a layer and its first column.
func (u Units) unit(i int) (k Kind, first int) {
	for _, g := range u {
		if i < g.Count() {
			return g.Kind, g.From + i*g.Kind.Width()
		}
		i -= g.Count()
	}
	return Bernoulli, i
}

// Of returns the kind of the unit in column j.
func (u Units) Of(j int) Kind {
	for _, g := range u {
		if j < g.To {
			return g.Kind
		}
	}
	return Bernoulli
}

// groups returns the groups of a layer of the given number of columns: one for an empty list.
func (u Units) groups(columns int) Units {
	if len(u) == 0 && columns > 0 {
		return Units{{Bernoulli, 0, columns}}
	}
	return u
}

// group returns the kind of the unit in column j, and the column at which its group ends or, where
// that comes first, end. A loop over groups is
//
//	for from := lo; from < hi; {
//		k, to := u.group(from, hi)
//		…
//		from = to
//	}
func (u Units) group(j, end int) (k Kind, to int) {
	for _, g := range u {
		if j < g.To {
			return g.Kind, min(g.To, end)
		}
	}
	return Bernoulli, end
}

// worth replaces the values x of a row, bits or probabilities of the bit 1, by their worth low +
// (high-low)*x, which is low for 0 and high for 1.
func (u Units) worth(row []float32) {
	for from := 0; from < len(row); {
		k, to := u.group(from, len(row))
		if low, span := k.Low(), k.span(); low != 0 || span != 1 {
			for j, x := range row[from:to] {
				row[from+j] = low + float32(span*x)
			}
		}
		from = to
	}
}

// check panics unless the groups cover the columns.
func (u Units) check(columns int) {
	if u.Check(columns) != nil {
		panic("kernels: the groups of units do not cover the layer")
	}
}
