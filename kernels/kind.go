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

// kinds holds what each kind does, by its number.
var kinds = [...]kind{
	Bernoulli: bernoulli,
	Spin:      spin,
}

// kind is the contract of a kind of unit with two states, which are held as bits. The functions
// over float32 take one element and are repeated in unit_NAME.h operation by operation; their
// twins over float64 serve the theory. For every x a function over float32 is within
// 2⁻²⁰·max(1,|y|) of the exact value y.
type kind struct {
	name      string
	low, high float32 // what the bits 0 and 1 are worth

	mean     func(x float32) float32 // ⟨s⟩ = Γ'(x)
	chance   func(x float32) float32 // probability of the bit 1; nil where mean is it
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

// KindNamed returns the kind of a name, if there is one.
func KindNamed(name string) (k Kind, ok bool) {
	for i, k := range kinds {
		if k.name == name {
			return Kind(i), true
		}
	}
	return 0, false
}

// String returns the name of the kind, as files and flags have it.
func (k Kind) String() string { return kinds[k].name }

// Low returns what the bit 0 is worth.
func (k Kind) Low() float32 { return kinds[k].low }

// High returns what the bit 1 is worth, which is more than Low.
func (k Kind) High() float32 { return kinds[k].high }

// Mean returns ⟨s⟩ = Γ'(x) of a unit with field x.
func (k Kind) Mean(x float64) float64 { return kinds[k].mean64(x) }

// Cumulant returns Γ(x) = log Σ_s e^(s·x) of a unit with field x.
func (k Kind) Cumulant(x float64) float64 { return kinds[k].cumulant64(x) }

// span is the difference of what the two bits are worth.
func (k Kind) span() float32 { return kinds[k].high - kinds[k].low }

// chanceOf is the probability of the bit 1 in a unit with field x and mean p.
func (k Kind) chanceOf(x, p float32) float32 {
	if chance := kinds[k].chance; chance != nil {
		return chance(x)
	}
	return p
}
