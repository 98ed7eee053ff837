package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"runtime"
	"runtime/debug"
	"time"

	"harmonium/engine"
)

// serve answers requests until in ends: one line of JSON each way.
func serve(ctx context.Context, in io.Reader, out io.Writer) error {
	encoder := json.NewEncoder(out)
	if err := encoder.Encode(greeting()); err != nil {
		return err
	}
	decoder := json.NewDecoder(in)
	for {
		var r request
		if err := decoder.Decode(&r); errors.Is(err, io.EOF) {
			return nil
		} else if err != nil {
			return fmt.Errorf("compare: request: %w", err)
		}
		a, err := r.measure(ctx)
		if err != nil {
			a.Error = err.Error()
		}
		if err := encoder.Encode(a); err != nil {
			return err
		}
	}
}

// greeting describes this build.
func greeting() hello {
	h := hello{Versions: map[string]string{"go": runtime.Version()}}
	if info, ok := debug.ReadBuildInfo(); ok {
		for _, m := range info.Deps {
			if m.Path == "gorgonia.org/gorgonia" {
				h.Versions["gorgonia"] = m.Version
			}
		}
	}
	d, err := engine.Open("cpu", 0)
	if err != nil {
		h.Error = err.Error()
		return h
	}
	h.Versions["device"] = d.Name()
	if err := d.Close(); err != nil {
		h.Error = err.Error()
	}
	return h
}

func (r request) measure(ctx context.Context) (answer, error) {
	if r.Library == gorgonia {
		return r.stockUpdate()
	}
	switch r.Work {
	case update:
		return r.update(ctx)
	case product:
		return r.product()
	case annealing:
		return r.annealing(ctx)
	case peakMemory:
		return r.peakMemory(ctx)
	case pcdMemory:
		return r.pcdMemory(ctx)
	case command, commandLoss:
		return r.command()
	}
	return answer{}, fmt.Errorf("compare: %s: unknown work", r.task)
}

// warmUp is how long a task runs before it is measured.
const warmUp = 200 * time.Millisecond

// blocks repeats work for the time of warmUp and then for the blocks of the request, and returns
// the seconds per unit of each block. A call of work does a number of units, and a block has at
// most the given number of calls.
func (r request) blocks(units, calls int, work func() error) ([]float64, error) {
	if _, err := block(warmUp, calls, work); err != nil {
		return nil, err
	}
	limit := time.Duration(r.Seconds * float64(time.Second))
	samples := make([]float64, r.Blocks)
	for i := range samples {
		perCall, err := block(limit, calls, work)
		if err != nil {
			return nil, err
		}
		samples[i] = perCall / float64(units)
	}
	return samples, nil
}

// block repeats work until the limit has passed or the number of calls is reached, and makes at
// least one call. It returns the seconds per call.
func block(limit time.Duration, calls int, work func() error) (float64, error) {
	start := time.Now()
	for n := 1; ; n++ {
		if err := work(); err != nil {
			return 0, err
		}
		if spent := time.Since(start); spent >= limit || n == calls {
			return spent.Seconds() / float64(n), nil
		}
	}
}
