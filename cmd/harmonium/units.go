package main

import (
	"cmp"
	"errors"
	"fmt"
	"math"
	"strings"

	"github.com/spf13/pflag"

	"harmonium/dataset"
	"harmonium/engine"
	"harmonium/rbm"
	"harmonium/rbm/train"
)

// autoUnits is the value of --visible that chooses the kind by the values of the data.
const autoUnits = "auto"

// addUnits adds a flag that names the units of a layer. Its help begins with usage and ends with choice, and others are
// values that it takes beside the names of kinds.
func addUnits(flags *pflag.FlagSet, p *string, name, value, usage, choice string, others ...string) {
	names := append(engine.KindNames(), engine.VisibleRealKindNames()...)
	if name != "visible" {
		names = append(engine.KindNames(), engine.RealKindNames()...)
	}
	flags.StringVar(p, name, value, fmt.Sprintf("`UNITS` %s, one of: %s, with Q columns a unit, or groups with numbers of units such as %s:5,%s:3%s",
		usage, strings.Join(names, ", "), names[0], names[1], choice))
	suggestValues(flags, name, append(others, names...)...)
}

// worthOf says what the values of data stand for in the columns of a layer. It is nil for the
// default kind alone.
func worthOf(units engine.Units) []dataset.Worth {
	if units.Default() {
		return nil
	}
	var list []dataset.Worth
	for _, g := range units {
		list = append(list, dataset.Worth{To: g.To, Low: g.Kind.Low(), High: g.Kind.High(), Real: g.Kind.Real()})
	}
	return list
}

// worthOfText is worthOf for the units that a flag names. A kind alone is for all columns.
func worthOfText(text string) ([]dataset.Worth, error) {
	// size is the number of columns, which ParseUnits must be given. Mistakes are left to ParseUnits: a wrong number
	// only must not overflow.
	size := 0
	for group := range strings.SplitSeq(text, ",") {
		n, width := 1, 1
		name, count, counted := strings.Cut(group, ":")
		if counted {
			n = 0
			fmt.Sscan(count, &n)
		}
		if k, err := engine.KindNamed(name); err == nil {
			width = k.Width()
		}
		size += min(max(n, 0), math.MaxInt32/width) * width
	}
	units, err := engine.ParseUnits(text, size)
	if err != nil {
		return nil, err
	}
	list := worthOf(units)
	if len(list) == 1 && !strings.Contains(text, ":") {
		list[0].To = dataset.AllColumns
	}
	return list, nil
}

// shortest returns the text that a configuration has for units: empty for the default kind alone.
func shortest(text string) string {
	if text == engine.Kind(0).String() {
		return ""
	}
	return text
}

// openUnits opens a data set whose visible units were not named. They are of the default kind where all
// values are in its range, else of the first kind to whose two states all values belong. openUnits returns the name of
// the kind, empty for the default. With options.Scale it tries no other kind: parts of a greatest number are probabilities.
func openUnits(spec string, options dataset.Options) (*dataset.Set, string, error) {
	set, err := dataset.Open(spec, options)
	if outside := (*dataset.RangeError)(nil); err == nil || options.Scale != 0 || !errors.As(err, &outside) {
		return set, "", err
	}
	for _, k := range engine.Kinds()[1:] {
		if k.Several() {
			continue // it has the values of the default kind
		}
		options.Worth = []dataset.Worth{{To: dataset.AllColumns, Low: k.Low(), High: k.High()}}
		if set, other := dataset.Open(spec, options); other == nil && holdsStates(set) {
			return set, k.String(), nil
		}
	}
	return nil, "", err
}

// holdsStates reports whether all rows of a set are states.
func holdsStates(set *dataset.Set) bool {
	for _, rows := range []*dataset.Rows{set.Train, set.Test, set.Valid} {
		if rows != nil && !rows.Binary() {
			return false
		}
	}
	return true
}

// describeUnits names the units of a run in its first line, unless they are of the default kind.
func describeUnits(c train.Config) string {
	text := ""
	if c.Lateral {
		text = " with couplings among the visible units"
	}
	if c.VisibleUnits == "" && c.HiddenUnits == "" {
		return text
	}
	kind := engine.Kind(0).String()
	if c.Hidden == 0 {
		return fmt.Sprintf("%s, visible units %s", text, c.VisibleUnits)
	}
	return text + fmt.Sprintf(", visible units %s, hidden units %s", cmp.Or(c.VisibleUnits, kind), cmp.Or(c.HiddenUnits, kind))
}

// unitNames describes the units of a layer for people.
func unitNames(units engine.Units) string {
	if units.Default() {
		return engine.Kind(0).String()
	}
	if len(units) == 1 {
		return units[0].Kind.String()
	}
	return units.String()
}

// greys maps means or states of visible units (n,V), or the values of asGreys, in place for pictures: states of two
// values to 0 and 1. Real states stay as they are, and may lie beyond.
func greys(m *rbm.Model, values []float32) []float32 {
	if m.Visible.Units.Default() {
		return values
	}
	for i, x := range values {
		k := m.Visible.Units.Of(i % m.Visible.Len())
		values[i] = (x - k.Low()) / (k.High() - k.Low())
	}
	return values
}
