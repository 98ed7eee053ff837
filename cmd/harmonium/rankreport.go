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

	follows bool // this process has nothing to say
}

// sizeReport says for models of a size what several processes gain.
type sizeReport struct {
	Visible   int           `json:"visible"`
	Hidden    int           `json:"hidden"`
	Exchange  time.Duration `json:"exchange_nanoseconds"` // of an update
	Faster    int           `json:"faster_from_rows"`     // in a batch, than one of the processes
	Efficient int           `json:"efficient_from_rows"`  // at a speedup of 0.8 times the processes
}

// examined are the sizes of models that reports are about. The processes compute updates of the first.
var examined = [][2]int{{784, 500}, {4096, 4096}}

// examinedRows are the rows of a batch of each process in these updates.
const examinedRows = 64

// examineTimeout is the silence of a process after which an examination ends.
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
	if r.Size&(r.Size-1) == 0 {
		r.Sizes, err = f.examineSizes(ctx)
	}
	return r, err
}

// examineSizes predicts the updates of models.
func (f *rankFlags) examineSizes(ctx context.Context) ([]sizeReport, error) {
	size := f.transport.Size()
	d, err := engine.OpenWith(engine.Options{Device: "cpu", Threads: f.threads(), Ranks: f.transport})
	if err != nil {
		return nil, err
	}
	defer d.Close()
	c := train.DefaultConfig()
	c.Hidden, c.Shards, c.BatchSize, c.Algorithm, c.Guard, c.Updates = examined[0][1], size, examinedRows*size, "pcd", "off", 1
	rows := &dataset.Rows{N: c.BatchSize, V: examined[0][0]}
	for i := range rows.N * rows.V {
		rows.Bytes = append(rows.Bytes, byte(i%8/7)) // an eighth of the cells is 1
	}
	t, err := train.New(c, &dataset.Set{Name: "eighths", Train: rows}, d)
	if err != nil {
		return nil, err
	}
	forecast, err := t.Forecast(ctx, f.threads())
	if err != nil {
		return nil, err
	}
	var reports []sizeReport
	for _, s := range examined {
		of := forecast.Resized(s[0], s[1])
		reports = append(reports, sizeReport{s[0], s[1], of.Exchange, twoDigits(of.RowsFor(1)), twoDigits(of.RowsFor(goodEfficiency * float64(size)))})
	}
	return reports, nil
}
