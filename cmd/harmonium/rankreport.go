package main

import (
	"context"
	"io"
	"slices"
	"time"

	"harmonium/ranks"
)

// rankReport describes several processes to a user who diagnoses a problem.
type rankReport struct {
	Size      int      `json:"size"`
	Transport string   `json:"transport"`
	Hosts     []string `json:"hosts"` // each once
	ranks.Link

	follows bool // this process has nothing to say
}

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
	return r, nil
}
