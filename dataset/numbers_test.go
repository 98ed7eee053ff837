package dataset

import (
	"fmt"
	"slices"
	"testing"
)

// TestQuantileBins: equal numbers share a bin, edges part neighbours, and no bin is empty.
func TestQuantileBins(t *testing.T) {
	for _, test := range []struct {
		numbers      []float64
		n            int
		edges, means []float64
	}{
		{[]float64{4, 1, 3, 2}, 2, []float64{2.5}, []float64{1.5, 3.5}},
		{[]float64{4, 1, 3, 2}, 9, []float64{1.5, 2.5, 3.5}, []float64{1, 2, 3, 4}},
		{[]float64{1, 1, 1, 1, 2, 3}, 3, []float64{1.5, 2.5}, []float64{1, 2, 3}},
		{[]float64{1, 2, 2, 2, 2, 2}, 2, []float64{1.5}, []float64{1, 2}},
		{[]float64{1, 1, 1, 1, 1, 2}, 2, []float64{1.5}, []float64{1, 2}},
		{[]float64{1, 1, 2}, 1, []float64{1.5}, []float64{1, 2}},
	} {
		edges, means := quantileBins(test.numbers, test.n)
		if !slices.Equal(edges, test.edges) || !slices.Equal(means, test.means) {
			t.Errorf("%v in %d: got edges %v, means %v, want %v, %v", test.numbers, test.n, edges, means, test.edges, test.means)
		}
	}
	var numbers []float64
	for i := range 1000 {
		numbers = append(numbers, float64(i*i%997))
	}
	c := Column{Number: 1, Kind: categoricalColumn}
	c.Edges, c.Means = quantileBins(numbers, 7)
	if err := c.validate(); err != nil || len(c.Means) != 7 {
		t.Fatal(c, err)
	}
	in := make([]int, 7)
	for _, x := range numbers {
		in[c.bin(x)]++
	}
	// i² mod 997 has a value for i and for -i, and i from 997 on repeats 0, 1 and 2: a number occurs at most three
	// times. A bin has 142 or 143 numbers, and each of its two edges is moved by at most three equal ones.
	if low, high := slices.Min(in), slices.Max(in); low < 142-6 || high > 143+6 {
		t.Errorf("got %v rows in 7 bins of 1000, want 136 to 149 in each", in)
	}
}

// TestCellsOfMeans: the cell for means over categories is the most probable category, and over bins the mean of their
// means; its error is as Schema.CellErrors defines it. All numbers are exact in binary.
func TestCellsOfMeans(t *testing.T) {
	s := &Schema{Columns: []Column{
		{Number: 1, Kind: categoricalColumn, Categories: []string{"a", "b", "c"}, Label: true},
		{Number: 2, Kind: categoricalColumn, Edges: []float64{2}, Means: []float64{1, 4}, Decimals: 2},
		{Number: 3, Kind: gaussianColumn, Mean: 10, Deviation: 4, Decimals: 1},
		{Number: 4, Kind: constantColumn, Categories: []string{"k"}},
		{Number: 5, Kind: bernoulliColumn, Categories: []string{"no", "yes"}},
	}}
	if err := s.Validate(); err != nil {
		t.Fatal(err)
	}
	// Two bins, a standardised number, a Bernoulli unit, and the three categories of the label, which comes last.
	row := []float32{0.75, 0.25, -0.5, 0.625, 0.125, 0.25, 0.625}
	if got := fmt.Sprint(s.Cells(row)); got != "[c 1.75 8.0 k yes]" {
		t.Errorf("got %s, want [c 1.75 8.0 k yes]", got)
	}
	if got := fmt.Sprint(s.CellErrors(row, []float32{0.5, 0.5, 0.25, 0.125, 0.1, 0.2, 0.5})); got != "[0.5 1.5 1 0 0.125]" {
		t.Errorf("errors: got %s, want [0.5 1.5 1 0 0.125]", got)
	}
	if s.Header() != nil || s.Units("") != "categorical/2:1,gaussian:1,bernoulli:1,categorical/3:1" {
		t.Errorf("got header %q, units %s", s.Header(), s.Units(""))
	}
}
