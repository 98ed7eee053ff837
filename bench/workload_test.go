package bench

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	"harmonium/dataset"
	"harmonium/engine"
	"harmonium/rbm"
	"harmonium/rbm/train"
)

// size is the size of a model.
type size struct{ visible, hidden int }

var sizes = []size{{256, 256}, {784, 500}, {2048, 2048}, {4096, 4096}}

func (s size) String() string { return fmt.Sprintf("V=%d/H=%d", s.visible, s.hidden) }

// flop is the number of operations of a dense product of one row with the weights.
func (s size) flop() float64 { return 2 * float64(s.visible) * float64(s.hidden) }

// measured is a device with the rate of its dense product.
type measured struct {
	engine.Device
	name string         // name for engine.Open
	peak func() float64 // flop/s, measured once
}

// devices opens the devices of this build and this machine.
var devices = sync.OnceValue(func() []measured {
	var opened []measured
	for _, name := range []string{"cpu", "cuda"} {
		if d, err := engine.Open(name, 0); err == nil {
			opened = append(opened, measured{d, name, sync.OnceValue(func() float64 { return densePeak(d) })})
		}
	}
	return opened
})

// onDevices runs a benchmark on every device under device=DEVICE/name.
func onDevices(b *testing.B, name string, run func(*testing.B, measured)) {
	for _, d := range devices() {
		b.Run("device="+d.name+"/"+name, func(b *testing.B) { run(b, d) })
	}
}

// report adds three figures: the units of work per second, the rate at which dense products
// would keep up, where a unit of work takes flop operations, and this rate as a share of the
// rate of the device's own dense product.
func (d measured) report(b *testing.B, units float64, unit string, flop float64) {
	perSecond := units / b.Elapsed().Seconds()
	b.ReportMetric(perSecond, unit)
	b.ReportMetric(perSecond*flop/1e9, "GFLOP/s")
	b.ReportMetric(100*perSecond*flop/d.peak(), "%peak")
}

// densePeak is the best rate, in flop/s, of a single product of real matrices on the device, over a few sizes that are
// tried for 300 ms each. It panics if the device cannot multiply.
func densePeak(d engine.Device) float64 {
	var best float64
	for _, p := range []Product{{500, 784, 500}, {1000, 784, 1000}, {2000, 2048, 2048}} {
		multiply, err := p.On(d)
		if err != nil {
			panic(err)
		}
		for start := time.Now(); time.Since(start) < 300*time.Millisecond; {
			once := time.Now()
			if err := multiply(); err != nil {
				panic(err)
			}
			best = max(best, p.Flop()/time.Since(once).Seconds())
		}
	}
	return best
}

// density is the share of units that are on in random rows: about the mean grey level of MNIST's training pixels.
const density = 0.13

// rows returns training rows: MNIST for its size, else random states, at least two
// batches.
func rows(b *testing.B, s size, batch int) *dataset.Set {
	b.Helper()
	if s.visible == 784 {
		set, err := openMNIST()
		if err != nil {
			b.Fatal(err)
		}
		return set
	}
	return &dataset.Set{Name: "random", Train: randomRows(2*batch, s.visible)}
}

var openMNIST = sync.OnceValues(func() (*dataset.Set, error) { return dataset.Open("mnist", dataset.Options{}) })

// randomRows returns states that are on with probability density.
func randomRows(n, visible int) *dataset.Rows {
	rng := rand.New(rand.NewPCG(1, 0))
	r := &dataset.Rows{N: n, V: visible, Bytes: make([]uint8, n*visible)}
	for i := range r.Bytes {
		if rng.Float32() < density {
			r.Bytes[i] = 255
		}
	}
	return r
}

// trainer returns a run that does not end during a benchmark, with a changed configuration.
func (d measured) trainer(b *testing.B, s size, batch, steps int, changes ...func(*train.Config)) *train.Trainer {
	b.Helper()
	c := train.DefaultConfig()
	c.Algorithm, c.Chains = "pcd", batch
	c.Hidden, c.BatchSize, c.GibbsSteps = s.hidden, batch, steps
	c.Epochs, c.Schedule, c.Binarize = math.MaxInt32, "constant", "static"
	for _, change := range changes {
		change(&c)
	}
	t, err := train.New(c, rows(b, s, batch), d.Device)
	if err != nil {
		b.Fatal(err)
	}
	return t
}

// model returns a model after a few updates.
func (d measured) model(b *testing.B, s size) *rbm.Model {
	b.Helper()
	t := d.trainer(b, s, 100, 1)
	if err := t.Train(context.Background(), 10); err != nil {
		b.Fatal(err)
	}
	m, err := t.Model()
	if err != nil {
		b.Fatal(err)
	}
	return m
}
