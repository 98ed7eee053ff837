package engine

import "strings"

// paperCopy is the copy of a tensor in bfloat16, as cuda_half.go keeps it.
type paperCopy struct {
	room   bool // there is memory for it: launches that write the tensor may write the copy
	valid  bool // it has the values of the tensor
	states bool // all values are states, which one term in bfloat16 holds
}

// copyOf returns the copy of a tensor, without room at first.
func (p *Paper) copyOf(b Buffer) *paperCopy {
	if p.copies == nil {
		p.copies = map[Buffer]*paperCopy{}
	}
	if p.copies[b] == nil {
		p.copies[b] = &paperCopy{}
	}
	return p.copies[b]
}

// halves reports whether products read copies in bfloat16.
func (p *Paper) halves() bool { return strings.HasPrefix(p.Precision, "bf16") }

// terms returns the number of terms of the copy of a tensor: numbers in bfloat16 whose sum stands for a value.
func (p *Paper) terms(b Buffer) int {
	if p.Precision == "bf16x2" && !p.copyOf(b).states {
		return 2
	}
	return 1
}

// written notes that a launch writes a tensor, with states or other values. It returns the bytes that
// it writes, with the copy: a draw writes the copy wherever there is room (see drawTarget of cuda_half.go), other
// launches only where products read copies.
func (p *Paper) written(b Buffer, states bool) float64 {
	c := p.copyOf(b)
	c.states, c.valid = states, c.room && (states || p.halves())
	bytes := p.bytes(b)
	if c.valid {
		bytes += 2 * float64(p.terms(b)) * p.elements(b)
	}
	return bytes
}

// half adds the launch that makes the copy of a factor, unless the copy has its values.
func (p *Paper) half(b Buffer) {
	c := p.copyOf(b)
	if c.valid {
		return
	}
	c.room, c.valid = true, true
	n, terms := p.elements(b), float64(p.terms(b))
	p.add(Work{
		Name: "copy in bf16", Bytes: (4 + 2*terms) * n, Operations: n * (moveElement + terms*copyElement),
		Blocks: blocks(n, threadsOfBlock*elementsOfMove), Trips: 1,
	})
}

// read returns the bytes that a launch reads of a tensor which it sums: of its copy if that has the same
// values, as copies of states do. It makes room for such a copy, as statesHalf of cuda_half.go does.
func (p *Paper) read(b Buffer) float64 {
	c := p.copyOf(b)
	if c.states && c.valid {
		return 2 * p.elements(b)
	}
	c.room = c.room || c.states
	return p.bytes(b)
}

// factors are the two factors of a product, with the number of their terms, or 0 for floats.
type factors struct{ x, y int }

// factors returns the factors of a product of a gradient or a reduced field, and makes copies of them.
func (p *Paper) factors(x, y Buffer) factors {
	if !p.halves() {
		return factors{}
	}
	p.half(x)
	p.half(y)
	return factors{p.terms(x), p.terms(y)}
}

// products adds the products of the terms of two factors without the product of both second terms, which
// is below the rounding of the others. Each product adds to the result, which it then reads and writes,
// but the first only if `adds`.
func (p *Paper) products(name string, rows, inner, columns int, f factors, adds bool) {
	factorElements := float64(rows)*float64(inner) + float64(inner)*float64(columns)
	resultBytes := 4 * float64(rows) * float64(columns)
	size := 4.0 // bytes of an element of a factor
	if f.x > 0 {
		size = 2
	}
	for k := range max(1, f.x+f.y-1) {
		passes := 2.0 // over the result
		if k == 0 && !adds {
			passes = 1
		}
		p.add(Work{Name: name, Rows: rows, Inner: inner, Columns: columns, Bytes: size*factorElements + passes*resultBytes})
	}
}

// activation adds the product of a field, unless there is none, and the units. `last` is the same layer
// a, or a second layer whose rows follow; only its states are drawn.
func (p *Paper) activation(a, last *activation) {
	rows, columns := p.shape(a.z)[0], p.shape(a.z)[1]
	layer := "hidden"
	if a.field.Transposed {
		layer = "visible"
	}
	if last != a {
		rows += p.shape(last.z)[0]
	}
	if a.x != nil {
		in, out := a.field.sizes(p.shape(a.w))
		var f factors
		if a.field.Reduced {
			if f = p.factors(a.x, a.w); p.halves() {
				p.half(last.x)
			}
		}
		p.products(layer+" field", rows, in, out, f, false)
	}
	n := float64(rows) * float64(columns)
	work := Work{
		Name: layer + " units", Bytes: 4 * n, Blocks: blocks(n, threadsOfBlock*elementsOfThread),
		Trips: 1, Near: 1, // the fields, and the bias
		Adds: unitChain,
	}
	if a.mean != nil {
		work.Bytes, work.Operations = work.Bytes+p.written(a.mean, false), n*meanElement
		if last != a {
			work.Bytes += p.written(last.mean, false)
		}
		if p.copyOf(a.mean).valid {
			work.Operations += n * copyElement * float64(p.terms(a.mean))
		}
	}
	if last.state != nil {
		drawn := p.elements(last.state)
		work.Bytes, work.Operations = work.Bytes+p.written(last.state, true), work.Operations+drawn*(drawnElement-meanElement)
		if a.mean == nil {
			work.Operations = drawn * drawnElement
		}
	}
	p.add(work)
}
