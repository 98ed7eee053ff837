package main

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"time"

	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"harmonium/engine"
)

// timeSweeps prints the time of a sweep, which draws each unit of B chains given all others, beside a dense product of
// real values of the same shape with the couplings. It also prints the time of one product for each unit, which a sweep
// would take that computed all fields anew after each unit.
func timeSweeps(d engine.Device) error {
	fmt.Println("a sweep of the units of B chains, beside a dense product (B,V)x(V,V); medians of 9 runs:")
	for _, c := range []struct {
		units          string
		batch, visible int
	}{{"bernoulli", 500, 784}, {"spin", 500, 784}, {"categorical/21", 500, 53 * 21}} {
		u, err := engine.ParseUnits(c.units, c.visible)
		if err != nil {
			return err
		}
		sweep, err := timed(d, u, c.batch, c.visible, true)
		if err != nil {
			return err
		}
		product, err := timed(d, u, c.batch, c.visible, false)
		if err != nil {
			return err
		}
		units := u.Count(c.visible)
		fmt.Printf("  %s, B=%d, V=%d: sweep with its field %.2f ms, product %.2f ms; ", c.units, c.batch, c.visible,
			1e3*sweep, 1e3*product)
		all := product * float64(units)
		fmt.Printf("%d products, one a unit, %.0f ms: %.0f times a sweep\n", units, 1e3*all, all/sweep)
	}
	return nil
}

// timed returns the median seconds of a field and a sweep of states (batch,visible), or else of a dense product
// (batch,visible)·(visible,visible) of real values.
func timed(d engine.Device, u engine.Units, batch, visible int, sweep bool) (float64, error) {
	s, g := engine.NewState(d), gorgonia.NewGraph()
	r := rand.New(rand.NewPCG(1, 1))
	var failed error
	variable := func(name string, scale float64, shape ...int) *gorgonia.Node {
		x := make([]float32, tensor.Shape(shape).TotalSize())
		for i := range x {
			x[i] = float32(scale * r.NormFloat64())
		}
		if err := s.Define(name, x, shape...); err != nil {
			failed = err
		}
		return gorgonia.NewTensor(g, tensor.Float32, len(shape), gorgonia.WithShape(shape...), gorgonia.WithName(name))
	}
	couplings, bias := variable("lateral", 0.1, visible, visible), variable("bias", 1, visible)
	if err := s.Define("clock", make([]int32, engine.ClockSize), engine.ClockSize); err != nil {
		return 0, err
	}
	clock := gorgonia.NewTensor(g, tensor.Int32, 1, gorgonia.WithShape(engine.ClockSize), gorgonia.WithName("clock"))
	var result *gorgonia.Node
	if sweep {
		v := variable("v", 0, batch, visible)
		states := make([]float32, batch*visible)
		engine.Coins(states, batch, u, 1, 1)
		if err := s.Set("v", states); err != nil {
			return 0, err
		}
		y := engine.NewHiddenField(v, couplings, bias, u)
		result = engine.NewSweep(v, y, couplings, clock, nil, engine.Path{}, engine.Sweep{Units: u, Draw: engine.Draw{Seed: 1}})
		engine.Assign(v, result) // the next run sweeps these states
		engine.Assign(clock, engine.NewTick(clock))
	} else {
		result = engine.NewHiddenField(variable("x", 1, batch, visible), couplings, bias, nil)
	}
	if failed != nil {
		return 0, failed
	}
	plan, err := engine.Compile(g, s, result)
	if err != nil {
		return 0, err
	}
	const warmUps, runs = 3, 9 // a GPU records the launches in the second run
	var times []float64
	for n := range warmUps + runs {
		begin := time.Now()
		if err := plan.Run(); err != nil {
			return 0, err
		}
		if err := d.Sync(); err != nil {
			return 0, err
		}
		if n >= warmUps {
			times = append(times, time.Since(begin).Seconds())
		}
	}
	slices.Sort(times)
	return times[len(times)/2], nil
}
