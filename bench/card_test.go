package bench

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"slices"
	"strings"
	"testing"

	"harmonium/dataset"
	"harmonium/engine"
	"harmonium/rbm/train"
)

var small = flag.Bool("small", false, "benchmarks of GPUs have one small size, for a simulator")

// epoch is the number of updates between two times that the host waits for a GPU, in peers.py of the kit too. It is
// chosen: the wait should be a small part of the time, and the rows of all batches should stay few.
const epoch = 8

// randomSet returns the random rows of an epoch.
func randomSet(visible, batch int) *dataset.Set {
	return &dataset.Set{Name: "random", Train: randomRows(epoch*batch, visible)}
}

// onCard runs a benchmark of updates on the GPU in every precision that it has, at the sizes of gpu.md.
func onCard(b *testing.B, run func(b *testing.B, d engine.Device, precision string, s size, batch, steps int)) {
	if !engine.HasCUDA {
		b.Skip("this build has no CUDA in it")
	}
	sizes, batches, steps := gpuSizes, gpuBatches, gpuSteps
	if *small {
		sizes, batches, steps = []size{{24, 16}}, []int{8}, []int{1}
	}
	for _, precision := range []string{F32, TF32, BF16, BF16x2} {
		d, err := engine.OpenWith(engine.Options{Device: "cuda", Precision: precision})
		if err != nil {
			b.Logf("precision %s: %v", precision, err)
			continue
		}
		for _, s := range sizes {
			for _, batch := range batches {
				for _, k := range steps {
					name := fmt.Sprintf("device=cuda/precision=%s/%v/B=%d/k=%d", precision, s, batch, k)
					b.Run(name, func(b *testing.B) { run(b, d, precision, s, batch, k) })
				}
			}
		}
		if err := d.Close(); err != nil {
			b.Error(err)
		}
	}
}

// onRandomRows returns a training and a function that makes an epoch of its updates and waits for them.
func onRandomRows(b testing.TB, d engine.Device, s size, batch, steps int, center bool) (*train.Trainer, func() error) {
	b.Helper()
	c := pcd(s.hidden, batch, steps)
	c.Center = center
	trainer, err := train.New(c, randomSet(s.visible, batch), d)
	if err != nil {
		b.Fatal(err)
	}
	return trainer, func() error { return trainer.Train(context.Background(), epoch) }
}

// benchmarkEpochs measures epochs of updates and returns the seconds of one update.
func benchmarkEpochs(b *testing.B, d engine.Device, s size, batch, steps int, center bool) float64 {
	b.Helper()
	_, run := onRandomRows(b, d, s, batch, steps, center)
	for range 2 { // before the clock starts: the second epoch records the launches
		if err := run(); err != nil {
			b.Fatal(err)
		}
	}
	for b.Loop() {
		if err := run(); err != nil {
			b.Fatal(err)
		}
	}
	seconds := b.Elapsed().Seconds() / float64(epoch*b.N)
	b.ReportMetric(1e6*seconds, "µs/update")
	b.ReportMetric(float64(batch)/seconds, "samples/s")
	return seconds
}

// BenchmarkLargeUpdate measures updates on a GPU at the sizes of gpu.md. The figure xCARD, for each card, is the
// measured time divided by the prediction for that card.
func BenchmarkLargeUpdate(b *testing.B) {
	onCard(b, func(b *testing.B, d engine.Device, precision string, s size, batch, steps int) {
		seconds := benchmarkEpochs(b, d, s, batch, steps, true)
		for _, c := range cards {
			if c.rate(precision) > 0 {
				b.ReportMetric(seconds/c.Update(planned(b, s, batch, steps, precision), precision), "x"+strings.ReplaceAll(c.Name, " ", ""))
			}
		}
	})
}

// BenchmarkPlainUpdate measures updates along the plain gradient, as peers.py of the kit makes them.
func BenchmarkPlainUpdate(b *testing.B) {
	onCard(b, func(b *testing.B, d engine.Device, _ string, s size, batch, steps int) {
		benchmarkEpochs(b, d, s, batch, steps, false)
	})
}

// BenchmarkLaunches reports for each launch of an update by PCD-1 its time on the GPU, the median of nine epochs. It
// includes the gap before the launch and the event that takes the time.
func BenchmarkLaunches(b *testing.B) {
	onCard(b, func(b *testing.B, d engine.Device, precision string, s size, batch, steps int) {
		if steps != 1 {
			b.Skip("further Gibbs steps repeat launches of the first")
		}
		_, run := onRandomRows(b, d, s, batch, steps, true)
		for b.Loop() {
			times, err := d.(engine.Timer).Times(run, 9)
			if err != nil {
				b.Fatal(err)
			}
			for i, name := range namesOfLaunches(times, planned(b, s, batch, steps, precision)) {
				b.ReportMetric(1e6*times[i].Seconds, fmt.Sprintf("%02d-%s-µs", i, strings.ReplaceAll(name, " ", "-")))
			}
		}
	})
}

// namesOfLaunches returns the names of launches as gpu.md has them, where both lists agree in number,
// and else the names of the kernels.
func namesOfLaunches(times []engine.LaunchTime, works []engine.Work) []string {
	names := make([]string, len(times))
	for i, t := range times {
		names[i] = t.Name
		if len(times) == len(works) {
			names[i] = works[i].Name
		}
	}
	return names
}

// TestTimesOfLaunches: a GPU takes the time of every launch of an update, and the updates are the same as in a run
// whose launches are not timed. A time must be below 10 s, which no launch of so small a model takes, not even on
// the simulator: a time in another unit would be above.
func TestTimesOfLaunches(t *testing.T) {
	if !engine.HasCUDA {
		t.Skip("this build has no CUDA in it")
	}
	const runs = 3
	for _, precision := range []string{F32, BF16, BF16x2} {
		d, err := engine.OpenWith(engine.Options{Device: "cuda", Precision: precision})
		if err != nil {
			t.Fatal(err)
		}
		defer d.Close()
		s, batch := size{9, 5}, 8
		timed, run := onRandomRows(t, d, s, batch, 1, true)
		times, err := d.(engine.Timer).Times(run, runs)
		if err != nil {
			t.Fatal(err)
		}
		works := planned(t, s, batch, 1, precision)
		var want []string
		got := namesOfLaunches(times, works)
		for i, name := range got {
			if !(times[i].Seconds > 0 && times[i].Seconds < 10) {
				t.Errorf("%s: %s: got %v s, want more than 0 and less than 10", precision, name, times[i].Seconds)
			}
		}
		for _, w := range works {
			want = append(want, w.Name)
		}
		if !slices.Equal(got, want) {
			t.Errorf("%s: got %q, want %q", precision, got, want)
		}
		untimed, runUntimed := onRandomRows(t, d, s, batch, 1, true)
		for range runs + 2 { // as often as Times calls its function
			if err := runUntimed(); err != nil {
				t.Fatal(err)
			}
		}
		for range 2 { // epochs without times: Times has dropped its recordings, so that the second epoch records anew
			if err := errors.Join(run(), runUntimed()); err != nil {
				t.Fatal(err)
			}
		}
		if got, want := weightsOf(t, timed), weightsOf(t, untimed); !slices.Equal(got, want) {
			t.Errorf("%s: weights %v of the timed run, want %v as without times", precision, got, want)
		}
	}
}

func weightsOf(t *testing.T, trainer *train.Trainer) []float32 {
	t.Helper()
	m, err := trainer.Model()
	if err != nil {
		t.Fatal(err)
	}
	return m.Weights
}
