package train

import (
	"fmt"

	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"harmonium/engine"
	"harmonium/rbm"
	"harmonium/rbm/estimate"
	"harmonium/rbm/internal/graph"
)

// Parallel trajectory tempering (Béreux, Decelle, Furtlehner and Seoane 2026) keeps chains at
// equilibrium by exchanges with equilibrium samples of an earlier model of the same training.
// The earlier models are a ladder: from one of independent units, whose log Z is known, each
// was frozen when the current model had moved away from the last. A frozen model gives a
// reservoir of samples (see reservoir.go), which then stands for it and everything below it.
// The reservoir of the next one comes from these samples (see bridge.go). A run keeps only the last
// frozen model, its reservoir and its log Z, so that an update costs the same however long the
// ladder is.
//
// Freezing a model costs about refreshSteps + farStages + spreadSteps Gibbs steps of the whole
// reservoir, or refreshSteps + 2·wideStages + relaxSteps on a wide way (see wide.go). The next model is
// frozen when the chains have made as many Gibbs steps since, at the earliest. So the ladder
// adds at most reservoirShare Gibbs steps to each step of a chain, about as many as parallel tempering
// with reservoirShare temperatures. After a return to the last frozen model the run does not wait: in the
// meantime the model could move so far again that modes are lost.

const (
	// freezeBelow is the acceptance of exchanges with the last frozen model below which the current one is frozen. It
	// was chosen: a higher one freezes more models, and each costs Gibbs steps of the reservoir; with a lower
	// one the chains exchange less.
	freezeBelow = 0.5

	// checkBelow is the acceptance below which samples of the last frozen model decide whether the current one is
	// too far away. It was chosen below the rate of 0.3 at farStages, as a check costs about as much as an update.
	checkBelow = 0.1

	mostRejections = 30 // returns in a row at which the run fails, with the learning rate halved 29 times
)

// trajectory is the state of a run by parallel trajectory tempering beside its variables.
type trajectory struct {
	Factor     float64 `json:"factor"`     // of the learning rate
	Rejections int     `json:"rejections"` // returns to the last frozen model in a row, see reject
	Since      int     `json:"since"`      // updates since a model was frozen, or since the last return
	Wait       int     `json:"wait"`       // least Since of the next attempt to freeze

	Forgets bool `json:"forgets"` // the way to the model was wide when it was last measured: its chains forget their states

	// Acceptance holds the rates of exchange between neighbouring frozen models, from the
	// first pair on.
	Acceptance []float32 `json:"acceptance"`
	Stages     int       `json:"stages"` // of the bridge to the last frozen model

	// LogPartition is the estimate of log Z of the last frozen model, and Variance its variance.
	LogPartition float64 `json:"log_partition"`
	Variance     float64 `json:"variance"`
}

// rung is a model of the ladder with visible states.
type rung struct {
	*graph.Builder
	v, z *gorgonia.Node // (n,V) states, and (n,H) the fields that they give
}

// frozenRung returns the last frozen model.
func (b builder) frozenRung() *rung {
	return &rung{Builder: b.WithParameters(func(p *gorgonia.Node) *gorgonia.Node { return b.Beside(p, graph.SuffixFrozen) })}
}

// drawVisible draws the visible states given hidden ones.
func (r *rung) drawVisible(h *gorgonia.Node, stream uint8, step int) {
	r.v = r.SampleVisible(r.VisibleField(h), engine.Path{}, stream, step)
	r.z = r.HiddenField(r.v)
}

// energies are the free energies of two models' states, each of its own and of the other's:
// F_m(v), F_m(v'), F_m'(v) and F_m'(v').
type energies [4]*gorgonia.Node

// energies returns the free energies of the model m and the next model m', and the fields that m' gives the
// states of m.
func (r *rung) energies(next *rung) (e energies, fields *gorgonia.Node) {
	ofNext, fields := r.HiddenField(next.v), next.HiddenField(r.v)
	return energies{
		r.FreeEnergy(r.v, r.z),
		r.FreeEnergy(next.v, ofNext),
		next.FreeEnergy(r.v, fields),
		next.FreeEnergy(next.v, next.z),
	}, fields
}

// exchangeWith lets the chains take over states of the frozen model. The states that they give in exchange
// are not kept: the reservoir stays as it is, and its states are independent proposals.
func (r *rung) exchangeWith(frozen *rung, l ladder) {
	e, z := frozen.energies(r) // z are the fields of the frozen model's states under the current one
	chance := engine.NewChance(e[0], e[1], e[2], e[3])
	if l.shard == nil {
		engine.Assign(r.Variable(graph.Acceptance, tensor.Float32, 1, 1), engine.NewMeans(chance))
	} else {
		l.shard.acceptances = append(l.shard.acceptances, shareOf(engine.NewMeans(chance), l.shard.chainShare))
	}
	mask := engine.NewToss(chance, r.Clock(), r.Draw(graph.StreamSwap, 0))
	r.v, r.z = engine.NewSelect(mask, r.v, frozen.v), engine.NewSelect(mask, r.z, z)
}

// trajectoryPhase is the negative phase of parallel trajectory tempering: steps Gibbs steps of the
// chains, and one exchange of each with a sample of the last frozen model.
func (b builder) trajectoryPhase(l ladder, steps int) graph.Phase {
	r, h := &rung{Builder: b.Builder}, b.ofChains(l, graph.Chains, b.Hidden)
	for step := range steps {
		if step > 0 {
			h = b.SampleHidden(r.z, engine.Path{}, graph.StreamHidden, step-1)
		}
		r.drawVisible(h, graph.StreamVisible, step)
	}
	frozen := b.frozenRung()
	frozen.drawVisible(b.fromReservoir(l), graph.StreamTrajectory, 0)
	r.exchangeWith(frozen, l)
	p := b.PhaseOf(r.v, r.z)
	b.setNext(l, graph.Chains, b.SampleHidden(r.z, engine.Path{}, graph.StreamHidden, steps-1))
	return p
}

// trajectoryVariables lists the variables that parallel trajectory tempering adds to a run.
func (l ladder) trajectoryVariables(parameters []variable, hidden int) []variable {
	float := tensor.Float32
	var list []variable
	for _, p := range parameters {
		list = append(list, variable{p.name + graph.SuffixFrozen, p.dtype, p.shape, true})
	}
	return append(list, []variable{
		{graph.Reservoir, float, []int{l.reservoir(), hidden}, true},
		{graph.ReservoirOrder, tensor.Int32, []int{l.exchanges * l.chains}, false},
		{graph.Acceptance, float, []int{1, 1}, true},
	}...)
}

// beginTrajectory freezes the model that a run begins with, above one of independent units
// whose p(v) equals its p(v) up to terms of second order in the weights, which are small. The hidden biases, which
// are nil for 0, change log Z by a constant, which the bridge between the two finds.
func (t *Trainer) beginTrajectory(weights, visibleBias, hiddenBias []float32) error {
	hidden, base := layerOf(t.hidden), layerOf(t.visible)
	if base.Units.Real() {
		base.LogVariance = t.initialLogVariance()
	}
	atRest := make([]float64, hidden.Len())
	for j, b := range hiddenBias {
		atRest[j] = float64(b)
	}
	mean := hidden.Means(atRest)
	terms := make([]float64, hidden.Len())
	for i, bias := range visibleBias {
		for j, p := range mean {
			terms[j] = float64(weights[i*hidden.Len()+j]) * p
		}
		base.Bias[i] = bias + float32(estimate.Sum(terms))
	}
	tr := t.trajectory
	tr.LogPartition = rbm.LogBasePartition(base, hidden)
	reservoir := make([]float32, t.ladder().reservoir()*hidden.Len())
	engine.Coins(reservoir, t.ladder().reservoir(), hidden.Units, t.config.Seed, graph.StreamReservoir)
	// The weights and the hidden biases of the frozen model are 0, as all variables begin.
	err := t.state.Set(graph.VisibleBias+graph.SuffixFrozen, base.Bias)
	if err == nil && base.Units.Real() {
		err = t.state.Set(graph.VisibleLogVariance+graph.SuffixFrozen, base.LogVariance)
	}
	if err == nil {
		err = t.state.Set(graph.Reservoir, reservoir)
	}
	if err == nil {
		err = t.freeze()
	}
	if err == nil && len(tr.Acceptance) == 0 {
		err = fmt.Errorf("the model before its first update is too far from one of independent units")
	}
	tr.Wait = 0 // as the first updates change the model most
	return err
}

// trajectoryUpdate judges, after an update, the exchanges of the chains with the last
// frozen model, which the update made with the parameters before it.
//
// A model that moves too far before the next one may be frozen is sent back, unless its chains forget
// their states. The acceptance alone does not show how far it is: chains that lag behind the model are
// closer to the frozen one than the model's own samples would be, and then the acceptance falls only
// for some updates. So where it is low, samples of the frozen model decide. That costs about as much as an
// update, so it happens only where Since is 0 or a power of two.
//
// A lowered rate recovers by factors of 2: when a model is frozen, and after each refreshSteps further steps of the
// chains if the model is near the last frozen one then.
func (t *Trainer) trajectoryUpdate() error {
	acceptance := make([]float32, 1)
	if err := t.state.Get(graph.Acceptance, acceptance); err != nil {
		return err
	}
	tr := t.trajectory
	switch {
	case acceptance[0] < freezeBelow && tr.Since >= tr.Wait:
		return t.freeze()
	case acceptance[0] < checkBelow && tr.Since&(tr.Since-1) == 0 && !tr.Forgets:
		strays, err := t.strays()
		if err != nil {
			return err
		}
		if strays {
			return t.reject()
		}
	}
	if tr.Since > 0 { // at 0 the chains exchanged with the model that they are of
		tr.Rejections = 0
	}
	tr.Since++
	if tr.Factor < 1 && acceptance[0] >= freezeBelow && tr.Since%max(1, refreshSteps/t.config.GibbsSteps) == 0 {
		tr.Factor *= 2
		return t.setRates()
	}
	return nil
}

// reject goes back to the last frozen model and samples of it, halves the learning rate and
// forgets the optimizer's moments.
func (t *Trainer) reject() error {
	tr := t.trajectory
	if tr.Rejections++; tr.Rejections >= mostRejections {
		return fmt.Errorf("the run went back %d times in a row, the last time from a learning rate of %.3g: the model moves too "+
			"far from the last frozen one for its samples to follow, which takes more than %d stages; a lower learning rate may help",
			tr.Rejections, t.rateFactor()*t.config.LearningRate, farStages)
	}
	tr.Since, tr.Wait, tr.Factor = 0, 0, tr.Factor/2
	for _, p := range graph.Parameters(t.visible.Units, t.hidden.Units) {
		if err := t.state.Copy(p, p+graph.SuffixFrozen); err != nil {
			return err
		}
	}
	reservoir, err := t.samples()
	if err == nil {
		size := len(reservoir) / reservoirShare
		// Another tenth at each return in a row. Any serves: in the next update all chains exchange with samples of the
		// whole reservoir, as both models are equal then.
		from := tr.Rejections % reservoirShare * size
		err = t.state.Set(graph.Chains, reservoir[from:from+size])
	}
	if err != nil {
		return err
	}
	if err := t.forgetMoments(); err != nil {
		return err
	}
	return t.setRates()
}

// freeze makes the current model the last frozen one. It goes back to the one before if modes may be lost on
// the way, and waits if the samples have not reached the current model.
func (t *Trainer) freeze() error {
	c, err := t.settle()
	if err != nil {
		return err
	}
	if c == nil {
		return t.reject()
	}
	tr := t.trajectory
	wait := c.steps() / t.config.GibbsSteps
	if tr.Factor < 1 {
		tr.Factor *= 2
		if err := t.setRates(); err != nil {
			return err
		}
	}
	if c.gap > mostGap { // the samples have not reached it
		tr.Wait = 2*tr.Since + wait
		tr.Since++
		return nil
	}
	tr.Acceptance = append(tr.Acceptance, float32(c.acceptance))
	tr.Stages = c.stages
	tr.LogPartition += c.ratio
	tr.Variance += c.variance
	tr.Since, tr.Wait = 0, wait
	t.drift = nil
	for _, p := range graph.Parameters(t.visible.Units, t.hidden.Units) {
		if err := t.state.Copy(p+graph.SuffixFrozen, p); err != nil {
			return err
		}
	}
	if err := t.state.Set(graph.Reservoir, c.states); err != nil {
		return err
	}
	// In the next update all chains exchange with samples of the reservoir, as both models are equal then. Estimates
	// before it use the chains: after a wide way, where chains find each mode by themselves, as they are.
	if c.wide {
		return nil
	}
	return t.state.Set(graph.Chains, t.tenth(c.states))
}
