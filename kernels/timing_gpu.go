//go:build gpu

package kernels

/*
#cgo CFLAGS: -I/usr/local/cuda/include
#cgo LDFLAGS: -L/usr/local/cuda/lib64 -lcuda
#include <cuda.h>

// Records an event at every replay of the graph that a stream captures.
static CUresult record_event(CUevent event, CUstream stream) {
	return cuEventRecordWithFlags(event, stream, CU_EVENT_RECORD_EXTERNAL);
}
*/
import "C"

// LaunchTime is the time of one launch of a captured graph on the GPU, from the end of the launch
// before it to its own end.
type LaunchTime struct {
	Name    string // of the kernel, or of the product with its sizes
	Seconds float64
}

// timing holds the events of captured launches in the order of the captures: one before each launch, and
// one after the last launch of each graph.
type timing struct {
	names  []string // of the launch that follows each event; "" after the last one of a graph
	timers []timer
}

// timer is an event of the driver.
type timer struct{ event C.CUevent }

func (t timer) free() error {
	if t.event == nil {
		return nil
	}
	return driverError("freeing an event", C.cuEventDestroy(t.event))
}

// StartTiming lets the graphs that are captured from now on take the time of each launch, which
// slows them down.
func (g *GPU) StartTiming() { g.timing = &timing{} }

// StopTiming ends StartTiming. Graphs that were captured between the two keep their events, so that
// they stay slow: capture them anew.
func (g *GPU) StopTiming() { g.timing = nil }

// Times waits for all launches. It returns the times of the latest run of each launch that was
// captured since StartTiming, in the order of the captures. Each of the graphs must have run.
func (g *GPU) Times() ([]LaunchTime, error) {
	var times []LaunchTime
	err := g.do(func() error {
		if err := g.sync(); err != nil || g.timing == nil {
			return err
		}
		t := g.timing
		for i, name := range t.names {
			if name == "" {
				continue
			}
			var milliseconds C.float
			result := C.cuEventElapsedTime(&milliseconds, t.timers[i].event, t.timers[i+1].event)
			if err := driverError("the time of "+name, result); err != nil {
				return err
			}
			times = append(times, LaunchTime{name, float64(milliseconds) / 1e3})
		}
		return nil
	})
	return times, err
}

// time captures the event before a launch, if times are taken.
func (g *GPU) time(launch string) error {
	if g.timing == nil {
		return nil
	}
	var t timer
	if err := driverError("making an event", C.cuEventCreate(&t.event, C.CU_EVENT_DEFAULT)); err != nil {
		return err
	}
	g.timers = append(g.timers, t)
	g.timing.names, g.timing.timers = append(g.timing.names, launch), append(g.timing.timers, t)
	return driverError("recording an event", C.record_event(t.event, g.cStream()))
}

// timesEnd captures the event after the last launch of a graph, if times are taken.
func (g *GPU) timesEnd() error { return g.time("") }
