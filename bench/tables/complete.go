package main

import (
	"fmt"
	"math"
	"slices"
	"strconv"

	"gonum.org/v1/gonum/stat"

	"harmonium/dataset"
	"harmonium/rbm"
	"harmonium/rbm/sample"
)

// measures are the columns of numbers.
var measures = []string{"bill_length_mm", "bill_depth_mm", "flipper_length_mm", "body_mass_g"}

// The samples of a model are the states of this number of chains after this number of Gibbs steps. Both are chosen; a
// correlation of 2000 samples has a standard error of 1/√2000 = 0.022 at most.
const samples, steps = 2000, 500

// complete prints how close filled measures of held-out rows are, beside the mean of the training rows, and
// how far correlations of samples are from correlations of the training rows.
func (b runner) complete(seeds int) error {
	gains, worst := make([][]float64, len(measures)), 0.0 // gains by measure and seed, the worst difference over seeds
	for seed := 1; seed <= seeds; seed++ {
		s, err := b.open("", seed)
		if err != nil {
			return err
		}
		m, err := b.train(s, seed)
		if err != nil {
			return err
		}
		for i, name := range measures {
			gain, err := b.fill(m, s, name)
			if err != nil {
				return err
			}
			gains[i] = append(gains[i], gain)
		}
		difference, err := b.correlations(m, s, seed)
		if err != nil {
			return err
		}
		worst = max(worst, difference)
	}
	for i, name := range measures {
		fmt.Printf("%s filled: RMSE %.0f %% below the error of the mean over %d seeds (%.0f to %.0f)\n",
			name, 100*stat.Mean(gains[i], nil), seeds, 100*slices.Min(gains[i]), 100*slices.Max(gains[i]))
	}
	fmt.Printf("correlations of %d samples: at most %.3f from the correlations of the training rows\n", samples, worst)
	return nil
}

// fill takes a column out of the held-out rows and fills it. It returns by how much the root mean square
// error is below the error of the training rows' mean, as a share of the latter.
func (b runner) fill(m *rbm.Model, s *split, name string) (float64, error) {
	column := columnNamed(s.Schema, name)
	from, width := s.Schema.From(column), s.Schema.Columns[column].Width()
	rows := make([]float32, s.Test.N*s.Test.V)
	for n := range s.Test.N {
		row := rows[n*s.Test.V : (n+1)*s.Test.V]
		s.Test.Row(row, n)
		for i := range width {
			row[from+i] = float32(math.NaN())
		}
	}
	filled, err := sample.Impute(b.ctx, m, b.device, rows, sample.ImputeConfig{Seed: 1})
	if err != nil {
		return 0, err
	}
	mean := stat.Mean(numbers(s.train, column), nil)
	var squares, ofMean float64
	for n, truth := range numbers(s.test, column) {
		cell := s.Schema.Cells(filled.Means[n*s.Test.V : (n+1)*s.Test.V])[column]
		x, err := strconv.ParseFloat(cell, 64)
		if err != nil {
			return 0, err
		}
		squares, ofMean = squares+(x-truth)*(x-truth), ofMean+(mean-truth)*(mean-truth)
	}
	return 1 - math.Sqrt(squares/ofMean), nil
}

// correlations returns the largest difference between the correlation of two measures over samples and over
// the training rows.
func (b runner) correlations(m *rbm.Model, s *split, seed int) (float64, error) {
	chains, err := sample.NewChains(m, b.device, sample.RandomVisible(m, samples, uint64(seed)), nil, uint64(seed))
	if err != nil {
		return 0, err
	}
	if err := chains.Run(b.ctx, steps); err != nil {
		return 0, err
	}
	states, err := chains.Visible()
	if err != nil {
		return 0, err
	}
	var drawn [][]string
	for row := range slices.Chunk(states, s.Train.V) {
		drawn = append(drawn, s.Schema.Cells(row))
	}
	largest := 0.0
	for i, x := range measures {
		for _, y := range measures[:i] {
			of := func(rows [][]string) float64 {
				return stat.Correlation(numbers(rows, columnNamed(s.Schema, x)), numbers(rows, columnNamed(s.Schema, y)), nil)
			}
			largest = max(largest, math.Abs(of(drawn)-of(s.train)))
		}
	}
	return largest, nil
}

// numbers returns a column of cells that are all numbers.
func numbers(rows [][]string, column int) []float64 {
	list := make([]float64, len(rows))
	for n, row := range rows {
		var err error
		if list[n], err = strconv.ParseFloat(row[column], 64); err != nil {
			panic(err) // the schema has refused other cells
		}
	}
	return list
}

// columnNamed returns the index of a column.
func columnNamed(s *dataset.Schema, name string) int {
	return slices.IndexFunc(s.Columns, func(c dataset.Column) bool { return c.Name == name })
}
