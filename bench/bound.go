package bench

import (
	"context"
	"math"

	"harmonium/dataset"
	"harmonium/engine"
	"harmonium/rbm/train"
)

// Launches lists the launches that a GPU makes for one update by PCD-k of a model (V,H) along the
// centered gradient, without momentum, with one chain for each row of a batch of bytes. It compiles
// the graph of the training of a small model for [engine.Paper].
func Launches(visible, hidden, batch, steps int) ([]engine.Work, error) {
	const v, h, b = 17, 13, 11 // stand for the sizes; no other dimension of the graph has them
	rows := &dataset.Rows{N: b, V: v, Bytes: make([]uint8, b*v)}
	p := &engine.Paper{Sizes: map[int]int{v: visible, h: hidden, b: batch}}
	t, err := train.New(pcd(h, b, steps), &dataset.Set{Name: "zeros", Train: rows}, p)
	if err != nil {
		return nil, err
	}
	var before int
	for range 2 { // the second update has the copies in bfloat16 that the first one has left
		before = len(p.Works)
		if err := t.Train(context.Background(), 1); err != nil {
			return nil, err
		}
	}
	return p.Works[before:], nil
}

// pcd returns the configuration of these updates.
func pcd(hidden, batch, steps int) train.Config {
	c := train.DefaultConfig()
	c.Algorithm, c.Chains = "pcd", batch
	c.Hidden, c.BatchSize, c.GibbsSteps = hidden, batch, steps
	c.Epochs, c.Schedule, c.Binarize, c.Guard = math.MaxInt32, "constant", "static", "off"
	return c
}

// Precisions of products, as [engine.Options] name them.
const (
	F32  = "f32"
	TF32 = "tf32"
	BF16 = "bf16"
)

// Card is a GPU with its published peaks.
type Card struct {
	Name       string
	Processors int
	Clock      float64            // Hz, the boost clock of float32 units
	Products   map[string]float64 // flop/s of dense products, by precision
	Doubles    float64            // float64 operations/s, a fused multiply-add counted once
	Bandwidth  float64            // byte/s of the device's memory
	Precision  string             // the default for training
}

// What the model assumes of every card. Latencies are in cycles.
const (
	lanes      = 128  // instructions of threads that a processor issues in a cycle
	memoryTrip = 700  // from a load to its use, past the caches
	cacheTrip  = 300  // the same, from the card's cache
	addition   = 4    // from one addition in float32 to the next that needs it
	doubleStep = 16   // the same in float64
	launching  = 1500 // from the first block's start to full speed, and from full speed to the end
	splits     = 8    // into which the inner length of a product may be cut
	gap        = 2e-6 // seconds between two launches of a captured graph
)

// tiles are the rows and columns of a product that a processor computes at a time, and the share
// of its peak that it reaches then.
var tiles = []struct {
	size  int
	share float64
}{{128, 0.75}, {64, 0.5}}

// Time is the predicted time of one launch, without the gap before it, and what bounds it.
type Time struct {
	Seconds, Chain float64 // Chain is the longest chain of dependent steps of one thread
	Bound          string  // "memory", "products", "instructions", "float64" or "latency"
}

// Time returns the predicted time of a launch: the longest of what the memory, the instructions and
// float64 take at the card's rates, after the chain of dependent steps. The time of a product is
// the time that its busiest processor takes for its tiles, one after the other. Tiles may be large
// or small, and the inner length may be cut into up to eight parts: the fastest choice counts.
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

// product returns the time of the busiest processor, and of adding up the parts.
func (c Card) product(w engine.Work, precision string) float64 {
	if precision == BF16 && !w.Exact {
		precision = TF32 // a factor is not exact in bfloat16
	}
	best := math.Inf(1)
	for _, tile := range tiles {
		rate := tile.share * c.Products[precision] / float64(c.Processors)
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

func ceil(n, size int) int { return (n + size - 1) / size }

// In returns the launches that are made in a precision.
func In(precision string, launches []engine.Work) []engine.Work {
	var made []engine.Work
	for _, w := range launches {
		if !w.Copy || precision == BF16 {
			made = append(made, w)
		}
	}
	return made
}

// Update returns the predicted time of the launches with the gaps: their sum, but for branches.
func (c Card) Update(launches []engine.Work, precision string) float64 {
	launches = In(precision, launches)
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

// together returns the time of one launch, or of a branch and the launches beside it. These take the
// longer of the two, and at least the time for which they occupy all processors, one after the other:
// products all of them, and other launches one for each block, but while they wait for a chain.
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
