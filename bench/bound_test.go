package bench

import (
	"context"
	"flag"
	"fmt"
	"math"
	"os"
	"strings"
	"testing"

	"harmonium/dataset"
	"harmonium/engine"
	"harmonium/rbm/train"
)

// cards and their published peaks (NVIDIA's data sheets of V100 SXM2, A100 SXM 80 GB and
// H100 SXM, without sparsity): V100 has no TF32 and computes in float32.
var cards = []Card{
	{"V100 (f32)", 15.7e12, 900e9},
	{"A100 (tf32)", 156e12, 2039e9},
	{"H100 (tf32)", 494.7e12, 3350e9},
}

// gpuSizes and gpuBatches are sizes that occupy a GPU.
var (
	gpuSizes   = []size{{784, 500}, {4096, 4096}, {16384, 4096}}
	gpuBatches = []int{512, 4096, 16384}
	gpuSteps   = []int{1, 10}
)

var write = flag.Bool("write", false, "write gpu.md anew")

// gpuPage is bench/gpu.md.
func gpuPage() string {
	var page strings.Builder
	page.WriteString(`# What an update must cost on a GPU

This page is about one update by PCD-k along the centered gradient, without momentum, with one chain for each row of a
batch. It has the floating-point operations of the products (2·B·V·H for each of 3 + 2k), the bytes that the launches
move when each operand is read once and each result written once, the number of launches, and the least time that they
take one after the other, where each is bound by the published peak of the card for products or by the bandwidth of
its memory:

| card | products | memory |
|---|---|---|
`)
	for _, c := range cards {
		fmt.Fprintf(&page, "| %s | %.1f TFLOP/s | %.0f GB/s |\n", c.Name, c.Product/1e12, c.Bandwidth/1e9)
	}
	page.WriteString(`
These are bounds, not measurements. The host makes one call for all launches of an update (a CUDA graph), waits for
none of them and copies nothing. If the data set does not fit on the card, B·V bytes (or 4·B·V, of floats) cross the
bus for each update, beside its launches: at the 16 to 64 GB/s of PCIe 3 to 5 x16 that is 49 to 12 ns for a row of 784
bytes. To measure, on a machine with a GPU and CUDA:

    go test -tags gpu -run '^$' -bench 'Update/device=cuda' ./bench
    go test -tags gpu -run '^$' -bench LargeUpdate ./bench      # the sizes below, beside their bounds

` + "`go test ./bench -run TestGPUPage -write`" + ` writes this page, and a test compares the two.

| V x H | B | k | GFLOP | GB | launches |`)
	for _, c := range cards {
		fmt.Fprintf(&page, " %s, ms |", c.Name)
	}
	page.WriteString("\n|---|---|---|---|---|---|" + strings.Repeat("---|", len(cards)) + "\n")
	for _, s := range gpuSizes {
		for _, batch := range gpuBatches {
			for _, steps := range gpuSteps {
				launches := UpdateLaunches(s.visible, s.hidden, batch, steps)
				var flop, bytes float64
				for _, l := range launches {
					flop += l.Flop
					bytes += l.Bytes
				}
				fmt.Fprintf(&page, "| %dx%d | %d | %d | %.1f | %.3f | %d |", s.visible, s.hidden, batch, steps, flop/1e9, bytes/1e9, len(launches))
				for _, c := range cards {
					fmt.Fprintf(&page, " %.3f |", 1e3*c.Bound(launches))
				}
				page.WriteString("\n")
			}
		}
	}
	page.WriteString(`
## What tf32 costs in nats

Nothing measurable. On bars and stripes, where likelihoods are exact and the weights grow large, the simulated card
rounds the factors of products to ten bits of fraction. Over the seeds 1 to 20 of

    kernels/cudasim/run harmonium-cuda train --data bars-and-stripes:4 --hidden 16 -k 10 --batch-size 32 --updates 2500 \
        --learning-rate 0.3 --hold 0 --binarize none --device cuda --precision tf32 --seed 1

the mean is -3.651 nats a picture, in f32 -3.676 and on the host -3.700, with standard errors of 0.016, 0.013 and
0.028. Single seeds lie between -3.55 and -3.82 in tf32, between -3.57 and -3.81 in f32, and between -3.58 and -4.15
on the host: one draw that differs leads to another run, so that a few seeds prove nothing.
`)
	return page.String()
}

func TestGPUPage(t *testing.T) {
	want := gpuPage()
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

// TestBound: a launch takes the longer of the times for its work and for its bytes.
func TestBound(t *testing.T) {
	c := Card{"", 100, 10}
	got := c.Bound([]Launch{{Flop: 1000, Bytes: 10}, {Flop: 100, Bytes: 50}})
	if want := 10. + 5; got != want {
		t.Errorf("got %v s, want %v", got, want)
	}
	launches := UpdateLaunches(784, 500, 512, 10)
	products := 0
	for _, l := range launches {
		if l.MatrixEngine {
			products++
		}
	}
	if got, want := products, 3+2*10; got != want {
		t.Errorf("PCD-10: got %d products, want %d", got, want)
	}
}

// TestLaunchesAreCounted: a GPU makes the launches of the list.
func TestLaunchesAreCounted(t *testing.T) {
	if !engine.HasCUDA {
		t.Skip("this build has no CUDA in it")
	}
	d, err := engine.Open("cuda", 0)
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	counts := d.(engine.Counter).Counts
	for _, steps := range []int{1, 2, 5} {
		trainer, err := train.New(largeConfig(size{9, 5}, 8, steps), randomSet(9, 8), d)
		if err != nil {
			t.Fatal(err)
		}
		before := counts().Calls
		if err := trainer.Train(context.Background(), 1); err != nil { // the first time they are launched one by one
			t.Fatal(err)
		}
		if got, want := counts().Calls-before, len(UpdateLaunches(9, 5, 8, steps)); got != want {
			t.Errorf("PCD-%d: got %d launches, want %d", steps, got, want)
		}
	}
}

func randomSet(visible, batch int) *dataset.Set {
	return &dataset.Set{Name: "random", Train: randomRows(8*batch, visible)}
}

func largeConfig(s size, batch, steps int) train.Config {
	c := train.DefaultConfig()
	c.Algorithm, c.Chains = "pcd", batch
	c.Hidden, c.BatchSize, c.GibbsSteps = s.hidden, batch, steps
	c.Epochs, c.Schedule, c.Binarize = math.MaxInt32, "constant", "static"
	return c
}

// BenchmarkLargeUpdate measures updates on a GPU at the sizes of gpu.md. The host waits after
// each epoch of eight updates. The figure of a card is the time in units of its bound.
func BenchmarkLargeUpdate(b *testing.B) {
	const epoch = 8
	for _, s := range gpuSizes {
		for _, batch := range gpuBatches {
			for _, steps := range gpuSteps {
				onDevices(b, fmt.Sprintf("%v/B=%d/k=%d", s, batch, steps), func(b *testing.B, d measured) {
					if d.name == "cpu" {
						b.Skip("of GPUs")
					}
					trainer, err := train.New(largeConfig(s, batch, steps), randomSet(s.visible, batch), d.Device)
					if err != nil {
						b.Fatal(err)
					}
					train := func() {
						if err := trainer.Train(context.Background(), epoch); err != nil {
							b.Fatal(err)
						}
					}
					train()
					for b.Loop() {
						train()
					}
					seconds := b.Elapsed().Seconds() / float64(epoch*b.N)
					b.ReportMetric(1e3*seconds, "ms/update")
					b.ReportMetric(float64(batch)/seconds, "samples/s")
					for _, c := range cards {
						card, _, _ := strings.Cut(c.Name, " ")
						b.ReportMetric(seconds/c.Bound(UpdateLaunches(s.visible, s.hidden, batch, steps)), "x"+card)
					}
				})
			}
		}
	}
}
