package kernels

import (
	"fmt"
	"strconv"
	"strings"
)

// Group is a range of columns of a layer, From ≤ j < To, whose units are of one kind.
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

// ParseUnits reads what [Units.String] writes, or the name of a kind alone for all columns. It
// returns an error unless the groups cover the columns.
func ParseUnits(text string, columns int) (Units, error) {
	var units Units
	next := 0
	for part := range strings.SplitSeq(text, ",") {
		name, count, counted := strings.Cut(part, ":")
		k, ok := KindNamed(name)
		if !ok {
			return nil, fmt.Errorf("units %q: kind %q, want one of %s", text, name, strings.Join(KindNames(), ", "))
		}
		size := columns
		if counted {
			var err error
			if size, err = strconv.Atoi(count); err != nil || size < 1 {
				return nil, fmt.Errorf("units %q: %q of kind %s, want a number of units", text, count, name)
			}
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
// "spin:3,bernoulli:5". It returns "" for an empty list.
func (u Units) String() string {
	var text strings.Builder
	for i, g := range u {
		if i > 0 {
			text.WriteByte(',')
		}
		fmt.Fprintf(&text, "%v:%d", g.Kind, g.To-g.From)
	}
	return text.String()
}

// Check returns an error unless the groups cover the columns of a layer in order.
func (u Units) Check(columns int) error {
	if len(u) == 0 {
		return nil
	}
	next := 0
	for _, g := range u {
		if int(g.Kind) >= len(kinds) {
			return fmt.Errorf("units %d to %d: kind %d, want one below %d", g.From, g.To, g.Kind, len(kinds))
		}
		if g.From != next || g.To <= g.From {
			return fmt.Errorf("%v units %d to %d, want a group from %d on", g.Kind, g.From, g.To, next)
		}
		next = g.To
	}
	if next != columns {
		return fmt.Errorf("units end at %d, want %d", next, columns)
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

// Of returns the kind of the unit in column j.
func (u Units) Of(j int) Kind {
	for _, g := range u {
		if j < g.To {
			return g.Kind
		}
	}
	return Bernoulli
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
