package bench

import (
	"flag"
	"fmt"
	"maps"
	"math"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"

	"harmonium/engine"
)

// cards are GPUs with the published peaks of the V100 SXM2, A100 SXM 80 GB, H100 SXM, H200 SXM and RTX 4090
// (NVIDIA's data sheets and architecture papers), for dense products. The V100 has no TF32 and no bfloat16.
// The clock of the H100 and the H200 is the boost clock of their float32 and float64 units; tensor cores
// reach their peaks at 1.83 GHz.
var cards = []Card{
	{"V100", 80, 1.53e9, map[string]float64{F32: 15.7e12}, 3.9e12, 900e9, F32},
	{"A100", 108, 1.41e9, map[string]float64{F32: 19.5e12, TF32: 156e12, BF16: 312e12}, 4.85e12, 2039e9, TF32},
	{"H100", 132, 1.98e9, map[string]float64{F32: 66.9e12, TF32: 494.7e12, BF16: 989.4e12}, 16.7e12, 3350e9, TF32},
	{"H200", 132, 1.98e9, map[string]float64{F32: 66.9e12, TF32: 494.7e12, BF16: 989.4e12}, 16.7e12, 4800e9, TF32},
	{"RTX 4090", 128, 2.52e9, map[string]float64{F32: 82.6e12, TF32: 82.6e12, BF16: 165.2e12}, 0.645e12, 1008e9, TF32},
}

const h100 = 2 // index in cards

// The updates by PCD-k of gpu.md and of BenchmarkLargeUpdate: models (V,H) and batches that occupy a GPU, and k.
var (
	gpuSizes   = []size{{784, 500}, {4096, 4096}}
	gpuBatches = []int{512, 4096}
	gpuSteps   = []int{1, 10}
)

var write = flag.Bool("write", false, "write the pages gpu.md and scaling.md anew")

// planned returns [Launches], computed once for each size, batch, number of steps and precision.
func planned(t testing.TB, s size, batch, steps int, precision string) []engine.Work {
	t.Helper()
	type key struct {
		size
		batch, steps int
		precision    string
	}
	compiled, _ := plans.LoadOrStore(key{s, batch, steps, precision}, sync.OnceValues(func() ([]engine.Work, error) {
		return Launches(s.visible, s.hidden, batch, steps, precision)
	}))
	works, err := compiled.(func() ([]engine.Work, error))()
	if err != nil {
		t.Fatal(err)
	}
	return works
}

var plans sync.Map

// bars are limits of the predicted time of an update by PCD-1 on an H100, in microseconds. bar is the
// aim, which is chosen, and gpu.md says which aims are missed. most is the prediction, rounded up to a whole
// microsecond: a prediction above it fails TestBars, so that no change makes an update slower unnoticed.
var bars = []struct {
	size      size
	batch     int
	precision string
	bar, most float64
}{
	{size{784, 500}, 512, BF16, 45, 37},
	{size{784, 500}, 4096, BF16, 140, 102},
	{size{4096, 4096}, 4096, BF16, 1450, 1385},
	{size{4096, 4096}, 4096, TF32, 2300, 2300},
}

// workloads is the number of the first bars that differ in the size or the batch. The last bar repeats one in tf32.
const workloads = 3

// gpuPage returns the text of bench/gpu.md.
func gpuPage(t *testing.T) string {
	var page strings.Builder
	writeModelOfGPUs(&page)
	writeUpdateTimes(t, &page)
	writeLaunchTimes(t, &page)
	writeBars(t, &page)
	page.WriteString(precisionSection(t))
	return page.String()
}

// writeModelOfGPUs writes what the predictions assume, and the cards.
func writeModelOfGPUs(page *strings.Builder) {
	page.WriteString(`# What an update must cost on a GPU

This page predicts the time of one update by PCD-k along the centered gradient, without momentum, with one chain for
each row of a batch. **These are predictions, not measurements.** ` + "`bench/bound.go`" + ` compiles the graph of the training for
a GPU that computes nothing (` + "`engine.Paper`" + `). It lists for each launch its bytes (each operand read once and each
result written once), its instructions, its blocks, and its chain: the longest sequence of steps of one thread in which
each waits for the one before. A launch takes the time of its chain,

- 700 cycles for each trip to memory and 300 for each trip to the card's cache,
- 4 cycles for each addition in float32 and 16 for each in float64,
- 1500 cycles to start and end a product,

and after it the longest of

- its bytes over the bandwidth of the memory (caches are not counted),
- its instructions, and its float64 operations, over the rates of the processors that have a block,
- for a product, the tiles of the busiest processor. A tile of 128 rows and columns runs at three quarters of the
  processor's peak, a tile of 64 at half. The inner length may be cut into up to eight parts. The fastest choice counts.

The gap between two launches of the captured graph is 2 µs. Some launches are on a branch of the graph, beside others. A
branch and the launches beside it take the longer time of both, and at least the time for which their launches, one after
the other, occupy all processors: a product occupies all of them, another launch one for each block while it does not
wait for its chain. The host makes one call for all launches of an update, waits for none of them and copies nothing. If
the data set does not fit on the card, B·V bytes (or 4·B·V bytes for floats) cross the bus for each update as well.

| card | processors | clock | f32 | tf32 | bf16 | float64 | memory |
|---|---|---|---|---|---|---|---|
`)
	rate := func(x float64) string {
		if x == 0 {
			return "-"
		}
		return fmt.Sprintf("%.1f TFLOP/s", x/1e12)
	}
	for _, c := range cards {
		fmt.Fprintf(page, "| %s | %d | %.2f GHz | %s | %s | %s | %.3g T operations/s | %.0f GB/s |\n", c.Name,
			c.Processors, c.Clock/1e9,
			rate(c.Products[F32]), rate(c.Products[TF32]), rate(c.Products[BF16]), c.Doubles/1e12, c.Bandwidth/1e9)
	}
	page.WriteString(`
To measure, on a machine with a GPU and CUDA:

    go test -tags gpu -run '^$' -bench 'Update/device=cuda' ./bench
    go test -tags gpu -run '^$' -bench LargeUpdate ./bench      # the sizes below, beside their predictions
    go test -tags gpu -run '^$' -bench Launches ./bench         # each launch of an update

The [kit](README.md#on-a-gpu-the-kit) does it on a machine that has a GPU and its driver alone.

` + "`go test ./bench -run TestGPUPage -write`" + ` writes this page, and a test compares the two.
`)
}

// writeUpdateTimes writes the table of updates: a row for each size, batch and number of Gibbs steps.
func writeUpdateTimes(t *testing.T, page *strings.Builder) {
	page.WriteString(`
## An update

In microseconds, gaps included, at the precision that training takes by default (f32 on a V100, else tf32).

| V x H | B | k | GFLOP | GB | launches |`)
	for _, c := range cards {
		fmt.Fprintf(page, " %s |", c.Name)
	}
	page.WriteString("\n|---|---|---|---|---|---|" + strings.Repeat("---|", len(cards)) + "\n")
	for _, s := range gpuSizes {
		for _, batch := range gpuBatches {
			for _, steps := range gpuSteps {
				launches := planned(t, s, batch, steps, TF32)
				var flop, bytes float64
				for _, w := range launches {
					flop += 2 * float64(w.Rows) * float64(w.Inner) * float64(w.Columns)
					bytes += w.Bytes
				}
				fmt.Fprintf(page, "| %dx%d | %d | %d | %.1f | %.3f | %d |", s.visible, s.hidden, batch, steps,
					flop/1e9, bytes/1e9, len(launches))
				for _, c := range cards {
					fmt.Fprintf(page, " %.0f |", 1e6*c.Update(planned(t, s, batch, steps, c.Precision), c.Precision))
				}
				page.WriteString("\n")
			}
		}
	}
}

// writeLaunchTimes writes the table of launches: a row for each launch, and three columns for each workload.
func writeLaunchTimes(t *testing.T, page *strings.Builder) {
	page.WriteString(`
## What bounds it

The launches of PCD-1 on an H100 in tf32, in microseconds without the gaps. The time of a launch includes its chain.
A launch on a branch runs beside the launches that name the branch.

| launch | branch | blocks |`)
	for _, b := range bars[:workloads] {
		fmt.Fprintf(page, " %dx%d, B=%d | chain | bound by |", b.size.visible, b.size.hidden, b.batch)
	}
	page.WriteString("\n|---|---|---|" + strings.Repeat("---|---|---|", workloads) + "\n")
	launches := func(at int) []engine.Work { return planned(t, bars[at].size, bars[at].batch, 1, TF32) }
	for i, w := range launches(0) {
		count := "by cuBLAS"
		if w.Blocks > 0 {
			count = fmt.Sprint(w.Blocks)
		}
		line := ""
		switch {
		case w.Beside:
			line = fmt.Sprintf("beside %d", w.Branch)
		case w.Branch > 0:
			line = fmt.Sprint(w.Branch)
		}
		fmt.Fprintf(page, "| %s | %s | %s |", w.Name, line, count)
		for at := range bars[:workloads] {
			time := cards[h100].Time(launches(at)[i], TF32)
			fmt.Fprintf(page, " %.1f | %.1f | %s |", 1e6*time.Seconds, 1e6*time.Chain, time.Bound)
		}
		page.WriteString("\n")
	}
	page.WriteString("\nThe column of blocks is for the first size.\n")
}

// writeBars writes the table of bars, and what the precisions of 16 bits do.
func writeBars(t *testing.T, page *strings.Builder) {
	page.WriteString(`
## Bars

What an update by PCD-1 should take at most on an H100, gaps included:

| V x H | B | precision | bar, µs | predicted, µs | |
|---|---|---|---|---|---|
`)
	predict := func(s size, batch int, precision string) float64 { // µs
		return 1e6 * cards[h100].Update(planned(t, s, batch, 1, precision), precision)
	}
	for _, b := range bars {
		predicted, verdict := predict(b.size, b.batch, b.precision), "met"
		if predicted > b.bar {
			verdict = "**not met**"
		}
		fmt.Fprintf(page, "| %dx%d | %d | %s | %.0f | %.2f | %s |\n", b.size.visible, b.size.hidden, b.batch, b.precision,
			b.bar, predicted, verdict)
	}
	fmt.Fprintf(page, `
In bf16 all products of an update, the weight gradient included, have factors of two bytes; sums and parameters are
float32. No launch makes copies alone: draws also write a copy of their states, the hidden units a copy of their
means, and the update a copy of the weights. The rows of a copy begin at multiples of 64 elements. Likelihoods are float32.

In bf16x2 a factor has two terms, together 16 bits, and states one, which is exact. A product with states is two products
in bf16, so it takes the time of one in tf32. The update of 4096x4096 with B=4096 is predicted at %.0f µs.
`, predict(size{4096, 4096}, 4096, BF16x2))
}

// TestGPUPage compares gpu.md with the predictions of now. With -write it makes the file anew before.
func TestGPUPage(t *testing.T) {
	want := gpuPage(t)
	if *write {
		if err := os.WriteFile("gpu.md", []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile("gpu.md")
	if err != nil {
		t.Fatal(err)
	}
	if string(got) != want {
		t.Error("gpu.md is not what its numbers say: go test ./bench -run TestGPUPage -write")
	}
}

// TestBars: the predictions for an H100 are at most the limits in bars, and at 784x500 and B = 4096 the longest
// sequence of dependent steps of each launch but the products takes less than 10 µs. That is chosen: a tenth of the
// time of the update.
func TestBars(t *testing.T) {
	for _, b := range bars {
		predicted := 1e6 * cards[h100].Update(planned(t, b.size, b.batch, 1, b.precision), b.precision)
		if predicted > b.most {
			t.Errorf("%v, B=%d, %s: predicted %.1f µs, want at most %.1f", b.size, b.batch, b.precision, predicted, b.most)
		}
	}
	for _, precision := range []string{TF32, BF16, BF16x2} {
		for _, w := range planned(t, size{784, 500}, 4096, 1, precision) {
			if chain := 1e6 * cards[h100].Time(w, precision).Chain; w.Rows == 0 && chain >= 10 {
				t.Errorf("%s, %s: the chain takes %.1f µs, want less than 10", precision, w.Name, chain)
			}
		}
	}
}

// TestCardsAgree: the float32 peak of each card is 64 or 128 fused multiply-adds a cycle on each processor, so that
// clock, processors and peak are of the same card. The tolerance of 0.5 % is for the rounding of the published
// figures: clocks to 0.01 GHz and peaks to 0.1 TFLOP/s are off by up to 0.36 % each. It is chosen, between one of these
// and both together.
func TestCardsAgree(t *testing.T) {
	for _, c := range cards {
		perCycle := c.Products[F32] / (2 * float64(c.Processors) * c.Clock)
		if math.Abs(perCycle/64-1) > 0.005 && math.Abs(perCycle/128-1) > 0.005 {
			t.Errorf("%s: %.1f multiply-adds a cycle on each processor, want 64 or 128", c.Name, perCycle)
		}
	}
}

// TestTimeOfALaunch: a launch takes its chain and then the longest of the times for its parts. On this card a cycle
// takes 1 ns, memory moves a byte in 1 ns, and a processor has a peak of 1e12 flop/s in tf32.
func TestTimeOfALaunch(t *testing.T) {
	c := Card{Processors: 4, Clock: 1e9, Products: map[string]float64{TF32: 4e12, BF16: 8e12}, Doubles: 1e9, Bandwidth: 1e9}
	for _, test := range []struct {
		work      engine.Work
		precision string
		want      float64
		bound     string
	}{
		{engine.Work{Bytes: 1e6, Blocks: 9, Trips: 1}, TF32, 1e-3 + 700e-9, "memory"},
		{engine.Work{Operations: 256e6, Blocks: 2, Adds: 5}, TF32, 1e-3 + 20e-9, "instructions"},
		{engine.Work{Doubles: 1e3, Operations: 1e3, Blocks: 4, DoubleAdds: 1}, TF32, 1e-6 + 16e-9, "float64"},
		{engine.Work{Bytes: 1, Blocks: 1, Trips: 10}, TF32, 1e-9 + 7e-6, "latency"},
		// Six tiles of 128 take four processors two rounds. Cut into two parts each, they take three rounds of
		// half the length, and adding the parts moves 2·4·2·Rows·Columns bytes.
		{engine.Work{Rows: 256, Columns: 384, Inner: 1 << 20}, TF32, 3*2*128*128*(1<<19)/0.75e12 + 16*256*384/1e9 + 1.5e-6, "products"},
		{engine.Work{Rows: 128, Columns: 512, Inner: 1 << 10}, BF16, 2*128*128*(1<<10)/1.5e12 + 1.5e-6, "products"},
	} {
		got := c.Time(test.work, test.precision)
		// Both sides are sums and products of a dozen terms at most, each rounded by 2⁻⁵³.
		if math.Abs(got.Seconds-test.want) > 1e-14*test.want || got.Bound != test.bound {
			t.Errorf("%+v in %s: got %+v, want %v s, bound by %s", test.work, test.precision, got, test.want, test.bound)
		}
	}
}

// TestLaunchesOfAnUpdate: PCD-1 takes at most 12 launches, and a further Gibbs step at most four: field and units of
// both layers. Two products are for each Gibbs step (the last one has the hidden field of the data too), and two for
// the gradient. Precision bf16x2, whose products have two terms, takes more.
func TestLaunchesOfAnUpdate(t *testing.T) {
	for _, precision := range []string{TF32, BF16} {
		for _, steps := range []int{1, 2, 5} {
			works, products := planned(t, size{9, 5}, 8, steps, precision), 0
			for _, w := range works {
				if w.Rows > 0 {
					products++
				}
			}
			if most := 12 + 4*(steps-1); len(works) > most {
				t.Errorf("%s, PCD-%d: got %d launches, want at most %d", precision, steps, len(works), most)
			}
			if want := 2*steps + 2; products != want {
				t.Errorf("%s, PCD-%d: got %d products, want %d", precision, steps, products, want)
			}
		}
	}
}

// TestBranches: the rows of the batch run beside the first half of a Gibbs step, the means of the layers beside
// the gradient, and the biases beside the weights.
func TestBranches(t *testing.T) {
	branches := map[string][]string{} // names of launches, by the number of the branch and whether they are beside it
	for _, w := range planned(t, size{9, 5}, 8, 1, TF32) {
		key := fmt.Sprintf("%d %t", w.Branch, w.Beside)
		branches[key] = append(branches[key], w.Name)
	}
	want := map[string][]string{
		"1 false": {"rows of the batch"}, "1 true": {"visible field", "visible units"},
		"2 false": {"centered dots", "means of layers"}, "2 true": {"gradient of the data", "gradient of the chains"},
		"3 false": {"small steps"}, "3 true": {"update of a parameter"},
		"0 false": {"hidden field", "hidden units", "small steps"},
	}
	if !maps.EqualFunc(branches, want, slices.Equal) {
		t.Errorf("got %v, want %v", branches, want)
	}
}

// TestTimeOfBranches: a branch and the launches beside it take the longer of their times, but at least the time for
// which they occupy all processors. A launch takes as many seconds as it has bytes, since the bandwidth is 1 byte/s.
func TestTimeOfBranches(t *testing.T) {
	c := Card{Processors: 4, Clock: 1e9, Products: map[string]float64{TF32: 1}, Doubles: 1, Bandwidth: 1}
	on := func(branch int, bytes float64, blocks int) engine.Work {
		return engine.Work{Bytes: bytes, Blocks: blocks, Branch: branch}
	}
	beside := func(branch int, bytes float64, blocks int) engine.Work {
		return engine.Work{Bytes: bytes, Blocks: blocks, Branch: branch, Beside: true}
	}
	for _, test := range []struct {
		what     string
		launches []engine.Work
		want     float64
	}{
		{"no branch", []engine.Work{on(0, 1, 4), on(0, 2, 4)}, 3 + 2*gap},
		{"the launches beside the branch take longer", []engine.Work{on(1, 3, 1), beside(1, 2, 1), beside(1, 2, 1)}, 4 + 2*gap},
		{"the branch takes longer, and another follows", []engine.Work{on(1, 3, 1), beside(1, 2, 1), on(2, 1, 1)}, 4 + 2*gap},
		{"three seconds of all processors and two of half of them", []engine.Work{on(1, 3, 8), beside(1, 2, 2)}, 4 + gap},
	} {
		// A sum of at most six terms below 8 is off by 6 roundings of 2⁻⁵⁰ at most.
		if got := c.Update(test.launches, TF32); math.Abs(got-test.want) > 6*0x1p-50 {
			t.Errorf("%s: got %v s, want %v", test.what, got, test.want)
		}
	}
}

// TestLaunchesAreCounted: the captured graph of an update has as many launches as Launches lists.
func TestLaunchesAreCounted(t *testing.T) {
	if !engine.HasCUDA {
		t.Skip("this build has no CUDA in it")
	}
	for _, precision := range []string{F32, TF32, BF16, BF16x2} {
		d, err := engine.OpenWith(engine.Options{Device: "cuda", Precision: precision})
		if err != nil {
			t.Fatal(err)
		}
		defer d.Close()
		for _, steps := range []int{1, 2, 5} {
			_, run := onRandomRows(t, d, size{9, 5}, 8, steps, true)
			times, err := d.(engine.Timer).Times(run, 1)
			if err != nil {
				t.Fatal(err)
			}
			if want := planned(t, size{9, 5}, 8, steps, precision); len(times) != len(want) {
				t.Errorf("%s, PCD-%d: got %d launches %v, want %d", precision, steps, len(times), times, len(want))
			}
		}
	}
}
