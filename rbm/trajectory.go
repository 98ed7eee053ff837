package rbm

import (
	"fmt"
	"math"
	"strings"

	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"harmonium/engine"
)

// Parallel trajectory tempering (Béreux, Decelle, Furtlehner, Rosset and Seoane 2025) runs
// one replica of each chain on every one of a row of models: the independent one, earlier
// models of the same training, and the current one. Neighbours exchange their visible
// states. A model is frozen into the row before the current one has moved too far away
// from the last.

const (
	freezeBelow     = 0.25 // acceptance of the last pair at which the current model is frozen
	acceptanceFloor = 0.1  // below which an update is undone
	mostRejections  = 30   // in a row
)

// trajectory is what a run by parallel trajectory tempering knows beside its variables.
type trajectory struct {
	Frozen     int     `json:"frozen"`     // models before the current one; the first is the independent one
	Factor     float64 `json:"factor"`     // of the learning rate
	Rejections int     `json:"rejections"` // in a row
	Fresh      bool    `json:"fresh"`      // the parameters are those that an update has led to
	Kept       int     `json:"kept"`       // which copy holds the parameters before the last update: 0 or 1
}

var parameterNames = []string{varWeights, varVisibleBias, varHiddenBias}

// ofModel is the name of a variable of frozen model i, or of the pair of it and the next.
func ofModel(name string, i int) string { return fmt.Sprintf("%s_model%d", name, i) }

// kept is the name of a copy of a parameter: one of two.
func kept(name string, i int) string { return fmt.Sprintf("%s_kept%d", name, i) }

// frozenIn is the number of frozen models in a checkpoint.
func frozenIn(f tensorFile) int {
	var n int
	for _, t := range f.tensors {
		if strings.HasPrefix(t.name, varWeights+"_model") {
			n++
		}
	}
	return n
}

// rung is one model of the row, with its chains.
type rung struct {
	*builder
	chains *gorgonia.Node // (C,H) hidden states that persist
	v, z   *gorgonia.Node // (C,V) visible states, and (C,H) the fields that they give
}

// rungs returns the models from the independent to the current one.
func (b *builder) rungs(chains, frozen int) []*rung {
	var list []*rung
	for i := range frozen {
		model := *b
		model.instead = map[string]*gorgonia.Node{}
		for _, p := range []*gorgonia.Node{b.weights(), b.visibleBias(), b.hiddenBias()} {
			model.instead[p.Name()] = b.variable(ofModel(p.Name(), i), tensor.Float32, p.Shape()...)
		}
		list = append(list, &rung{builder: &model, chains: b.variable(ofModel(varChains, i), tensor.Float32, chains, b.hidden)})
	}
	return append(list, &rung{builder: b, chains: b.variable(varChains, tensor.Float32, chains, b.hidden)})
}

// drawVisible draws the visible states given hidden ones.
func (r *rung) drawVisible(h *gorgonia.Node, stream uint8, step int) {
	r.v = r.sample(engine.NewMean(r.visibleField(h)), stream, step)
	r.z = r.hiddenField(r.v)
}

// energies are the free energies of two models' states, each of its own and of the other's:
// F_m(v), F_m(v'), F_m'(v) and F_m'(v').
type energies [4]*gorgonia.Node

// energies also returns the fields that the models have given each other's states.
func (r *rung) energies(next *rung) (e energies, other, nextOther *gorgonia.Node) {
	other, nextOther = r.hiddenField(next.v), next.hiddenField(r.v)
	return energies{
		engine.NewFreeEnergy(r.v, r.visibleBias(), r.z),
		engine.NewFreeEnergy(next.v, r.visibleBias(), other),
		engine.NewFreeEnergy(r.v, next.visibleBias(), nextOther),
		engine.NewFreeEnergy(next.v, next.visibleBias(), next.z),
	}, other, nextOther
}

// exchange lets the chains of pair i exchange their visible states.
func (r *rung) exchange(next *rung, i int) {
	e, other, nextOther := r.energies(next)
	chance := engine.NewChance(e[0], e[1], e[2], e[3])
	engine.Assign(r.variable(ofModel(varAcceptance, i), tensor.Float32, 1, 1), engine.NewMeans(chance))
	mask := r.sample(chance, streamSwap, i)
	r.v, next.v = engine.NewSelect(mask, r.v, next.v), engine.NewSelect(mask, next.v, r.v)
	r.z, next.z = engine.NewSelect(mask, r.z, other), engine.NewSelect(mask, next.z, nextOther)
}

// trajectoryPhase is the chains' side of parallel trajectory tempering: k Gibbs steps of
// every model's chains, and one exchange of each pair of neighbours, from the independent
// model on.
func (b *builder) trajectoryPhase(chains, frozen, steps int) phase {
	rungs := b.rungs(chains, frozen)
	for i, r := range rungs {
		r.drawVisible(r.chains, streamVisible, i*steps)
		for step := 1; step < steps; step++ {
			h := r.sample(engine.NewMean(r.z), streamHidden, i*steps+step-1)
			r.drawVisible(h, streamVisible, i*steps+step)
		}
	}
	for i := range frozen {
		rungs[i].exchange(rungs[i+1], i)
	}
	var p phase
	for i, r := range rungs {
		p = phase{r.v, engine.NewMean(r.z)}
		engine.Assign(r.chains, r.sample(p.means, streamHidden, (i+1)*steps-1))
	}
	return p
}

// trajectoryGraph draws visible states of all models given their chains, which stay, and
// gives the free energies of each pair of neighbours.
func trajectoryGraph(b *builder, chains, frozen int) (g *gorgonia.ExprGraph, pairs []energies) {
	rungs := b.rungs(chains, frozen)
	for i, r := range rungs {
		r.drawVisible(r.chains, streamTrajectory, i)
	}
	for i := range frozen {
		e, _, _ := rungs[i].energies(rungs[i+1])
		pairs = append(pairs, e)
	}
	return b.graph, pairs
}

// ofTrajectory lists the variables of frozen model i of a run with so many chains.
func (t *Trainer) ofTrajectory(i int) []variable {
	visible, hidden, chains := t.data.Train.V, t.config.Hidden, t.chains()
	float := tensor.Float32
	return []variable{
		{ofModel(varWeights, i), float, []int{visible, hidden}, true},
		{ofModel(varVisibleBias, i), float, []int{visible}, true},
		{ofModel(varHiddenBias, i), float, []int{hidden}, true},
		{ofModel(varChains, i), float, []int{chains, hidden}, true},
		{ofModel(varAcceptance, i), float, []int{1, 1}, true},
	}
}

// trajectoryUpdate makes one update and then looks at the exchanges of the current model with
// the last frozen one, which were those of the parameters before the update.
func (t *Trainer) trajectoryUpdate(run func() error) error {
	tr := t.trajectory
	if err := t.copyParameters(func(p string) string { return kept(p, tr.Kept) }, func(p string) string { return p }); err != nil {
		return err
	}
	if err := run(); err != nil {
		return err
	}
	acceptance := make([]float32, 1)
	if err := t.state.Get(ofModel(varAcceptance, tr.Frozen-1), acceptance); err != nil {
		return err
	}
	if tr.Fresh && acceptance[0] < acceptanceFloor {
		return t.reject()
	}
	if acceptance[0] <= freezeBelow {
		if err := t.freeze(); err != nil {
			return err
		}
	}
	if tr.Fresh {
		tr.Rejections = 0
	}
	tr.Fresh, tr.Kept = true, 1-tr.Kept
	return nil
}

// copyParameters copies each parameter, or what goes with it, on the device.
func (t *Trainer) copyParameters(dst, src func(parameter string) string) error {
	for _, p := range parameterNames {
		if err := t.state.Copy(dst(p), src(p)); err != nil {
			return err
		}
	}
	return nil
}

// reject undoes the update that led to the parameters before the last one, halves the
// learning rate and forgets the optimizer's moments.
func (t *Trainer) reject() error {
	tr := t.trajectory
	if tr.Rejections++; tr.Rejections >= mostRejections {
		return fmt.Errorf("%d updates in a row were undone, the last at a learning rate of %.3g: the chains of neighbours exchange less than %v of the times; a lower learning rate or more chains may help",
			tr.Rejections, tr.Factor*t.config.LearningRate, acceptanceFloor)
	}
	tr.Fresh, tr.Factor = false, tr.Factor/2
	err := t.copyParameters(func(p string) string { return p }, func(p string) string { return kept(p, 1-tr.Kept) })
	if err != nil {
		return err
	}
	for _, v := range t.variables() {
		for _, suffix := range t.move().suffixes() {
			if strings.HasSuffix(v.name, suffix) {
				if err := t.state.Set(v.name, make([]float32, volume(v.shape))); err != nil {
					return err
				}
			}
		}
	}
	return t.setRates()
}

// freeze makes the parameters before the last update a model of the row, with the chains
// that are theirs.
func (t *Trainer) freeze() error {
	tr := t.trajectory
	i := tr.Frozen
	for _, v := range t.ofTrajectory(i) {
		if err := t.state.Add(v.name, v.of, v.shape...); err != nil {
			return err
		}
	}
	err := t.copyParameters(func(p string) string { return ofModel(p, i) }, func(p string) string { return kept(p, tr.Kept) })
	if err == nil {
		err = t.state.Copy(ofModel(varChains, i), varChains)
	}
	if err != nil {
		return err
	}
	tr.Frozen++
	return t.compile()
}

// TrajectoryMetrics is what the monitors see of parallel trajectory tempering.
type TrajectoryMetrics struct {
	Models     int       `json:"models"`      // in the row, with the independent and the current one
	Acceptance []float32 `json:"acceptance"`  // of the exchanges of neighbours in the last update
	RateFactor float64   `json:"rate_factor"` // of the learning rate, halved by each update that was undone

	// LogPartition is log Z of the current model, in nats: that of the independent one and
	// Bennett's ratios of all neighbours, with its standard error.
	LogPartition  float64 `json:"log_partition"`
	StandardError float64 `json:"log_partition_standard_error"`
}

// trajectoryMetrics looks at the row of models.
func (t *Trainer) trajectoryMetrics() (*TrajectoryMetrics, error) {
	tr := t.trajectory
	m := &TrajectoryMetrics{Models: tr.Frozen + 1, RateFactor: tr.Factor}
	for i := range tr.Frozen {
		acceptance := make([]float32, 1)
		if err := t.state.Get(ofModel(varAcceptance, i), acceptance); err != nil {
			return nil, err
		}
		m.Acceptance = append(m.Acceptance, acceptance[0])
	}
	graph, pairs := trajectoryGraph(newBuilder(t.data.Train.V, t.config.Hidden, t.config.Seed), t.chains(), tr.Frozen)
	var nodes []*gorgonia.Node
	for _, e := range pairs {
		nodes = append(nodes, e[:]...)
	}
	plan, err := engine.Compile(graph, t.state, nodes...)
	if err == nil {
		err = plan.Run()
	}
	if err != nil {
		return nil, err
	}
	m.LogPartition = float64(t.config.Hidden) * math.Ln2
	for _, bias := range baseBiases(t.baseRates, t.data.Train.N) {
		m.LogPartition += softplus(float64(bias))
	}
	var variance float64
	for _, e := range pairs {
		ratio, standardError, err := t.ratioOf(plan, e)
		if err != nil {
			return nil, err
		}
		m.LogPartition += ratio
		variance += standardError * standardError
	}
	m.StandardError = math.Sqrt(variance)
	return m, nil
}

// ratioOf is Bennett's ratio of a pair, of one state of every chain of both models.
func (t *Trainer) ratioOf(plan *engine.Plan, e energies) (ratio, standardError float64, err error) {
	var values [4][]float64
	for i, n := range e {
		values[i] = make([]float64, t.chains())
		if err := plan.Read(n, values[i]); err != nil {
			return 0, 0, err
		}
	}
	from, fromNext := make([]float64, t.chains()), make([]float64, t.chains())
	for n := range from {
		from[n] = values[0][n] - values[2][n]
		fromNext[n] = values[1][n] - values[3][n]
	}
	return Bennett(from, fromNext)
}
