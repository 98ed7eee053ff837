package engine

import (
	"errors"
	"slices"
	"testing"

	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"
)

// memoryReader is a RowReader of rows in memory: of bytes, or of floats if bytes is nil.
type memoryReader struct {
	bytes   []uint8
	floats  []float32
	columns int
	fail    error // returned after each read
}

func (l *memoryReader) InBytes() bool { return l.bytes != nil }
func (l *memoryReader) Binary() bool {
	return !slices.ContainsFunc(l.bytes, func(b uint8) bool { return b != 0 && b != 255 }) &&
		!slices.ContainsFunc(l.floats, func(x float32) bool { return x != 0 && x != 1 })
}

func (l *memoryReader) ReadRows(bytes []uint8, floats []float32, numbers []int32) error {
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

// TestReaderAgrees: a batch of rows that a RowReader reads equals the batch of the same rows loaded as a slice, for
// each type of values, binarization and device.
func TestReaderAgrees(t *testing.T) {
	const rows, columns = 23, 70
	f := newFixture(t, 1, columns, 1)
	for on, device := range devices(t) {
		for binarize := AsIs; binarize <= Dynamic; binarize++ {
			for _, values := range []string{"bytes", "states", "floats"} {
				l := &memoryReader{columns: columns}
				for range rows * columns {
					switch b := uint8(f.random.IntN(256)); values {
					case "bytes":
						l.bytes = append(l.bytes, b)
					case "states":
						l.bytes = append(l.bytes, 255*(b%2))
					default:
						l.floats = append(l.floats, float32(b)/255)
					}
				}
				slice := any(l.bytes)
				if l.bytes == nil {
					slice = l.floats
				}
				want := secondBatch(t, device, slice, typeOfReader(l), rows, columns, binarize)
				if got := secondBatch(t, device, l, typeOfReader(l), rows, columns, binarize); !slices.Equal(got, want) {
					t.Errorf("%s, %s, binarize=%d: rows of a reader differ from rows of a slice", on, values, binarize)
				}
			}
		}
	}
}

// secondBatch returns the second batch of nine rows of a data set, which two ops take: four rows and five.
func secondBatch(t *testing.T, d Device, data any, of tensor.Dtype, rows, columns int, binarize Binarization) []float32 {
	t.Helper()
	const size = 9
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
	x, o := input("data", of, rows, columns), input("order", tensor.Int32, rows)
	clock := input("clock", tensor.Int32, ClockSize)
	var nodes []*gorgonia.Node
	for _, r := range parts {
		r.Batch, r.Binarize, r.Threshold, r.Seed, r.Stream = size, binarize, 0.5, 5, 3
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

// TestReaderErrors: an error of a reader is the error of a plan's run, a data set outside of memory is no
// tensor to download, and rows are no vector.
func TestReaderErrors(t *testing.T) {
	for on, device := range devices(t) {
		l := &memoryReader{bytes: make([]uint8, 6), columns: 2, fail: errors.New("the file has been cut")}
		s := NewState(device)
		err := errors.Join(s.Load("data", l, 3, 2), s.Define("order", []int32{0, 1, 2}, 3),
			s.Add("clock", tensor.Int32, ClockSize))
		if err != nil {
			t.Fatal(err)
		}
		g := gorgonia.NewGraph()
		input := func(name string, of tensor.Dtype, shape ...int) *gorgonia.Node {
			return gorgonia.NewTensor(g, of, len(shape), gorgonia.WithShape(shape...), gorgonia.WithName(name))
		}
		clock := input("clock", tensor.Int32, ClockSize)
		n := NewRows(input("data", tensor.Uint8, 3, 2), input("order", tensor.Int32, 3), clock, Rows{Size: 3, Batch: 3})
		plan, err := Compile(g, s, n)
		if err != nil {
			t.Fatal(err)
		}
		if err := plan.Run(); err != l.fail {
			t.Errorf("%s: a plan over rows that cannot be read: got error %v, want %v", on, err, l.fail)
		}
		if err := s.Get("data", make([]uint8, 6)); !errors.Is(err, errReader) {
			t.Errorf("%s: download of a data set outside of memory: got error %v, want %v", on, err, errReader)
		}
		if err := s.Load("data", l, 6); err == nil {
			t.Errorf("%s: a reader was loaded as a vector, want an error", on)
		}
	}
}
