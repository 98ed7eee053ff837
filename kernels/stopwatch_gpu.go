//go:build gpu

package kernels

/*
#cgo CFLAGS: -I/usr/local/cuda/include
#cgo LDFLAGS: -L/usr/local/cuda/lib64 -lcuda
#include <cuda.h>
*/
import "C"

import "time"

// Stopwatch estimates the total time of stretches of launches that are not captured. It never waits for the GPU. A
// stretch that begins before the GPU has finished the last timed one is not timed: the estimate assumes that it
// takes the same time.
type Stopwatch struct {
	gpu        *GPU
	start, end timer
	timed      bool          // both events are recorded, and their time is not yet part of the total
	running    bool          // between a Start that times and its Stop
	skipped    int           // stretches that were not timed since the last timed one
	total      time.Duration // of the stretches whose time is known
}

// NewStopwatch returns a stopwatch, which the GPU frees when it is closed.
func (g *GPU) NewStopwatch() (*Stopwatch, error) {
	w := &Stopwatch{gpu: g}
	err := g.do(func() error {
		for _, t := range []*timer{&w.start, &w.end} {
			if err := driverError("making an event", C.cuEventCreate(&t.event, C.CU_EVENT_DEFAULT)); err != nil {
				return err
			}
			g.timers = append(g.timers, *t)
		}
		return nil
	})
	return w, err
}

// Start begins a stretch after the launches so far.
func (w *Stopwatch) Start() error {
	return w.gpu.do(func() error {
		if err := w.read(); err != nil || w.timed {
			w.skipped++
			return err
		}
		w.running = true
		return driverError("recording an event", C.cuEventRecord(w.start.event, w.gpu.cStream()))
	})
}

// Stop ends a stretch after the launches so far.
func (w *Stopwatch) Stop() error {
	return w.gpu.do(func() error {
		if !w.running {
			return nil
		}
		w.running, w.timed = false, true
		return driverError("recording an event", C.cuEventRecord(w.end.event, w.gpu.cStream()))
	})
}

// read adds the time of the latest stretch to the total, if it is over.
func (w *Stopwatch) read() error {
	if !w.timed {
		return nil
	}
	var milliseconds C.float
	result := C.cuEventElapsedTime(&milliseconds, w.start.event, w.end.event)
	if result == C.CUDA_ERROR_NOT_READY {
		return nil
	}
	w.total += time.Duration(float64(milliseconds) * float64(1+w.skipped) * float64(time.Millisecond))
	w.timed, w.skipped = false, 0
	return driverError("the time of launches", result)
}

// Total returns the time of the stretches. If the GPU has not finished the last timed one, that one and those
// after it are left out.
func (w *Stopwatch) Total() (time.Duration, error) {
	err := w.gpu.do(w.read)
	return w.total, err
}
