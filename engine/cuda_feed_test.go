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

// batches has two plans over one data set: for its full batches, and for the short one at its end.
type batches struct {
	*testing.T
	state       *State
	full, short *Plan
	rows        map[*Plan]*gorgonia.Node // the node with the rows of a batch
}

// The data set (fedRows,fedColumns) of these tests has seven full batches of fedBatch rows, and one of two rows.
const fedRows, fedColumns, fedBatch = 37, 21, 5

// newBatches loads data on a device and compiles both plans. Threshold, seed and stream are chosen freely.
func newBatches(t *testing.T, d Device, data any, binarize Binarization) *batches {
	t.Helper()
	b := &batches{T: t, state: NewState(d), rows: map[*Plan]*gorgonia.Node{}}
	b.must(b.state.Load("data", data, fedRows, fedColumns))
	b.must(b.state.Add("order", tensor.Int32, fedRows))
	b.must(b.state.Add("clock", tensor.Int32, ClockSize))
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
		b.must(err)
		b.rows[p] = n
		return p
	}
	b.full, b.short = plan(fedBatch), plan(fedRows%fedBatch)
	return b
}

func (b *batches) must(err error) {
	b.Helper()
	if err != nil {
		b.Fatal(err)
	}
}

// begin sets the order of an epoch and seeks one of its batches.
func (b *batches) begin(epoch, position int) {
	b.Helper()
	order := make([]int32, fedRows)
	Shuffle(order, 7, 1, epoch)
	b.must(b.state.Set("order", order))
	b.seek(epoch, position)
}

// seek sets the clock to a batch of an epoch.
func (b *batches) seek(epoch, position int) {
	b.Helper()
	b.must(b.state.Set("clock", []int32{0, int32(position), int32(epoch)}))
}

// next returns the batch that the clock is at, whose position the caller knows.
func (b *batches) next(position int) []float32 {
	b.Helper()
	p := b.full
	if (position+1)*fedBatch > fedRows {
		p = b.short
	}
	b.must(p.Run())
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
	for _, when := range []string{"late", "early"} { // when the simulator makes copies: as late as it may, or at once
		t.Setenv("CUDASIM_COPIES", when)
		device := openCUDAFor(t, "f32").(*cuda)
		for _, data := range []any{bytes, floats} {
			for binarize := AsIs; binarize <= Dynamic; binarize++ {
				for _, chunk := range []int{1, 2, 3, 100} { // in batches; 100 are more than the data set has
					what := fmt.Sprintf("%s, %T, binarization %d, chunks of %d", when, data, binarize, chunk)
					testFeed(t, what, device, data, binarize, chunk)
				}
			}
		}
	}
}

// testFeed compares the batches of a data set on the host, copied in chunks of the given number of batches, with
// the batches of the same data on the GPU.
func testFeed(t *testing.T, what string, device *cuda, data any, binarize Binarization, chunk int) {
	row := fedColumns // bytes of a row
	bytes, isBytes := data.([]uint8)
	if !isBytes {
		row *= 4
	}
	device.spare = 0 // so that the data set goes to the GPU
	resident := newBatches(t, device, data, binarize)
	device.spare = math.MaxInt64 / 2                 // so that it stays on the host
	device.chunk = int64(row * (chunk*fedBatch + 1)) // a row too many: chunks are whole batches
	fed := newBatches(t, device, data, binarize)
	same := func(epoch, position int, how string) {
		t.Helper()
		at := fmt.Sprintf("%s, epoch %d, %s batch %d", what, epoch, how, position)
		compare(t, at, fed.next(position), resident.next(position), nil)
	}
	for epoch, first := range []int{0, 4, 2} { // the first batch is not 0 where a run resumes
		resident.begin(epoch, first)
		fed.begin(epoch, first)
		for position := first; position*fedBatch < fedRows; position++ {
			same(epoch, position, "next")
		}
		for _, position := range []int{6, 0, 7, 3, 3, 1} { // back and forth, to the short batch, and to the same again
			resident.seek(epoch, position)
			fed.seek(epoch, position)
			same(epoch, position, "sought")
		}
	}
	if isBytes {
		got := make([]uint8, len(bytes))
		fed.must(fed.state.Get("data", got))
		if !slices.Equal(got, bytes) {
			t.Errorf("%s: the downloaded data set differs", what)
		}
	}
}

// TestFeedCounts: each chunk of an epoch is copied once. The host waits for a copy before it
// overwrites the memory that was copied.
func TestFeedCounts(t *testing.T) {
	device := openCUDAFor(t, "f32").(*cuda)
	const chunk = 2 * fedBatch * fedColumns             // bytes: a chunk is two batches
	device.spare, device.chunk = math.MaxInt64/2, chunk // the data set stays on the host
	b := newBatches(t, device, make([]uint8, fedRows*fedColumns), Static)
	run := func() Counts {
		before := device.Counts()
		b.must(b.full.Run())
		after := device.Counts()
		return Counts{
			Calls: after.Calls - before.Calls, Graphs: after.Graphs - before.Graphs, Syncs: after.Syncs - before.Syncs,
			Uploaded: after.Uploaded - before.Uploaded, Downloaded: after.Downloaded - before.Downloaded,
		}
	}
	b.begin(0, 0)
	run() // makes the launches one by one, and copies the first two chunks
	run() // records the launches
	b.begin(1, 0)
	for batch, want := range []Counts{ // of the first seven batches; the first of a chunk copies the next chunk
		{Calls: 1, Graphs: 1, Syncs: 2, Uploaded: 2 * chunk}, // also copies its own: both parts hold the last epoch's rows
		{Calls: 1, Graphs: 1},
		{Calls: 1, Graphs: 1, Syncs: 1, Uploaded: chunk},
		{Calls: 1, Graphs: 1},
		{Calls: 1, Graphs: 1, Syncs: 1, Uploaded: 7 * fedColumns}, // of the last chunk, rows 30 to 36
		{Calls: 1, Graphs: 1},
		{Calls: 1, Graphs: 1},
	} {
		if got := run(); got != want {
			t.Errorf("batch %d: got %+v, want %+v", batch, got, want)
		}
	}
}

// TestFeedErrors: each error of a feed states the cause and the numbers.
func TestFeedErrors(t *testing.T) {
	device := openCUDAFor(t, "f32").(*cuda)
	device.spare, device.chunk = math.MaxInt64/2, 1 // the data set stays on the host, in chunks of one batch
	b := newBatches(t, device, make([]uint8, fedRows*fedColumns), Static)
	for _, test := range []struct {
		what string
		set  func()
		want string
	}{
		{"beyond the order", func() { b.begin(0, 7) }, "rows 35 to 39 of an order of 37"},
		{"a clock that was computed", func() { target(b.state.variables["clock"]) },
			"the rows of a data set on the host need a clock and an order that no launch computes"},
	} {
		test.set()
		for range 2 { // launched one by one, then recorded
			want := "batch (5, 21) of the data set (37, 21): " + test.want
			if err := b.full.Run(); err == nil || !strings.HasPrefix(err.Error(), "engine: ") || !strings.Contains(err.Error(), want) {
				t.Errorf("%s: got %v, want an error of engine with %q", test.what, err, want)
			}
		}
	}
	if err := b.state.Set("data", make([]uint8, fedRows*fedColumns)); err == nil {
		t.Error("a data set was written: got no error")
	}
}

// TestFeedOutOfMemory: if there is no room for two chunks of one batch, here 2 TiB each, the error states
// how much was needed, how much was free, and what to lower.
func TestFeedOutOfMemory(t *testing.T) {
	device := openCUDAFor(t, "f32").(*cuda)
	data := &cudaBuffer{of: tensor.Uint8, shape: tensor.Shape{1 << 30, 1 << 12}}
	order := &cudaBuffer{of: tensor.Int32, shape: tensor.Shape{1 << 30}}
	_, err := device.feed(data, order, 1<<29)
	if err == nil {
		t.Fatal("got no error")
	}
	for _, want := range []string{
		"chunks of 536870912 rows of the data set (1073741824, 4096)", "out of memory: 4194304.0 MiB needed",
		"free of", "lower the batch size",
	} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("got %q, want it to say %q", err, want)
		}
	}
}
