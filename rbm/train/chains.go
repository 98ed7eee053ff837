package train

import (
	"errors"
	"fmt"
)

// Chains returns the hidden states (C,H) of the persistent chains, row after row, or the visible states (C,V) of
// a run with couplings. With parallel tempering C counts the replicas of all temperatures. With cd, which has
// no chains, it returns nil.
func (t *Trainer) Chains() ([]float32, error) {
	layer, name := t.chained()
	states := make([]float32, t.replicas()*layer.Len)
	if len(states) == 0 {
		return nil, nil
	}
	if err := t.collect(); err != nil {
		return nil, fmt.Errorf("train: chains: %w", err)
	}
	if err := t.state.Get(name, states); err != nil {
		return nil, fmt.Errorf("train: chains: %w", err)
	}
	return states, nil
}

// SetChains sets the states of the persistent chains. They have the shape of [Trainer.Chains], and each value
// is a state of its unit.
func (t *Trainer) SetChains(states []float32) error {
	if t.replicas() == 0 {
		return errors.New("train: chains: cd has none")
	}
	layer, name := t.chained()
	if want := t.replicas() * layer.Len; len(states) != want {
		return fmt.Errorf("train: chains: %d values, want %d for %d chains of %d units", len(states), want, t.replicas(), layer.Len)
	}
	if err := layerOf(layer).CheckStates(states, false); err != nil {
		return fmt.Errorf("train: chains: %w", err)
	}
	if err := t.collect(); err != nil { // the levels and trips, which stale sends to the other ranks with the states
		return fmt.Errorf("train: chains: %w", err)
	}
	if err := t.state.Set(name, states); err != nil {
		return fmt.Errorf("train: chains: %w", err)
	}
	t.together.stale = t.several()
	return nil
}

// replicas returns the number of chains at all temperatures.
func (t *Trainer) replicas() int {
	l := t.ladder()
	return l.chains * l.levels
}
