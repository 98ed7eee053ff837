package train

import (
	"cmp"
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
// was frozen before the current model had moved too far away from the last. A frozen model
// gives a reservoir of samples (see reservoir.go), which then stands for it and everything
// below it: of the ladder are left its last model, that one's reservoir, and the sum of
// Bennett's ratios up to it. So an update costs the same however long the ladder is.

const (
	// freezeBelow is the acceptance of exchanges with the last frozen model at which the current
	// one is frozen: twice the authors' target, as chains that lag behind the model exchange more
	// often than its own would. Runs of an earlier version go on with theirs.
	freezeBelow        = 0.5
	freezeBelowEarlier = 0.25

	acceptanceFloor = 0.1 // below which the two have too little in common
	mostRejections  = 30  // in a row
)

// trajectory is the state of a run by parallel trajectory tempering beside its variables.
type trajectory struct {
	Factor     float64 `json:"factor"`     // of the learning rate
	Rejections int     `json:"rejections"` // in a row
	Since      int     `json:"since"`      // updates since a model was frozen or came back
	Wait       int     `json:"wait"`       // least Since of the next attempt to freeze

	// FreezeBelow is the acceptance at which the run freezes a model; 0 in a run of an earlier
	// version.
	FreezeBelow float64 `json:"freeze_below,omitempty"`

	// Acceptance holds the rates of exchange between neighbouring frozen models, from the
	// first pair on, measured when the later model of a pair was at equilibrium.
	Acceptance []float32 `json:"acceptance"`

	// LogPartition is log Z of the last frozen model, and Variance the variance of it.
	LogPartition float64 `json:"log_partition"`
	Variance     float64 `json:"variance"`

	// Time and Drift describe the chains of the last model when it was frozen.
	Time  float64 `json:"time"` // autocorrelation time, in sweeps
	Drift drift   `json:"drift"`
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

// energies also returns the fields that the next model gives the states of this one.
func (r *rung) energies(next *rung) (e energies, nextOther *gorgonia.Node) {
	other, nextOther := r.HiddenField(next.v), next.HiddenField(r.v)
	return energies{
		r.FreeEnergy(r.v, r.z),
		r.FreeEnergy(next.v, other),
		next.FreeEnergy(r.v, nextOther),
		next.FreeEnergy(next.v, next.z),
	}, nextOther
}

// exchangeWith lets the chains take over states of the frozen model. What they give for
// them is not kept: the reservoir stays as it is, and its states are independent proposals.
func (r *rung) exchangeWith(frozen *rung, l ladder) {
	e, z := frozen.energies(r)
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
	b.keep(l, graph.Chains, b.SampleHidden(r.z, engine.Path{}, graph.StreamHidden, steps-1))
	return p
}

// trajectoryVariables lists the variables that parallel trajectory tempering adds to a run.
func (l ladder) trajectoryVariables(parameters []variable, hidden int) []variable {
	float := tensor.Float32
	var list []variable
	for _, p := range parameters {
		list = append(list, variable{p.name + graph.SuffixFrozen, p.of, p.shape, true})
	}
	return append(list, []variable{
		{graph.Reservoir, float, []int{l.reservoir(), hidden}, true},
		{graph.ReservoirOrder, tensor.Int32, []int{l.exchanges * l.chains}, false},
		{graph.Acceptance, float, []int{1, 1}, true},
	}...)
}

// beginTrajectory freezes the model that a run begins with, above one of independent units
// that is the same but for terms of second order in the weights, which are small.
func (t *Trainer) beginTrajectory(weights, visibleBias []float32) error {
	hidden := rbm.Layer{Units: t.hidden.Units, Bias: make([]float32, t.hidden.Len)}
	base := rbm.Layer{Units: t.visible.Units, Bias: make([]float32, t.visible.Len)}
	mean := hidden.Means(make([]float64, hidden.Len()))
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
	err := t.state.Set(graph.VisibleBias+graph.SuffixFrozen, base.Bias)
	if err == nil {
		err = t.state.Set(graph.Reservoir, reservoir)
	}
	if err == nil {
		err = t.freeze()
	}
	if err == nil && len(tr.Acceptance) == 0 {
		err = fmt.Errorf("the model before its first update is too far from one of independent units")
	}
	return err
}

// trajectoryUpdate judges, after an update, the exchanges of the chains with the last
// frozen model, which the update made with the parameters before it.
//
// What moves fast enough to leave that model behind within one update moves too fast for the
// chains: it is sent back, as in the authors' programs. Where the acceptance falls more
// slowly it may still flatter, since chains that lag behind the model are closer to the
// frozen one than its own would be; freeze finds out.
func (t *Trainer) trajectoryUpdate() error {
	acceptance := make([]float32, 1)
	if err := t.state.Get(graph.Acceptance, acceptance); err != nil {
		return err
	}
	tr := t.trajectory
	below := float32(cmp.Or(tr.FreezeBelow, freezeBelowEarlier))
	switch {
	case acceptance[0] < acceptanceFloor:
		return t.reject()
	case acceptance[0] >= below || tr.Since < tr.Wait:
		if tr.Since > 0 {
			tr.Rejections = 0
		}
		tr.Since++
		return nil
	case tr.Since <= 1:
		return t.reject()
	}
	return t.freeze()
}

// reject goes back to the last frozen model and samples of it, halves the learning rate and
// forgets the optimizer's moments.
func (t *Trainer) reject() error {
	tr := t.trajectory
	if tr.Rejections++; tr.Rejections >= mostRejections {
		return fmt.Errorf("%d updates in a row were undone, the last at a learning rate of %.3g: the chains exchange less than %v of the times with the last frozen model; a lower learning rate or more chains may help",
			tr.Rejections, t.rateFactor()*t.config.LearningRate, acceptanceFloor)
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

// freeze makes the current model the last one of the ladder, or goes back to that one if it
// turns out that the two have too little in common. A model whose chains move too slowly between
// modes for a sample of it is frozen later, at the earliest after as many updates again. After a
// model was frozen the learning rate recovers, by a factor of 2 up to its configured value.
func (t *Trainer) freeze() error {
	if err := t.exchangeRows(); err != nil {
		return err
	}
	s, err := t.settle()
	if err != nil {
		return err
	}
	tr := t.trajectory
	switch {
	case s == nil || s.unsettled && tr.FreezeBelow == 0:
		return t.reject()
	case s.unsettled:
		tr.Since++
		tr.Wait = 2 * tr.Since
		return nil
	}
	tr.Acceptance = append(tr.Acceptance, float32(s.acceptance))
	tr.LogPartition += s.ratio
	tr.Variance += s.variance
	tr.Since, tr.Wait, tr.Time, tr.Drift = 0, 0, s.time, s.drift
	recovers := tr.FreezeBelow > 0 && tr.Factor < 1
	if recovers {
		tr.Factor *= 2
	}
	for _, p := range graph.Parameters(t.visible.Units, t.hidden.Units) {
		if err := t.state.Copy(p+graph.SuffixFrozen, p); err != nil {
			return err
		}
	}
	if err := t.state.Set(graph.Reservoir, s.reservoir); err != nil {
		return err
	}
	if err := t.state.Set(graph.Chains, s.chains); err != nil || !recovers {
		return err
	}
	return t.setRates()
}
