package engine

import (
	"errors"
	"slices"
	"testing"

	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"
)

// listed is a RowReader of a slice.
type listed struct {
	bytes   []uint8
	floats  []float32
	columns int
	fail    error
}

func (l *listed) InBytes() bool { return l.bytes != nil }
func (l *listed) Binary() bool {
	return !slices.ContainsFunc(l.bytes, func(b uint8) bool { return b != 0 && b != 255 }) &&
		!slices.ContainsFunc(l.floats, func(x float32) bool { return x != 0 && x != 1 })
}

func (l *listed) ReadRows(bytes []uint8, floats []float32, numbers []int32) error {
	for i, n := range numbers {
		from, to, at := int(n)*l.columns, (int(n)+1)*l.columns, i*l.columns
		if l.bytes != nil {
			copy(bytes[at:], l.bytes[from:to])
		} else {
			copy(floats[at:], l.floats[from:to])
		}
	}
	return l.fail
}

// TestReaderAgrees: batches of rows outside of memory equal batches of the same rows in memory, for
// each type, binarization and device, and in parts of a batch.
func TestReaderAgrees(t *testing.T) {
	const rows, columns, size = 23, 70, 9
	f := newFixture(t, 1, columns, 1)
	for on, device := range devices(t) {
		for binarize := AsIs; binarize <= Dynamic; binarize++ {
			for _, kind := range []string{"bytes", "states", "floats"} {
				l := &listed{columns: columns}
				for range rows * columns {
					switch b := uint8(f.random.IntN(256)); kind {
					case "bytes":
						l.bytes = append(l.bytes, b)
					case "states":
						l.bytes = append(l.bytes, 255*(b%2))
					default:
						l.floats = append(l.floats, float32(b)/255)
					}
				}
				var want []float32
				for _, data := range []any{any(l.bytes), l} {
					if l.bytes == nil && data != any(l) {
						data = l.floats
					}
					got := batchesOf(t, device, data, typeOfReader(l), rows, columns, size, binarize)
					if want == nil {
						want = got
					} else if !slices.Equal(got, want) {
						t.Errorf("%s, %s, binarize=%d: rows that are read differ from rows in memory", on, kind, binarize)
					}
				}
			}
		}
	}
}

// batchesOf returns the batch at position 1 of a data set, in two parts.
func batchesOf(t *testing.T, d Device, data any, of tensor.Dtype, rows, columns, size int, binarize Binarization) []float32 {
	t.Helper()
	s := NewState(d)
	order := make([]int32, rows)
	Shuffle(order, 3, 1, 0)
	check := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	check(s.Load("data", data, rows, columns))
	check(s.Define("order", order, rows))
	check(s.Define("clock", []int32{5, 1, 2}, ClockSize))
	g := gorgonia.NewGraph()
	input := func(name string, of tensor.Dtype, shape ...int) *gorgonia.Node {
		return gorgonia.NewTensor(g, of, len(shape), gorgonia.WithShape(shape...), gorgonia.WithName(name))
	}
	parts := []Rows{{Size: 4}, {First: 4, Size: size - 4}}
	x, o, clock := input("data", of, rows, columns), input("order", tensor.Int32, rows), input("clock", tensor.Int32, ClockSize)
	var nodes []*gorgonia.Node
	for _, r := range parts {
		r.Batch, r.Binarize, r.Threshold, r.Seed, r.Stream = size, binarize, 0.4, 5, 3
		nodes = append(nodes, NewRows(x, o, clock, r))
	}
	plan, err := Compile(g, s, nodes...)
	check(err)
	check(plan.Run())
	var all []float32
	for _, n := range nodes {
		values := make([]float32, n.Shape().TotalSize())
		check(plan.Read(n, values))
		all = append(all, values...)
	}
	return all
}

// TestReaderErrors: what a reader says ends the run of a plan, and a data set outside of memory is no
// tensor to download.
func TestReaderErrors(t *testing.T) {
	for on, device := range devices(t) {
		l := &listed{bytes: make([]uint8, 6), columns: 2, fail: errors.New("the file has been cut")}
		s := NewState(device)
		for _, err := range []error{s.Load("data", l, 3, 2), s.Define("order", []int32{0, 1, 2}, 3), s.Add("clock", tensor.Int32, ClockSize)} {
			if err != nil {
				t.Fatal(err)
			}
		}
		g := gorgonia.NewGraph()
		input := func(name string, of tensor.Dtype, shape ...int) *gorgonia.Node {
			return gorgonia.NewTensor(g, of, len(shape), gorgonia.WithShape(shape...), gorgonia.WithName(name))
		}
		n := NewRows(input("data", tensor.Uint8, 3, 2), input("order", tensor.Int32, 3), input("clock", tensor.Int32, ClockSize), Rows{Size: 3, Batch: 3})
		plan, err := Compile(g, s, n)
		if err != nil {
			t.Fatal(err)
		}
		if err := plan.Run(); err != l.fail {
			t.Errorf("%s: a plan over rows that cannot be read: %v", on, err)
		}
		if err := s.Get("data", make([]uint8, 6)); !errors.Is(err, errReader) {
			t.Errorf("%s: download of a data set outside of memory: %v", on, err)
		}
		if err := s.Load("data", l, 6); err == nil {
			t.Errorf("%s: rows were taken for a vector", on)
		}
	}
}
