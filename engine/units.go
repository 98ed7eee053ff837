package engine

import "harmonium/kernels"

// The units of a layer, as ops take them. Package kernels defines the kinds.
type (
	Kind  = kernels.Kind  // a kind of unit
	Group = kernels.Group // a range of columns of one kind
	Units = kernels.Units // the groups of a layer; empty for the default kind alone
	Shape = kernels.Shape // the parameters of a unit with real states, beside its field
	Slope = kernels.Slope // what to take the slope of
)

// What to take the slope of, for units with real states (see [kernels.Slope]).
const (
	ByEnergy      = kernels.ByEnergy
	ByLogVariance = kernels.ByLogVariance
	ByJump        = kernels.ByJump
	BySkew        = kernels.BySkew
)

// Kinds returns a kind of each family of units with a finite number of states, the default first: of a family with
// several columns the kind with three.
func Kinds() []Kind { return kernels.Kinds() }

// KindNames returns the names of all kinds with a finite number of states, the default first, where Q stands for a
// number of columns.
func KindNames() []string { return kernels.KindNames() }

// RealKindNames returns the names of the kinds whose states are real numbers.
func RealKindNames() []string { return kernels.RealKindNames() }

// VisibleRealKindNames returns the names of the kinds with real states that visible units can have. Kinds whose states
// are not negative or have two sides are for hidden units alone.
func VisibleRealKindNames() []string {
	var names []string
	for _, k := range kernels.RealKinds() {
		if !k.Half() && !k.Sides() {
			names = append(names, k.String())
		}
	}
	return names
}

// KindNamed returns the kind with the given name.
func KindNamed(name string) (Kind, error) { return kernels.KindNamed(name) }

// NewUnits returns a layer of the given number of columns, all of one kind.
func NewUnits(k Kind, columns int) Units { return kernels.NewUnits(k, columns) }

// ParseUnits reads the units of a layer: the name of a kind for all columns, or groups in the
// order of their columns, such as "bernoulli:5,bernoulli:3".
func ParseUnits(text string, columns int) (Units, error) { return kernels.ParseUnits(text, columns) }
