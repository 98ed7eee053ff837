package kernels

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

// exactUnit returns the cumulant of a unit with the fields x, a number for each column, and the mean
// and the probability of the bit 1 of each column, summed over its states. The exponents are shifted
// by the largest one.
func exactUnit(k Kind, x ...float64) (cumulant float64, means, chances []float64) {
	exponents, top := make([]float64, k.States()), math.Inf(-1)
	state := make([]float32, k.Width())
	for n := range exponents {
		k.State(state, n)
		for a, s := range state {
			exponents[n] += float64(s) * x[a]
		}
		top = max(top, exponents[n])
	}
	var total float64
	means, chances = make([]float64, k.Width()), make([]float64, k.Width())
	for n, e := range exponents {
		e = math.Exp(e - top)
		total += e
		k.State(state, n)
		for a, s := range state {
			means[a] += e * float64(s)
			if s == k.High() {
				chances[a] += e
			}
		}
	}
	for a := range means {
		means[a] /= total
		chances[a] /= total
	}
	return top + math.Log(total), means, chances
}

// TestKinds checks every kind of one column against its contract: the sums over states, in both precisions, at
// the field 0 and fields from 1e-30 to 1e4 in size, with more of them about 87, the clamp of the exponential, and half
// of it. The mean does not fall where the field rises.
func TestKinds(t *testing.T) {
	names := map[string]Kind{}
	for _, k := range Kinds() {
		if other, taken := names[k.String()]; taken {
			t.Errorf("kinds %d and %d are both named %q", k, other, k)
		}
		names[k.String()] = k
		if !(k.Low() < k.High()) {
			t.Errorf("%v: states are worth %v and %v, want them rising", k, k.Low(), k.High())
		}
		if k.Several() {
			continue // see TestCategorical
		}
		for _, size := range []float64{0, 1e-30, 1e-4, 0.01, 0.3, 0.7, 1, 2, 5, 17, 43, 44, 60, 86.9, 87, 88, 300, 1e4} {
			for _, x := range []float64{size, -size} {
				x := float64(float32(x))
				cumulant, means, chances := exactUnit(k, x)
				// The sums here and the formulas have at most four roundings of float64 each, each by up to
				// 2⁻⁵², the error of math.Exp and math.Log.
				near := func(what string, got, want, unit float64) {
					t.Helper()
					if bound := unit * max(1, math.Abs(want)); !(math.Abs(got-want) <= bound) {
						t.Errorf("%v: %s of %v: got %v, want %v ± %.2g", k, what, x, got, want, bound)
					}
				}
				mean64 := []float64{x}
				k.Means(mean64, Shape{})
				near("cumulant", k.Cumulant([]float64{x}, Shape{}), cumulant, 0x1p-49)
				near("mean", mean64[0], means[0], 0x1p-49)
				float := k.of()
				near("cumulant in float32", float64(float.cumulant(float32(x))), cumulant, 0x1p-20)
				p := float.mean(float32(x))
				near("mean in float32", float64(p), means[0], 0x1p-20)
				near("chance in float32", float64(k.chanceOf(float32(x), p)), chances[0], 0x1p-20)
			}
		}
		before := k.of().mean(-1e4)
		for x := float32(-100); x <= 100; x += 0.37 { // chosen: a few hundred fields
			p := k.of().mean(x)
			if p < before-0x1p-22 { // chosen: an eighth of what the bounds of 2⁻²⁰ on two means permit
				t.Errorf("%v: the mean falls from %v to %v at field %v", k, before, p, x)
			}
			before = p
		}
	}
}

// groupings returns layers of the given number of columns: of the default kind, of each kind
// alone, and mixed with borders anywhere, also next to each other. Columns that no whole unit fills are of the
// default kind. A unit of several columns has up to 81 (chosen: more than a word has bits).
func groupings(r *rand.Rand, columns int) []Units {
	all := []Units{nil}
	if columns == 0 {
		return all
	}
	add := func(u Units, k Kind, from, to int) Units {
		if k.Several() {
			k = wide(k&(1<<familyBits-1), 2+r.IntN(min(80, columns))) // any number of columns
			to -= (to - from) % k.Width()
		}
		if to > from {
			u = append(u, Group{k, from, to})
		}
		return u
	}
	for _, k := range Kinds() {
		u := add(nil, k, 0, columns)
		if len(u) == 0 || u[0].To < columns { // the rest is of the default kind
			from := 0
			if len(u) > 0 {
				from = u[0].To
			}
			u = append(u, Group{Bernoulli, from, columns})
		}
		all = append(all, u)
	}
	random := func(width func() int) Units {
		var u Units
		for from := 0; from < columns; {
			to := min(columns, from+width())
			u = add(u, Kinds()[r.IntN(len(Kinds()))], from, to)
			if len(u) > 0 {
				from = u[len(u)-1].To
			}
		}
		return u
	}
	return append(all, random(func() int { return 1 + r.IntN(3) }), random(func() int { return 1 + r.IntN(40) }),
		random(func() int { return 16 + r.IntN(200) }))
}

// TestUnitsCheck: groups of known kinds that cover a layer in order with whole units are accepted, and others refused.
func TestUnitsCheck(t *testing.T) {
	three := wide(categorical, 3)
	for _, test := range []struct {
		what    string
		units   Units
		columns int
		ok      bool
	}{
		{"no groups", nil, 5, true},
		{"one group", Units{{Spin, 0, 5}}, 5, true},
		{"two groups", Units{{Bernoulli, 0, 2}, {Spin, 2, 5}}, 5, true},
		{"a unit of three columns", Units{{three, 0, 3}, {Spin, 3, 5}}, 5, true},
		{"a column too few", Units{{Spin, 0, 4}}, 5, false},
		{"a column too many", Units{{Spin, 0, 6}}, 5, false},
		{"no first column", Units{{Spin, 1, 5}}, 5, false},
		{"groups that overlap", Units{{Spin, 0, 3}, {Spin, 2, 5}}, 5, false},
		{"a gap", Units{{Spin, 0, 2}, {Spin, 3, 5}}, 5, false},
		{"an empty group", Units{{Spin, 0, 0}, {Spin, 0, 5}}, 5, false},
		{"an unknown kind", Units{{Kind(len(families)), 0, 5}}, 5, false},
		{"part of a unit", Units{{three, 0, 5}}, 5, false},
		{"units without a width", Units{{categorical, 0, 5}}, 5, false},
		{"a width of 1", Units{{wide(categorical, 1), 0, 5}}, 5, false},
		{"a width of units of one column", Units{{wide(Spin, 5), 0, 5}}, 5, false},
		{"a width above MostColumns", Units{{wide(categorical, MostColumns+1), 0, MostColumns + 1}}, MostColumns + 1, false},
	} {
		if err := test.units.Check(test.columns); (err == nil) != test.ok {
			t.Errorf("%s: got error %v, want one: %v", test.what, err, !test.ok)
		}
	}
}

// worths returns the values of a layer in random states. density is the probability of the bit 1 in
// units of one column. The states of other units have the same probability.
func worths(t *testing.T, r *rand.Rand, u Units, rows, columns int, density float64) []float32 {
	x := make([]float32, rows*columns)
	for n := range rows {
		for _, g := range u.groups(columns) {
			for j := g.From; j < g.To; j += g.Kind.Width() {
				state := 0
				if g.Kind.Several() {
					state = r.IntN(g.Kind.States())
				} else if r.Float64() < density {
					state = 1
				}
				g.Kind.State(x[n*columns+j:][:g.Kind.Width()], state)
			}
		}
	}
	return input(t, rows*columns, func(i int) float32 { return x[i] })
}

// unitsOf returns the states with the values x (rows, columns).
func unitsOf(t *testing.T, x []float32, u Units, rows, columns int) States {
	s := newStates(t, rows, columns)
	s.Units = u
	s.Pack(x, rows)
	return s
}

// forGroups runs a test on every implementation, for layers of several sizes and groupings. Rows and columns are about
// the widths of the kernels; 517 rows are more than the 512 whose lists exist at a time.
func forGroups(t *testing.T, test func(t *testing.T, s *Set, r *rand.Rand, what string, u Units, rows, columns int)) {
	forEach(t, func(t *testing.T, s *Set) {
		r := newRand()
		for _, shape := range [][2]int{{1, 1}, {3, 16}, {2, 63}, {5, 64}, {4, 65}, {9, 129}, {6, 200}, {517, 70}} {
			for i, u := range groupings(r, shape[1]) {
				test(t, s, r, fmt.Sprintf("%dx%d grouping %d", shape[0], shape[1], i), u, shape[0], shape[1])
			}
		}
	})
}

// TestActivateGroups: each unit of a mixed layer has the mean and the state of its kind.
func TestActivateGroups(t *testing.T) {
	d := Draw{Seed: 8, Stream: 2, Update: 3, Row: 11}
	forGroups(t, func(t *testing.T, s *Set, r *rand.Rand, what string, u Units, rows, columns int) {
		z, base := input(t, rows*columns, func(int) float32 { return float32(3 * r.NormFloat64()) }), normals(t, r, columns)
		path := Path{Beta: 0.7, Base: base}
		means, drawn := make([]float32, rows*columns), make([]float32, rows*columns)
		ones := 0
		for n := range rows {
			fields := make([]float32, columns)
			path.fields(fields, z[n*columns:(n+1)*columns], n, 0)
			for _, g := range u.groups(columns) {
				for i := range g.Count() {
					j, to := g.From+i*g.Kind.Width(), g.From+(i+1)*g.Kind.Width()
					p, x, state := means[n*columns+j:n*columns+to], fields[j:to], 0
					if g.Kind.Several() {
						state = g.Kind.of().several.draw(ByRows(p, len(p)), fieldsOf(x), uniformAt(d, n, g.From+i))
						ones++
					} else if p[0] = g.Kind.of().mean(x[0]); uniformAt(d, n, j) < g.Kind.chanceOf(x[0], p[0]) {
						state = 1
						ones++
					}
					g.Kind.State(drawn[n*columns+j:n*columns+to], state)
				}
			}
		}
		a := Activation{Rows: rows, Columns: columns, Units: u, Field: ByRows(z, columns), Path: path, Draw: d}
		piece := 2*columns + 9 // begins and ends within rows
		if u.Several() {       // needs all elements in one call
			piece = rows * columns
		}
		panels := NewPanels(rows, columns)
		Pack(panels, z, 0, rows)
		for _, fields := range []Grid{ByRows(z, columns), panels.Grid()} {
			a.Field = fields
			for _, kept := range []bool{false, true} { // whether the means are stored
				p := buffer[float32](t, rows*columns)
				a.Mean, a.States = Grid{}, newStates(t, rows, columns)
				a.States.Units = u
				if kept {
					a.Mean = ByRows(p, columns)
				}
				if got := inParts(s, a, piece); got != ones {
					t.Errorf("%s: got %d ones, want %d", what, got, ones)
				}
				x := make([]float32, rows*columns)
				a.States.Unpack(x, rows)
				wantBits(t, "states "+what, x, drawn)
				if kept {
					wantBits(t, "means "+what, p, means)
				}
			}
		}
	})
}

// TestCumulantSumOfGroups: the sum over a mixed layer has the bits of the cumulants of single units, in the order of the
// definition.
func TestCumulantSumOfGroups(t *testing.T) {
	forGroups(t, func(t *testing.T, s *Set, r *rand.Rand, what string, u Units, rows, columns int) {
		z := input(t, rows*columns, func(int) float32 { return float32(4 * r.NormFloat64()) })
		beta := float32(0.6)
		want := make([]float64, rows)
		for n := range rows {
			var part [16]float64
			for _, g := range u.groups(columns) {
				for j := g.From; j < g.To; j += g.Kind.Width() {
					x := slices.Clone(z[n*columns+j:][:g.Kind.Width()])
					scaleRow(x, beta)
					if g.Kind.Several() {
						part[j%16] += float64(g.Kind.of().several.cumulant(fieldsOf(x)))
					} else {
						part[j%16] += float64(g.Kind.of().cumulant(x[0]))
					}
				}
			}
			want[n] = sumOfHalves(part)
		}
		panels := NewPanels(rows, columns)
		Pack(panels, z, 0, rows)
		for _, fields := range []Grid{ByRows(z, columns), panels.Grid()} {
			got := buffer[float64](t, rows)
			s.CumulantSum(got, fields, u, beta, rows, columns)
			for n := range rows {
				if got[n] != want[n] {
					t.Errorf("%s: row %d: got %v, want %v", what, n, got[n], want[n])
				}
			}
		}
	})
}

// TestStatesOfGroups: values become bits and values again, and sums over states equal sums over
// values.
func TestStatesOfGroups(t *testing.T) {
	forGroups(t, func(t *testing.T, s *Set, r *rand.Rand, what string, u Units, rows, columns int) {
		x := worths(t, r, u, rows, columns, 0.4)
		drawn, back := unitsOf(t, x, u, rows, columns), buffer[float32](t, rows*columns)
		drawn.Unpack(back, rows)
		wantBits(t, what, back, x)

		c, weight := normals(t, r, columns), normals(t, r, rows)
		dots, want := buffer[float64](t, rows), rowDots(x, c, rows, columns)
		RowDotStates(dots, drawn, c, rows)
		for n := range want {
			if dots[n] != want[n] {
				t.Errorf("%s: dot of row %d: got %v, want %v", what, n, dots[n], want[n])
			}
		}
		mean, weighted := buffer[float32](t, columns), buffer[float32](t, columns)
		s.ColumnMeansStates(mean, weighted, drawn, weight, 0, columns, rows)
		wantMean, wantWeighted := columnMeans(x, weight, rows, columns)
		wantBits(t, "means "+what, mean, wantMean)
		wantBits(t, "weighted means "+what, weighted, wantWeighted)
	})
}

// TestFieldOverGroups: a field over bits, with the weights and the bias of Worth, is within its
// bound of b + Σ x·w, and every implementation returns the same bits.
func TestFieldOverGroups(t *testing.T) {
	const out = 70
	forGroups(t, func(t *testing.T, s *Set, r *rand.Rand, what string, u Units, rows, in int) {
		x, w, b := worths(t, r, u, rows, in, 0.4), normals(t, r, in*out), normals(t, r, out)
		worth, offset, bias := NewPanels(in, out), make([]float32, out), make([]float32, out)
		Pack(worth, w, 0, in)
		Worth(worth, offset, u, 0, 64)
		Worth(worth, offset, u, 64, out)
		OffsetBias(bias, b, offset)
		a := Activation{
			Rows: rows, Columns: out,
			Input: Input{Weights: worth, Bias: bias, States: unitsOf(t, x, u, rows, in), Room: roomFor(t, rows, in)},
		}
		got, defined := buffer[float32](t, rows*out), make([]float32, rows*out)
		a.Field = ByRows(got, out)
		s.Activate(a, 0, rows*out)
		a.Field = ByRows(defined, out)
		Activate(a, 0, rows*out)
		wantBits(t, what, got, defined)

		// The offset is rounded once, its sum with the bias once more, and the sum with each of up to
		// `in` rows once. The terms are the bias, low·w and span·w. In float64 each term is added once.
		unit := gamma(in+2, 0x1p-24) + gamma(in, 0x1p-53)
		for n := range rows {
			for j := range out {
				sum, size := float64(b[j]), math.Abs(float64(b[j]))
				for i := range in {
					term := float64(x[n*in+i]) * float64(w[i*out+j])
					k := u.Of(i)
					sum += term
					size += (math.Abs(float64(k.Low())) + float64(k.High()-k.Low())) * math.Abs(float64(w[i*out+j]))
				}
				if e := math.Abs(float64(got[n*out+j]) - sum); e > unit*size {
					t.Fatalf("%s: field %d,%d: got %v, want %v ± %v", what, n, j, got[n*out+j], sum, unit*size)
				}
			}
		}
	})
}

// TestGradientOfGroups: for a gradient over bits every implementation returns the same bits,
// within the bound around the averages of x·p.
func TestGradientOfGroups(t *testing.T) {
	const hidden = 75
	forGroups(t, func(t *testing.T, s *Set, r *rand.Rand, what string, u Units, rows, visible int) {
		side := func(rows int) (Phase, []float32, []float32) {
			x, p := worths(t, r, u, rows, visible, 0.3), normals(t, r, rows*hidden)
			phase := phaseOf(t, x, panelsOf(t, p, rows, hidden), rows, visible)
			phase.States = unitsOf(t, x, u, rows, visible)
			return phase, x, p
		}
		chains := rows/2 + 1
		data, vd, pd := side(rows)
		model, vm, pm := side(chains)
		got, defined := buffer[float32](t, visible*hidden), make([]float32, visible*hidden)
		for lo := 0; lo < visible; lo += 37 {
			s.Gradient(got, data, model, lo, min(lo+37, visible), visible, hidden)
		}
		Gradient(defined, data, model, 0, visible, visible, hidden)
		wantBits(t, what, got, defined)

		// A side is span times the sum of the rows with bit 1, and low times the sum of all n rows. Either sum
		// has n-1 roundings; then the product, the sum of both, the reciprocal of n, its product and the difference
		// of the sides have one each. In float64 a term has one in the quotient and one for each term that is added.
		for i := range visible {
			k := u.Of(i)
			size := math.Abs(float64(k.Low())) + float64(k.High()-k.Low())
			for j := range hidden {
				var want, bound float64
				add := func(sign float64, v, p []float32, n int) {
					unit := gamma(n+4, 0x1p-24) + gamma(rows+chains, 0x1p-53)
					for row := range n {
						x := float64(p[row*hidden+j])
						want += sign * float64(v[row*visible+i]) * x / float64(n)
						bound += unit * size * math.Abs(x) / float64(n)
					}
				}
				add(1, vd, pd, rows)
				add(-1, vm, pm, chains)
				if e := math.Abs(float64(got[i*hidden+j]) - want); e > bound {
					t.Fatalf("%s: gradient %d,%d: got %v, want %v ± %v", what, i, j, got[i*hidden+j], want, bound)
				}
			}
		}
	})
}

// TestSampleFrequencies: states of every kind are drawn as often as their probability says, over all rows and steps. The
// columns of a unit have the fields field, 2·field, and so on. Each statistic, over the units for one column of theirs,
// exceeds its limit with one in a million seeds (see wantBinomial).
func TestSampleFrequencies(t *testing.T) {
	const rows, columns, steps = 50, 210, 40
	for _, k := range Kinds() {
		for _, field := range []float32{-3, -0.4, 0, 1.1} {
			z, u := make([]float32, rows*columns), Units{{k, 0, columns}}
			unit := make([]float64, k.Width())
			for a := range unit {
				unit[a] = float64(field * float32(a+1))
			}
			for i := range z {
				z[i] = float32(unit[i%columns%len(unit)])
			}
			drawn, counts := NewStates(rows, columns), make([][]int, k.Width())
			for a := range counts {
				counts[a] = make([]int, columns/k.Width())
			}
			for step := range uint32(steps) {
				Sample(drawn, z, u, Model, Draw{Seed: 2025, Step: step}, rows, columns)
				for n := range rows {
					for j := range columns {
						counts[j%len(unit)][j/len(unit)] += int(*drawn.word(n, j) >> (j % 64) & 1)
					}
				}
			}
			_, _, chances := exactUnit(k, unit...)
			for a, chance := range chances {
				wantBinomial(t, fmt.Sprintf("%v field %v column %d", k, field, a), counts[a], rows*steps, chance)
			}
		}
	}
}

// chanceOf returns the probability of the bit 1 in a unit of one column with field x and mean p.
func (k Kind) chanceOf(x, p float32) float32 {
	if chance := k.of().chance; chance != nil {
		return chance(x)
	}
	return p
}
