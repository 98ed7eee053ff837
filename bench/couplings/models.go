package main

import (
	"math"
	"math/rand/v2"
	"sort"

	"harmonium/engine"
	"harmonium/rbm"
	"harmonium/rbm/train"
)

// settings returns the configuration of the training: PCD-1 with large batches and many chains and without
// penalties, which would bias the couplings. The learning rate falls to 0 over the last 70 % of the updates, which
// averages out the noise of the batches and the chains. The numbers are chosen: enough for the couplings to end as far
// from the known ones as the samples make them.
func settings(units string, rate float64, updates int) train.Config {
	c := train.DefaultConfig()
	c.Lateral, c.VisibleUnits, c.Algorithm, c.GibbsSteps, c.Chains = true, units, "pcd", 1, 1000
	c.BatchSize = 1000
	c.Updates, c.LearningRate, c.Hold, c.L2, c.Guard, c.Binarize = updates, rate, 0.3, 0, "off", "none"
	return c
}

// couple sets the coupling of the columns i and j to x.
func couple(m *rbm.Model, i, j int, x float64) {
	n := m.Visible.Len()
	m.Lateral[i*n+j], m.Lateral[j*n+i] = float32(x), float32(x)
}

// coupled returns a model without hidden units whose biases and couplings are 0.
func coupled(units string, columns int) *rbm.Model {
	u, err := engine.ParseUnits(units, columns)
	if err != nil {
		panic(err)
	}
	m, err := rbm.NewModelOf(u, nil, columns, 0)
	if err != nil {
		panic(err)
	}
	m.Lateral = make([]float32, columns*columns)
	return m
}

// spinGlass returns a torus of 4x4 spins, with couplings of neighbours from N(0, 0.5²) and biases from N(0, 0.2²). Its
// samples are drawn from the enumerated probabilities of all 65,536 states.
func spinGlass(seed uint64) known {
	const side = 4
	r := rand.New(rand.NewPCG(seed, 1))
	m := coupled("spin", side*side)
	for y := range side {
		for x := range side {
			couple(m, side*y+x, side*y+(x+1)%side, 0.5*r.NormFloat64())
			couple(m, side*y+x, (side*(y+1)+x)%(side*side), 0.5*r.NormFloat64())
		}
	}
	for i := range m.Visible.Bias {
		m.Visible.Bias[i] = float32(0.2 * r.NormFloat64())
	}
	sampler := func(r *rand.Rand) func([]float32) {
		var sums []float64
		total := 0.0
		for _, log := range m.EnumerateVisible(0) { // log p + log Z
			total += math.Exp(log)
			sums = append(sums, total)
		}
		return func(v []float32) { // min: rounding may reach the total
			m.Visible.SetState(v, min(sort.SearchFloat64s(sums, r.Float64()*total), len(sums)-1))
		}
	}
	return known{"4x4 spin glass", m, sampler, settings("spin", 0.1, 4000)}
}

// ring returns a ring of 20 sites with three states each, with couplings of neighbours from N(0, 0.7²) and biases from
// N(0, 0.3²), moved to the zero-sum gauge (see [rbm.Model.ZeroSum]). Its samples are drawn site by site, each given
// the sites before it, by exact sums over the sites after it (transfer matrices).
func ring(seed uint64) known {
	const sites, states = 20, 3
	r := rand.New(rand.NewPCG(seed, 3))
	m := coupled("categorical/3", sites*states)
	for k := range sites {
		for a := range states {
			for b := range states {
				couple(m, k*states+a, (k+1)%sites*states+b, 0.7*r.NormFloat64())
			}
		}
	}
	for i := range m.Visible.Bias {
		m.Visible.Bias[i] = float32(0.3 * r.NormFloat64())
	}
	m.ZeroSum()
	weight := func(k, x, y int) float64 { // of the bond from site k in state x to the next one in state y
		next := (k + 1) % sites
		return math.Exp(float64(m.Lateral[(k*states+x)*sites*states+next*states+y]))
	}
	field := func(k, x int) float64 { return math.Exp(float64(m.Visible.Bias[k*states+x])) }
	// rest[k][x][z] is the sum of the weights of all states of the sites after k, given state x of site k and state z
	// of site 0.
	var rest [sites][states][states]float64
	for k := sites - 1; k >= 0; k-- {
		for x := range states {
			for z := range states {
				if k == sites-1 {
					rest[k][x][z] = weight(k, x, z)
					continue
				}
				for y := range states {
					rest[k][x][z] += weight(k, x, y) * field(k+1, y) * rest[k+1][y][z]
				}
			}
		}
	}
	sampler := func(r *rand.Rand) func([]float32) {
		choose := func(weightOf func(x int) float64) int { // draws a state in proportion to its weight
			var w [states]float64
			total := 0.0
			for x := range states {
				w[x] = weightOf(x)
				total += w[x]
			}
			left := r.Float64() * total
			for x := range states - 1 {
				if left -= w[x]; left < 0 {
					return x
				}
			}
			return states - 1
		}
		return func(v []float32) {
			clear(v)
			first := choose(func(x int) float64 { return field(0, x) * rest[0][x][x] })
			v[first] = 1
			for k, at := 0, first; k < sites-1; k++ {
				from := at
				at = choose(func(y int) float64 { return weight(k, from, y) * field(k+1, y) * rest[k+1][y][first] })
				v[(k+1)*states+at] = 1
			}
		}
	}
	return known{"ring of 20 three-state sites", m, sampler, settings("categorical/3", 0.3, 4000)}
}
