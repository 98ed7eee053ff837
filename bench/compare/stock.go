package main

import (
	"context"
	"fmt"
	"math/rand/v2"

	G "gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"harmonium/dataset"
	"harmonium/engine"
	"harmonium/rbm"
	"harmonium/rbm/sample"
)

// stock is PCD-k as a graph of Gorgonia's own ops, which harmonium does not use. Gorgonia cannot assign
// to an input, so the new parameters and chains are results, and run copies them to the inputs.
type stock struct {
	graph  *G.ExprGraph
	inputs map[string]*G.Node
	noise  []*G.Node          // uniform in [0,1), one for every draw
	next   map[string]*G.Node // results, by the name of the input that takes the value in the next run
}

// stockRate is the learning rate of the peers. It does not affect the speed.
const stockRate = 0.05

// newStock builds the update by PCD-k (k = steps) of B = batch rows and B chains, at the learning rate r. h' are the
// hidden states of the chains; u and u' are uniform noise, which every draw has for itself; [x < y] is 1 where x is
// below y, else 0:
//
//	p = σ(vW + b)
//	k times: v' = [u < σ(h'Wᵀ + a)], p' = σ(v'W + b), h' = [u' < p']
//	W += r/B (vᵀp - v'ᵀp'), a += r (mean v - mean v'), b += r (mean p - mean p')
func newStock(batch, steps int) *stock {
	s := &stock{graph: G.NewGraph(), inputs: map[string]*G.Node{}, next: map[string]*G.Node{}}
	v := s.input("data", batch, visible)
	h := s.input("chains", batch, hidden)
	w := s.input("weights", visible, hidden)
	a := s.input("visible_bias", visible)
	b := s.input("hidden_bias", hidden)
	transposed := G.Must(G.Transpose(w))

	positive := mean(v, w, b)
	var negative, states *G.Node
	for range steps {
		states = s.draw(mean(h, transposed, a), batch, visible)
		negative = mean(states, w, b)
		h = s.draw(negative, batch, hidden)
	}
	outer := func(x, y *G.Node) *G.Node { return G.Must(G.Mul(G.Must(G.Transpose(x)), y)) }
	s.move("weights", w, outer(v, positive), outer(states, negative), stockRate/float32(batch))
	columns := func(x *G.Node) *G.Node { return G.Must(G.Mean(x, 0)) }
	s.move("visible_bias", a, columns(v), columns(states), stockRate)
	s.move("hidden_bias", b, columns(positive), columns(negative), stockRate)
	s.next["chains"] = h
	return s
}

// input adds an input of the graph.
func (s *stock) input(name string, shape ...int) *G.Node {
	n := G.NewTensor(s.graph, tensor.Float32, len(shape), G.WithShape(shape...), G.WithName(name))
	s.inputs[name] = n
	return n
}

// mean returns σ(xW + bias).
func mean(x, w, bias *G.Node) *G.Node {
	row := G.Must(G.Reshape(bias, tensor.Shape{1, bias.Shape()[0]}))
	field := G.Must(G.BroadcastAdd(G.Must(G.Mul(x, w)), row, nil, []byte{0}))
	return G.Must(G.Sigmoid(field))
}

// draw returns states with the given means: 1 where the noise, an input of its own, is below the mean.
func (s *stock) draw(mean *G.Node, shape ...int) *G.Node {
	u := s.input(fmt.Sprintf("noise%d", len(s.noise)), shape...)
	s.noise = append(s.noise, u)
	return G.Must(G.Gt(mean, u, true)) // true: as float32
}

// move sets the next value of a parameter: parameter + rate · (data - chains).
func (s *stock) move(name string, parameter, data, chains *G.Node, rate float32) {
	gradient := G.Must(G.Sub(data, chains))
	s.next[name] = G.Must(G.Add(parameter, G.Must(G.Mul(gradient, G.NewConstant(rate)))))
}

// set gives an input its value.
func (s *stock) set(name string, values []float32) error {
	n := s.inputs[name]
	return G.Let(n, tensor.New(tensor.WithShape(n.Shape()...), tensor.WithBacking(values)))
}

// start sets the parameters from a model of (visible,hidden) units, and the other inputs to zeros.
func (s *stock) start(m *rbm.Model) error {
	for name, n := range s.inputs {
		values := make([]float32, n.Shape().TotalSize())
		switch name {
		case "weights":
			copy(values, m.Weights)
		case "visible_bias":
			copy(values, m.Visible.Bias)
		case "hidden_bias":
			copy(values, m.Hidden.Bias)
		}
		if err := s.set(name, values); err != nil {
			return err
		}
	}
	return nil
}

// run makes one update with a batch of rows (B,V) of states.
func (s *stock) run(machine G.VM, rows []float32, rng *rand.Rand) error {
	copy(s.inputs["data"].Value().Data().([]float32), rows)
	for _, n := range s.noise {
		u := n.Value().Data().([]float32)
		for i := range u {
			u[i] = rng.Float32()
		}
	}
	if err := machine.RunAll(); err != nil {
		return err
	}
	for name, result := range s.next {
		copy(s.inputs[name].Value().Data().([]float32), result.Value().Data().([]float32))
	}
	machine.Reset()
	return nil
}

// stockUpdate measures updates of the stock graph, on ten batches in turn. Their states are drawn beforehand, so that
// the binarization of rows does not count.
func (r request) stockUpdate() (answer, error) {
	const batches = 10
	m, err := rbm.ImportNPZ(r.Start + ".npz")
	if err != nil {
		return answer{}, err
	}
	data, err := openMNIST()
	if err != nil {
		return answer{}, err
	}
	s := newStock(r.Batch, r.Steps)
	if err := s.start(m); err != nil {
		return answer{}, err
	}
	machine := G.NewTapeMachine(s.graph)
	defer machine.Close()
	rng := rand.New(rand.NewPCG(1, 0))
	rows, err := drawnRows(context.Background(), data.Train.Slice(0, batches*r.Batch))
	if err != nil {
		return answer{}, err
	}
	n := 0
	samples, err := r.blocks(r.Batch, data.Train.N/r.Batch, func() error {
		first := n % batches * r.Batch * visible
		n++
		return s.run(machine, rows[first:first+r.Batch*visible], rng)
	})
	return answer{Samples: samples}, err
}

// drawnRows returns states (N,V), drawn with the grey levels of r as means.
func drawnRows(ctx context.Context, r *dataset.Rows) ([]float32, error) {
	d, err := engine.Open("cpu", 0)
	if err != nil {
		return nil, err
	}
	defer d.Close()
	return sample.DataVisible(ctx, d, r, dataset.Binarization{Mode: dataset.Static}, nil, r.N, 1)
}
