package rbm

import "harmonium/engine"

// setClock sets the clock of a state.
func setClock(s *engine.State, update, position, epoch int) error {
	clock := make([]int32, engine.ClockSize)
	clock[engine.ClockUpdate] = int32(update)
	clock[engine.ClockPosition] = int32(position)
	clock[engine.ClockEpoch] = int32(epoch)
	return s.Set(varClock, clock)
}
