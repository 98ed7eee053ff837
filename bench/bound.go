package bench

import (
	"context"
	"math"

	"harmonium/dataset"
	"harmonium/engine"
	"harmonium/rbm/train"
)

// Launches returns the launches that a GPU makes for one update by PCD-k (k = steps) of a model (V,H) along the
// centered gradient, without momentum, with one chain for each row of a batch. The rows are grey levels, one
// byte each. It trains a small model on [engine.Paper], a device that lists launches and computes nothing, and
// which gives them the sizes of the large model.
func Launches(visible, hidden, batch, steps int, precision string) ([]engine.Work, error) {
	const v, h, b = 17, 13, 11 // the sizes of the small model: primes, which no other dimension of the graph equals
	rows := &dataset.Rows{N: b, V: v, Bytes: make([]uint8, b*v)}
	p := &engine.Paper{Precision: precision, Sizes: map[int]int{v: visible, h: hidden, b: batch}}
	t, err := train.New(pcd(h, b, steps), &dataset.Set{Name: "zeros", Train: rows}, p)
	if err != nil {
		return nil, err
	}
	// The launches of the third update count: in the first ones launches of their own make the copies in
	// bfloat16, which later the launches that compute the matrices write too.
	var before int
	for range 3 {
		before = len(p.Works)
		if err := t.Train(context.Background(), 1); err != nil {
			return nil, err
		}
	}
	return p.Works[before:], nil
}

// pcd returns the configuration of the updates of [Launches], with a run that does not end by itself.
func pcd(hidden, batch, steps int) train.Config {
	c := train.DefaultConfig()
	c.Algorithm, c.Chains = "pcd", batch
	c.Hidden, c.BatchSize, c.GibbsSteps = hidden, batch, steps
	c.Epochs, c.Schedule, c.Binarize, c.Guard = math.MaxInt32, "constant", "static", "off"
	return c
}

// Precisions of the factors of products, by their names in [engine.Options].
const (
	F32    = "f32"
	TF32   = "tf32"
	BF16   = "bf16"
	BF16x2 = "bf16x2" // of two terms, each multiplied as in BF16
)

// Card is a GPU with its published peak rates.
type Card struct {
	Name       string
	Processors int                // streaming multiprocessors
	Clock      float64            // Hz, the boost clock of float32 units
	Products   map[string]float64 // peak rate of dense products by precision, in flop/s: a fused multiply-add counts twice
	Doubles    float64            // peak rate of float64 operations outside of products, in 1/s: a fused multiply-add counts once
	Bandwidth  float64            // byte/s of the device's memory
	Precision  string             // the default precision of training
}

// What the predictions assume of every card, as gpu.md states. None of it is measured here: BenchmarkLargeUpdate
// compares the updates of a card with what follows.
const (
	lanes      = 128  // instructions that a processor issues in a cycle: four schedulers, each for the 32 threads of a warp
	memoryTrip = 700  // cycles from a load that misses all caches to the first use of its value
	cacheTrip  = 300  // cycles from a load that hits the card's second-level cache to the first use of its value
	addition   = 4    // cycles from a float32 addition to another that needs its sum
	doubleStep = 16   // cycles from a float64 addition to another that needs its sum
	launching  = 1500 // cycles that a product loses at its start and its end, together, while not all processors are busy
	splits     = 8    // largest number of parts into which the inner dimension of a product is cut
	gap        = 2e-6 // seconds from the end of a launch to the start of the next one in a captured graph
)

// tiles are the squares of results, size x size, into which a product may be cut. A processor computes one at a
// time, at this share of its peak rate: a smaller one reads more operands for each result.
var tiles = []struct {
	size  int
	share float64
}{{128, 0.75}, {64, 0.5}}

// Time is the predicted time of one launch, without the gap before it, and what bounds it.
type Time struct {
	Seconds float64 // time of the launch, the chain included
	Chain   float64 // seconds that one thread waits in the longest sequence of steps that need each other's results; launching for a product
	Bound   string  // the longest part: "memory", "products", "instructions", "float64", or "latency" for the chain
}

// Time returns the predicted time of a launch: its chain, plus the longest of the times that its memory traffic
// takes at the bandwidth of the card, and its instructions and its float64 operations at the peak rates of the
// processors that have a block. For a product, the time of the processor with the most tiles stands for the
// instructions. All tiles have the same size, and the inner dimension may be cut into parts whose results
// are added up. The fastest choice of the size and the number of parts counts, since cuBLAS chooses among such
// kernels.
func (c Card) Time(w engine.Work, precision string) Time {
	longest := Time{Bound: "memory", Seconds: w.Bytes / c.Bandwidth}
	bound := func(what string, seconds float64) {
		if seconds > longest.Seconds {
			longest.Seconds, longest.Bound = seconds, what
		}
	}
	if w.Rows > 0 {
		bound("products", c.product(w, precision))
		longest.Chain = launching / c.Clock
	} else {
		busy := float64(min(w.Blocks, c.Processors))
		bound("instructions", w.Operations/(busy*lanes*c.Clock))
		bound("float64", w.Doubles/(c.Doubles*busy/float64(c.Processors)))
		longest.Chain = float64(w.Trips*memoryTrip+w.Near*cacheTrip+w.Adds*addition+w.DoubleAdds*doubleStep) / c.Clock
	}
	if longest.Chain > longest.Seconds {
		longest.Bound = "latency"
	}
	longest.Seconds += longest.Chain
	return longest
}

// product returns the time in seconds of a product, without its chain: of the processor with the most tiles, and
// of writing and reading the parts of the inner dimension, in float32, to add them up.
func (c Card) product(w engine.Work, precision string) float64 {
	best := math.Inf(1)
	for _, tile := range tiles {
		rate := tile.share * c.rate(precision) / float64(c.Processors)
		count := ceil(w.Rows, tile.size) * ceil(w.Columns, tile.size)
		for parts := 1; parts <= splits; parts++ {
			flop := 2 * float64(tile.size) * float64(tile.size) * float64(ceil(w.Inner, parts))
			seconds := float64(ceil(count*parts, c.Processors)) * flop / rate
			if parts > 1 {
				seconds += 2 * 4 * float64(parts) * float64(w.Rows) * float64(w.Columns) / c.Bandwidth
			}
			best = min(best, seconds)
		}
	}
	return best
}

// ceil returns n/size, rounded up.
func ceil(n, size int) int { return (n + size - 1) / size }

// rate returns the flop/s of a product in a precision, or 0 if the card does not have it.
func (c Card) rate(precision string) float64 {
	if precision == BF16x2 {
		precision = BF16
	}
	return c.Products[precision]
}

// Update returns the predicted time in seconds of the launches of an update, each after a gap. They run one after
// the other, except that a branch of the graph and the launches beside it run at the same time.
func (c Card) Update(launches []engine.Work, precision string) float64 {
	var seconds float64
	for from := 0; from < len(launches); {
		to := from + 1
		for to < len(launches) && launches[from].Branch != 0 && launches[to].Branch == launches[from].Branch {
			to++
		}
		seconds += c.together(launches[from:to], precision)
		from = to
	}
	return seconds
}

// together returns the time of one launch, or of a branch and the launches beside it, gaps included. A branch
// and the launches beside it take the longer of their two times. Nor can they take less than the sum of the
// times for which they would occupy all processors: a product occupies all, another launch one for each block,
// and none while its threads wait in their chain.
func (c Card) together(launches []engine.Work, precision string) float64 {
	var branch, beside, occupied float64
	for _, w := range launches {
		t := c.Time(w, precision)
		if w.Beside {
			beside += gap + t.Seconds
		} else {
			branch += gap + t.Seconds
		}
		share := 1.0
		if w.Rows == 0 {
			share = min(1, float64(w.Blocks)/float64(c.Processors))
		}
		occupied += share * (t.Seconds - t.Chain)
	}
	return max(branch, beside, gap+occupied)
}
