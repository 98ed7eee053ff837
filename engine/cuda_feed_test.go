//go:build gpu

package engine

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"
)

// batches is a graph that takes full batches and a short one from a data set.
type batches struct {
	*testing.T
	state       *State
	full, short *Plan
	rows        map[*Plan]*gorgonia.Node
}

const (
	fedRows, fedColumns, fedBatch = 37, 21, 5 // seven full batches, and one of two rows
)

// newBatches loads a data set on a device.
func newBatches(t *testing.T, d Device, data any, binarize Binarization) *batches {
	t.Helper()
	b := &batches{T: t, state: NewState(d), rows: map[*Plan]*gorgonia.Node{}}
	b.done(b.state.Load("data", data, fedRows, fedColumns))
	b.done(b.state.Add("order", tensor.Int32, fedRows))
	b.done(b.state.Add("clock", tensor.Int32, ClockSize))
	of := tensor.Float32
	if _, ok := data.([]uint8); ok {
		of = tensor.Uint8
	}
	plan := func(size int) *Plan {
		g := gorgonia.NewGraph()
		input := func(name string, of tensor.Dtype, shape ...int) *gorgonia.Node {
			return gorgonia.NewTensor(g, of, len(shape), gorgonia.WithShape(shape...), gorgonia.WithName(name))
		}
		clock := input("clock", tensor.Int32, ClockSize)
		n := NewRows(input("data", of, fedRows, fedColumns), input("order", tensor.Int32, fedRows), clock,
			Rows{Size: size, Batch: fedBatch, Binarize: binarize, Threshold: 0.4, Seed: 5, Stream: 3})
		Assign(clock, NewTick(clock))
		p, err := Compile(g, b.state, n)
		b.done(err)
		b.rows[p] = n
		return p
	}
	b.full, b.short = plan(fedBatch), plan(fedRows%fedBatch)
	return b
}

func (b *batches) done(err error) {
	b.Helper()
	if err != nil {
		b.Fatal(err)
	}
}

// begin sets the order of an epoch, and the clock to one of its batches.
func (b *batches) begin(epoch, position int) {
	b.Helper()
	order := make([]int32, fedRows)
	Shuffle(order, 7, 1, epoch)
	b.done(b.state.Set("order", order))
	b.seek(epoch, position)
}

func (b *batches) seek(epoch, position int) {
	b.Helper()
	b.done(b.state.Set("clock", []int32{0, int32(position), int32(epoch)}))
}

// next returns the batch of a position.
func (b *batches) next(position int) []float32 {
	b.Helper()
	p := b.full
	if (position+1)*fedBatch > fedRows {
		p = b.short
	}
	b.done(p.Run())
	return read(b.T, p, b.rows[p]).([]float32)
}

// TestFeedOnCUDA: a data set on the host gives the same batches as one on the GPU. This holds for
// every binarization and chunk size, in every epoch, for a run that resumes within an epoch, and
// for every position of the clock.
func TestFeedOnCUDA(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	bytes, floats := make([]uint8, fedRows*fedColumns), make([]float32, fedRows*fedColumns)
	for i := range bytes {
		bytes[i], floats[i] = uint8(random.IntN(256)), random.Float32()
	}
	for _, when := range []string{"late", "early"} { // when copies run under the simulator
		t.Setenv("CUDASIM_COPIES", when)
		device := openCUDAFor(t, "f32").(*cuda)
		for n := range 2 * 4 * 4 {
			data, row := any(bytes), fedColumns
			if n%2 == 1 {
				data, row = floats, 4*fedColumns
			}
			binarize, chunk := Binarization(n/2%4), []int{1, 2, 3, 100}[n/8] // in batches
			device.spare, device.chunk = 0, 0
			resident := newBatches(t, device, data, binarize)
			device.spare, device.chunk = math.MaxInt64/2, int64(row*(chunk*fedBatch+1))
			fed := newBatches(t, device, data, binarize)
			what := fmt.Sprintf("%s, bytes=%v, binarization %d, chunks of %d", when, n%2 == 0, binarize, chunk)
			for epoch := range 3 {
				first := []int{0, 4, 2}[epoch]
				for _, b := range []*batches{resident, fed} {
					b.begin(epoch, first)
				}
				for position := first; position*fedBatch < fedRows; position++ {
					compare(t, fmt.Sprintf("%s, epoch %d, batch %d", what, epoch, position), fed.next(position), resident.next(position), nil)
				}
				for _, position := range []int{6, 0, 7, 3, 3, 1} {
					for _, b := range []*batches{resident, fed} {
						b.seek(epoch, position)
					}
					compare(t, fmt.Sprintf("%s, epoch %d, seeking batch %d", what, epoch, position), fed.next(position), resident.next(position), nil)
				}
			}
			got := make([]uint8, len(bytes))
			if n%2 == 0 {
				fed.done(fed.state.Get("data", got))
				if !slices.Equal(got, bytes) {
					t.Errorf("%s: the downloaded data set differs", what)
				}
			}
		}
	}
}

// TestFeedCounts: each chunk of an epoch is copied once. The host waits for a copy before it
// overwrites the memory that was copied.
func TestFeedCounts(t *testing.T) {
	device := openCUDAFor(t, "f32").(*cuda)
	device.spare, device.chunk = math.MaxInt64/2, 2*fedBatch*fedColumns
	b := newBatches(t, device, make([]uint8, fedRows*fedColumns), Static)
	run := func(from, to int) Counts {
		before := device.Counts()
		for range to - from {
			b.done(b.full.Run())
		}
		after := device.Counts()
		return Counts{
			Calls: after.Calls - before.Calls, Graphs: after.Graphs - before.Graphs, Syncs: after.Syncs - before.Syncs,
			Uploaded: after.Uploaded - before.Uploaded, Downloaded: after.Downloaded - before.Downloaded,
		}
	}
	b.begin(0, 0)
	run(0, 2) // launches one by one, and recorded
	b.begin(1, 0)
	const chunk = 2 * fedBatch * fedColumns // bytes
	for _, step := range []struct {
		position int
		want     Counts
	}{
		{1, Counts{Calls: 1, Graphs: 1, Syncs: 2, Uploaded: 2 * chunk}}, // both parts were sent in the preceding epoch
		{2, Counts{Calls: 1, Graphs: 1}},
		{3, Counts{Calls: 1, Graphs: 1, Syncs: 1, Uploaded: chunk}},
		{4, Counts{Calls: 1, Graphs: 1}},
		{5, Counts{Calls: 1, Graphs: 1, Syncs: 1, Uploaded: 7 * fedColumns}}, // the last chunk
		{6, Counts{Calls: 1, Graphs: 1}},
		{7, Counts{Calls: 1, Graphs: 1}},
	} {
		if got := run(step.position-1, step.position); got != step.want {
			t.Errorf("batch %d: got %+v, want %+v", step.position, got, step.want)
		}
	}
}

// TestFeedErrors: each error of a feed states the cause and the numbers.
func TestFeedErrors(t *testing.T) {
	device := openCUDAFor(t, "f32").(*cuda)
	device.spare, device.chunk = math.MaxInt64/2, 1
	b := newBatches(t, device, make([]uint8, fedRows*fedColumns), Static)
	for _, test := range []struct {
		what string
		set  func()
		want string
	}{
		{"beyond the order", func() { b.begin(0, 7) }, "rows 35 to 40 of an order of 37"},
		{"a clock that was computed", func() { target(b.state.variables["clock"]) }, "the rows of a data set on the host need a clock and an order that no launch computes"},
	} {
		test.set()
		for range 2 { // first launched, then replayed
			err := b.full.Run()
			if err == nil || !strings.HasPrefix(err.Error(), "engine: ") || !strings.Contains(err.Error(), "batch (5, 21) of the data set (37, 21): "+test.want) {
				t.Errorf("%s: got %v, want the batch, the data set and %q", test.what, err, test.want)
			}
		}
	}
	if err := b.state.Set("data", make([]uint8, fedRows*fedColumns)); err == nil {
		t.Error("a data set was written: got no error")
	}
}

// If there is no room even for two chunks, the error states how much was needed, how much was
// free, and what to lower.
func TestFeedOutOfMemory(t *testing.T) {
	device := openCUDAFor(t, "f32").(*cuda)
	data := &cudaBuffer{of: tensor.Uint8, shape: tensor.Shape{1 << 30, 1 << 12}}
	order := &cudaBuffer{of: tensor.Int32, shape: tensor.Shape{1 << 30}}
	_, err := device.feed(data, order, 1<<29)
	if err == nil {
		t.Fatal("got no error")
	}
	for _, want := range []string{
		"chunks of 536870912 rows of the data set (1073741824, 4096)", "out of memory: 4194304.0 MiB needed", "free of", "lower the batch size",
	} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("got %q, want it to say %q", err, want)
		}
	}
}
