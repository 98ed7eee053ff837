package kernels

// Kind is a kind of unit, an exponential family in its field x:
//
//	p(s|x) = e^(s·x - Γ(x)),    Γ(x) = log Σ_s e^(s·x)
//
// where s ranges over what the states of a unit are worth. A kind is one line here, one line in
// kind.h and the files unit_NAME.go and unit_NAME.h; nothing above this package names one but
// [Bernoulli], the default.
type Kind uint8

// The kinds, numbered as in kind.h.
const (
	Bernoulli Kind = iota
	Spin
)

// kinds is the table of kinds, by number.
var kinds = [...]kind{
	Bernoulli: bernoulli,
	Spin:      spin,
}

// kind is the contract of a kind of unit with two states, which are held as bits. A function over
// float32 takes one element; unit_NAME.h repeats it operation by operation. Its twin over float64
// serves the theory. For every x a function over float32 is within 2⁻²⁰·max(1,|y|) of the exact
// value y.
type kind struct {
	name      string
	low, high float32 // the worth of the bits 0 and 1

	mean     func(x float32) float32 // ⟨s⟩ = Γ'(x)
	chance   func(x float32) float32 // probability of the bit 1; nil if it is the mean
	cumulant func(x float32) float32 // Γ(x)

	mean64     func(x float64) float64
	cumulant64 func(x float64) float64
}

// Kinds returns all kinds.
func Kinds() []Kind {
	all := make([]Kind, len(kinds))
	for i := range all {
		all[i] = Kind(i)
	}
	return all
}

// KindNames returns the names of all kinds, the default first.
func KindNames() []string {
	var names []string
	for _, k := range kinds {
		names = append(names, k.name)
	}
	return names
}

// KindNamed returns the kind with the given name. ok is false if there is none.
func KindNamed(name string) (k Kind, ok bool) {
	for i, k := range kinds {
		if k.name == name {
			return Kind(i), true
		}
	}
	return 0, false
}

// String returns the name of the kind, as files and flags use it.
func (k Kind) String() string { return kinds[k].name }

// Low returns the worth of the bit 0.
func (k Kind) Low() float32 { return kinds[k].low }

// High returns the worth of the bit 1, which is above Low.
func (k Kind) High() float32 { return kinds[k].high }

// Mean returns ⟨s⟩ = Γ'(x) of a unit with field x.
func (k Kind) Mean(x float64) float64 { return kinds[k].mean64(x) }

// Cumulant returns Γ(x) = log Σ_s e^(s·x) of a unit with field x.
func (k Kind) Cumulant(x float64) float64 { return kinds[k].cumulant64(x) }

// span returns the difference between the worth of the two bits.
func (k Kind) span() float32 { return kinds[k].high - kinds[k].low }
