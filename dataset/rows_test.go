package dataset

import (
	"math"
	"slices"
	"testing"
)

// greyAndReal returns the same four rows as bytes and as floats.
func greyAndReal() map[string]*Rows {
	bytes := []uint8{0, 51, 255, 0, 102, 255, 0, 153, 255, 0, 204, 255}
	floats := make([]float32, len(bytes))
	for i, b := range bytes {
		floats[i] = float32(b) / 255
	}
	labels := []string{"3", "1", "4", "1"}
	return map[string]*Rows{
		"bytes":  {N: 4, V: 3, Bytes: bytes, Labels: labels},
		"floats": {N: 4, V: 3, Floats: floats, Labels: labels},
	}
}

// values returns all rows through Row.
func values(r *Rows) []float32 {
	out := make([]float32, r.N*r.V)
	for n := range r.N {
		r.Row(out[n*r.V:], n)
	}
	return out
}

func TestRow(t *testing.T) {
	want := []float32{0, 0.2, 1, 0, 0.4, 1, 0, 0.6, 1, 0, 0.8, 1}
	for name, rows := range greyAndReal() {
		if got := values(rows); !slices.Equal(got, want) {
			t.Errorf("%s: got %v, want %v", name, got, want)
		}
	}
}

func TestMeans(t *testing.T) {
	// The bytes add up exactly. Each float32 is within 2⁻²⁵ of its decimal, and
	// four of them add up in float64 with an error far below that.
	tolerance := map[string]float64{"bytes": 0, "floats": 0x1p-25}
	want := []float64{0, 0.5, 1}
	for name, rows := range greyAndReal() {
		for i, got := range rows.Means() {
			if math.Abs(got-want[i]) > tolerance[name] {
				t.Errorf("%s: column %d: got %v, want %v ± %v", name, i, got, want[i], tolerance[name])
			}
		}
	}
}

func TestBinary(t *testing.T) {
	tests := []struct {
		name string
		rows Rows
		want bool
	}{
		{"states as bytes", Rows{N: 1, V: 2, Bytes: []uint8{0, 255}}, true},
		{"grey bytes", Rows{N: 1, V: 3, Bytes: []uint8{0, 255, 1}}, false},
		{"states as floats", Rows{N: 1, V: 2, Floats: []float32{1, 0}}, true},
		{"grey floats", Rows{N: 1, V: 2, Floats: []float32{1, 0.5}}, false},
	}
	for _, test := range tests {
		if got := test.rows.Binary(); got != test.want {
			t.Errorf("%s: got %v, want %v", test.name, got, test.want)
		}
	}
}

func TestSliceAndSelect(t *testing.T) {
	for name, rows := range greyAndReal() {
		all := values(rows)
		tests := []struct {
			part       *Rows
			wantValues []float32
			wantLabels []string
		}{
			{rows.Slice(1, 3), all[3:9], []string{"1", "4"}},
			{rows.Select([]int{2, 0}), slices.Concat(all[6:9], all[:3]), []string{"4", "3"}},
		}
		for _, test := range tests {
			if got := values(test.part); test.part.N != 2 || !slices.Equal(got, test.wantValues) {
				t.Errorf("%s: got %d rows %v, want 2 rows %v", name, test.part.N, got, test.wantValues)
			}
			if !slices.Equal(test.part.Labels, test.wantLabels) {
				t.Errorf("%s: got labels %v, want %v", name, test.part.Labels, test.wantLabels)
			}
			if (test.part.Bytes != nil) == (test.part.Floats != nil) {
				t.Errorf("%s: got bytes %v and floats %v, want one of them", name, test.part.Bytes, test.part.Floats)
			}
		}
	}
}

func TestSummary(t *testing.T) {
	for name, rows := range greyAndReal() {
		got := rows.Summary()
		if math.Abs(got.Mean-0.5) > 0x1p-25 || !slices.Equal(got.Constant, []int{0, 2}) { // the tolerance of TestMeans
			t.Errorf("%s: got %+v, want mean 0.5 and constant columns 0 and 2", name, got)
		}
	}
}
