package graph

import (
	"fmt"

	"harmonium/engine"
)

// SetClock sets the counters of a state.
func SetClock(s *engine.State, update, position, epoch int) error {
	clock := make([]int32, engine.ClockSize)
	clock[engine.ClockUpdate] = int32(update)
	clock[engine.ClockPosition] = int32(position)
	clock[engine.ClockEpoch] = int32(epoch)
	return s.Set(Clock, clock)
}

// CheckStates returns an error that names the first value other than 0 and 1. NaN passes where
// units may be free.
func CheckStates(x []float32, free bool) error {
	for i, x := range x {
		if x != 0 && x != 1 && !(free && x != x) {
			return fmt.Errorf("value %d is %v, want 0 or 1", i, x)
		}
	}
	return nil
}
