package kernels

// Path is a position on the path of distributions from a base model (Beta 0) to the model (Beta
// 1). A unit with field z in the model has, on the path, the field
//
//	t = Beta·z + (1-Beta)·Base
//
// Each operation is rounded to float32, as part of the definition. The zero Path is not the model itself; [Model]
// is.
type Path struct {
	Beta  float32   // inverse temperature
	Betas []float32 // (rows), one inverse temperature per row in place of Beta; or nil
	Base  []float32 // (columns), fields in the base model; nil for t = Beta·z
}

// Model is the end of every [Path], the model itself.
var Model = Path{Beta: 1}

// fields writes to t the fields on the path of row n, in the columns from j on. z holds the
// fields in the model. t may be z.
func (p Path) fields(t, z []float32, n, j int) {
	beta := p.beta(n)
	if p.Base == nil {
		for i, v := range z {
			t[i] = float32(beta * v)
		}
		return
	}
	rest := 1 - beta
	for i, v := range z {
		t[i] = float32(beta*v) + float32(rest*p.Base[j+i])
	}
}

// beta returns the inverse temperature of row n.
func (p Path) beta(n int) float32 {
	if p.Betas != nil {
		return p.Betas[n]
	}
	return p.Beta
}
