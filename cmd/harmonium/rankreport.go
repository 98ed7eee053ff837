package main

import (
	"context"
	"io"
	"slices"
	"time"

	"harmonium/dataset"
	"harmonium/engine"
	"harmonium/ranks"
	"harmonium/rbm/train"
)

// rankReport describes several processes to a user who diagnoses a problem.
type rankReport struct {
	Size      int      `json:"size"`
	Transport string   `json:"transport"`
	Hosts     []string `json:"hosts"` // each once
	ranks.Link
	Sizes []sizeReport `json:"sizes,omitempty"` // of models; none if the processes cannot train together

	follows bool // another process prints the report
}

// sizeReport says for models of a size what several processes gain.
type sizeReport struct {
	Visible   int           `json:"visible"`
	Hidden    int           `json:"hidden"`
	Exchange  time.Duration `json:"exchange_nanoseconds"` // time of the sums over the processes in an update
	Faster    int           `json:"faster_from_rows"`     // rows of a batch from which on all are faster than one process
	Efficient int           `json:"efficient_from_rows"`  // rows from which on they have the speedup goodEfficiency times Size
}

// examined are the sizes (V,H) of models that reports are about. The processes compute updates of the first, and the
// times of the others are scaled from it.
var examined = [][2]int{{784, 500}, {4096, 4096}}

// examinedRows is the number of rows in a batch of each process in these updates. It is chosen: an update then takes
// milliseconds.
const examinedRows = 64

// examineTimeout is the silence of a process after which an examination ends. It is chosen: an examination takes
// seconds, and a user waits for it.
const examineTimeout = 30 * time.Second

// examineRanks measures the link between several processes. It returns nil for one process.
func examineRanks(ctx context.Context, stderr io.Writer) (*rankReport, error) {
	f := rankFlags{timeout: examineTimeout}
	if _, size := ranks.Launched(); size == 1 {
		return nil, nil
	}
	if err := f.open(ctx, stderr, func() {}); err != nil {
		return nil, err
	}
	defer f.close(stderr)
	link, err := ranks.Measure(f.transport)
	if err != nil {
		return nil, err
	}
	r := &rankReport{Size: f.transport.Size(), Transport: f.transport.Name(), Hosts: slices.Clone(f.hosts), Link: link, follows: f.follows()}
	slices.Sort(r.Hosts)
	r.Hosts = slices.Compact(r.Hosts)
	if r.Size&(r.Size-1) == 0 { // a power of two, as the number of shards must be
		r.Sizes, err = f.examineSizes(ctx)
	}
	return r, err
}

// examineSizes predicts what several processes gain for the examined sizes.
func (f *rankFlags) examineSizes(ctx context.Context) ([]sizeReport, error) {
	size := f.transport.Size()
	d, err := engine.OpenWith(engine.Options{Device: "cpu", Threads: f.threads(), Ranks: f.transport})
	if err != nil {
		return nil, err
	}
	defer d.Close()
	c := train.DefaultConfig()
	c.Hidden, c.Shards, c.BatchSize, c.Algorithm, c.Guard, c.Updates = examined[0][1], size, examinedRows*size, "pcd", "off", 1
	t, err := train.New(c, &dataset.Set{Name: "eighths", Train: eighths(c.BatchSize, examined[0][0])}, d)
	if err != nil {
		return nil, err
	}
	forecast, err := t.Forecast(ctx, f.threads())
	if err != nil {
		return nil, err
	}
	var reports []sizeReport
	for _, s := range examined {
		resized := forecast.Resized(s[0], s[1])
		reports = append(reports, sizeReport{s[0], s[1], resized.Exchange, twoDigits(resized.RowsFor(1)), twoDigits(resized.RowsFor(goodEfficiency * float64(size)))})
	}
	return reports, nil
}

// eighths returns n rows of v states. Every eighth is 1, nearly the share in MNIST.
func eighths(n, v int) *dataset.Rows {
	rows := &dataset.Rows{N: n, V: v, Bytes: make([]uint8, n*v)}
	for i := 7; i < len(rows.Bytes); i += 8 {
		rows.Bytes[i] = 255
	}
	return rows
}
