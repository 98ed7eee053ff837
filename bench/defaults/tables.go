package main

import (
	"math"
	"math/rand/v2"

	"harmonium/dataset"
)

// table is a source of rows whose distribution is known.
type table struct {
	name    string
	rows    int
	columns int
	draw    func(r *rand.Rand, row []float32)  // draws one row
	log     func(row []float32) (nats float64) // returns the log-probability of a row
}

// tables are the kinds of structure that small tables have.
func tables() []table {
	return []table{
		independentTable(500, 20),
		mixture("mixture of 2", 500, 20, 2, 0.1),
		mixture("mixture of 10", 1000, 40, 10, 0.05),
		chainTable(800, 30, 0.15),
		xorTable(800, 6, 0.05),
		mixture("8 clusters, 100 columns", 2000, 100, 8, 0.05),
		mixture("20 clusters, 100 columns", 2000, 100, 20, 0.1),
	}
}

// set draws training, validation and test rows: as many of the last two as a half of the first.
func (t table) set(seed uint64) *dataset.Set {
	r := rand.New(rand.NewPCG(seed, 99)) // another stream than the patterns of mixture have
	part := func(n int) *dataset.Rows {
		rows := &dataset.Rows{N: n, V: t.columns, Floats: make([]float32, n*t.columns)}
		for i := range n {
			t.draw(r, rows.Floats[i*t.columns:(i+1)*t.columns])
		}
		return rows
	}
	return &dataset.Set{Name: t.name, Train: part(t.rows), Valid: part(t.rows / 2), Test: part(t.rows / 2)}
}

// truth returns the mean log-likelihood of rows under the distribution that drew them.
func (t table) truth(rows *dataset.Rows) float64 {
	var sum float64
	row := make([]float32, rows.V)
	for n := range rows.N {
		rows.Row(row, n)
		sum += t.log(row)
	}
	return sum / float64(rows.N)
}

// bit returns 1 with probability p, and else 0.
func bit(r *rand.Rand, p float64) float32 {
	if r.Float64() < p {
		return 1
	}
	return 0
}

// logBit returns the log-probability of a bit that is 1 with probability p.
func logBit(x float32, p float64) float64 {
	if x == 1 {
		return math.Log(p)
	}
	return math.Log1p(-p)
}

// independentTable has columns of different rates and no structure.
func independentTable(rows, columns int) table {
	rate := func(i int) float64 { return 0.05 + 0.9*float64(i)/float64(columns-1) }
	return table{"independent", rows, columns,
		func(r *rand.Rand, row []float32) {
			for i := range row {
				row[i] = bit(r, rate(i))
			}
		},
		func(row []float32) (sum float64) {
			for i, x := range row {
				sum += logBit(x, rate(i))
			}
			return sum
		}}
}

// mixture draws rows from patterns of equal weight and flips each bit with probability noise.
func mixture(name string, rows, columns, patterns int, noise float64) table {
	r := rand.New(rand.NewPCG(uint64(patterns), uint64(columns)))
	centers := make([][]float32, patterns)
	for k := range centers {
		centers[k] = make([]float32, columns)
		for i := range centers[k] {
			centers[k][i] = bit(r, 0.5)
		}
	}
	return table{name, rows, columns,
		func(r *rand.Rand, row []float32) {
			for i, c := range centers[r.IntN(patterns)] {
				row[i] = c
				if bit(r, noise) == 1 {
					row[i] = 1 - c
				}
			}
		},
		func(row []float32) float64 {
			var sum float64
			for _, center := range centers {
				var flips int
				for i, c := range center {
					if row[i] != c {
						flips++
					}
				}
				sum += math.Pow(noise, float64(flips)) * math.Pow(1-noise, float64(columns-flips))
			}
			return math.Log(sum / float64(patterns))
		}}
}

// chainTable has columns that equal the column before them or, with probability flip, differ from it.
func chainTable(rows, columns int, flip float64) table {
	return table{"chain", rows, columns,
		func(r *rand.Rand, row []float32) {
			row[0] = bit(r, 0.5)
			for i := 1; i < columns; i++ {
				row[i] = row[i-1]
				if bit(r, flip) == 1 {
					row[i] = 1 - row[i]
				}
			}
		},
		func(row []float32) float64 {
			sum := math.Log(0.5)
			for i := 1; i < columns; i++ {
				changed := float32(0)
				if row[i] != row[i-1] {
					changed = 1
				}
				sum += logBit(changed, flip)
			}
			return sum
		}}
}

// xorTable has groups of three columns. The third column is the exclusive or of the other two, but
// for noise, so that no pair of columns is correlated.
func xorTable(rows, groups int, noise float64) table {
	return table{"noisy XOR", rows, 3 * groups,
		func(r *rand.Rand, row []float32) {
			for g := 0; g < len(row); g += 3 {
				row[g], row[g+1] = bit(r, 0.5), bit(r, 0.5)
				row[g+2] = float32(math.Abs(float64(row[g] - row[g+1])))
				if bit(r, noise) == 1 {
					row[g+2] = 1 - row[g+2]
				}
			}
		},
		func(row []float32) (sum float64) {
			for g := 0; g < len(row); g += 3 {
				wrong := float32(math.Abs(float64(row[g+2]) - math.Abs(float64(row[g]-row[g+1]))))
				sum += 2*math.Log(0.5) + logBit(wrong, noise)
			}
			return sum
		}}
}
