//go:build gpu

package engine

import (
	"fmt"
	"slices"
)

// Times records the plans anew, with the times of their launches, and forgets these recordings at
// the end.
func (d *cuda) Times(run func() error, runs int) ([]LaunchTime, error) {
	d.revision++
	defer func() { d.revision++ }()
	d.gpu.StartTiming()
	defer d.gpu.StopTiming()
	for range 2 { // makes the launches one by one, and records them
		if err := run(); err != nil {
			return nil, err
		}
	}
	var all [][]float64 // by launch and run
	var times []LaunchTime
	for range runs {
		if err := run(); err != nil {
			return nil, err
		}
		latest, err := d.gpu.Times()
		if err != nil {
			return nil, fmt.Errorf("engine: times of launches: %w", d.late(err))
		}
		if all == nil {
			all = make([][]float64, len(latest))
			for _, t := range latest {
				times = append(times, LaunchTime(t))
			}
		}
		if len(latest) != len(all) {
			return nil, fmt.Errorf("engine: times of launches: %d in one run and %d in another", len(all), len(latest))
		}
		for i, t := range latest {
			all[i] = append(all[i], t.Seconds)
		}
	}
	for i, seconds := range all {
		slices.Sort(seconds)
		times[i].Seconds = seconds[len(seconds)/2]
	}
	return times, nil
}
