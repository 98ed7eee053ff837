package report

import "fmt"

// figure is a chart or pictures with a title and a caption. Its body is HTML.
type figure struct {
	title, caption, body string
}

// curves returns the figures of a run's records, the log-likelihood first. A figure without a value has no body.
func (r *Run) curves() []figure {
	h := r.History
	list := []figure{r.likelihoods(), r.logZs()}
	if r.LogZ != nil {
		list = append(list,
			figure{"log Z from both sides", "Estimates with intervals of three standard errors. AIS tends to be too low and reverse AIS too high; where they meet, log Z has converged.", r.LogZ.schedules()},
			figure{"log Z by single runs", "The closer the two outlines lie, the better the schedule.", r.LogZ.logWeights()})
	}
	list = append(list,
		h.single("Free-energy gap", "free energy (nats)", "Mean free energy of training rows minus the mean of validation rows. It falls as the model overfits.", func(r *Record) *float64 { return r.FreeEnergyGap }),
		h.single("Learning rate", "learning rate", "Of the last update before each record.", func(r *Record) *float64 { return &r.LearningRate }),
		h.single("Size of the weights", "weight norm", "Root of the mean squared weight.", func(r *Record) *float64 { return &r.WeightNorm }),
		h.single("Hidden activity", "mean of hidden units", "Mean of all hidden units on training rows.", func(r *Record) *float64 { return &r.MeanHidden }),
		h.single("Pseudo-likelihood", "nats a row", "How well each unit follows from all others. It is no bound of the log-likelihood, and high where chains have lost modes.", func(r *Record) *float64 {
			if r.PseudoLikelihood == 0 { // real states have none
				return nil
			}
			return &r.PseudoLikelihood
		}),
		h.single("Autocorrelation time of the chains", "Gibbs steps", fmt.Sprintf("By Gibbs steps alone. Times above %d are underestimates.", slowSteps), func(r *Record) *float64 {
			if r.AutocorrelationTime == 0 {
				return nil
			}
			return &r.AutocorrelationTime
		}))
	return append(list, h.ladders()...)
}

// single returns the chart of one field of the records, nil where a record has no value. The name of its line is the last value.
func (h *History) single(title, unit, caption string, field func(*Record) *float64) figure {
	s := series{k: 0}
	for i := range h.Records {
		r := &h.Records[i]
		if v := field(r); v != nil && finite(*v) {
			s.points = append(s.points, pointAt(float64(r.Update), *v))
		}
	}
	if n := len(s.points); n > 0 {
		s.name = number(s.points[n-1].y)
	}
	return figure{title, caption, chart{title: title, x: "updates", y: unit, series: []series{s}}.svg()}
}

// likelihoods returns the curves of training rows, validation rows and evaluations, with the log-likelihood of
// independent units on training rows, or on the evaluated ones if there are no estimates on training rows.
func (r *Run) likelihoods() figure {
	train, valid := series{name: "train", k: 0}, series{name: "valid", k: 1}
	independent := series{name: "independent", k: 5}
	for _, e := range r.History.with((*Record).estimated) {
		x := float64(e.Update)
		train.points = append(train.points, point{x, *e.Train, bound(e.TrainLow, -1), bound(e.TrainHigh, 1)})
		if e.Valid != nil {
			valid.points = append(valid.points, point{x, *e.Valid, bound(e.ValidLow, -1), bound(e.ValidHigh, 1)})
		}
		if e.IndependentTrain != nil {
			independent.points = append(independent.points, pointAt(x, *e.IndependentTrain))
		}
	}
	rows := "training"
	if len(train.points) == 0 {
		rows = "evaluated"
	}
	evaluated := series{k: 2, marks: true}
	for _, e := range r.History.with((*Record).evaluated) {
		evaluated.name = e.Split
		evaluated.points = append(evaluated.points, point{float64(e.Update), *e.LogLikelihood, bound(e.Low, -1), bound(e.High, 1)})
		if e.Independent != nil && len(train.points) == 0 {
			independent.points = append(independent.points, pointAt(float64(e.Update), *e.Independent))
		}
	}
	if evaluated.name == "train" || evaluated.name == "valid" {
		evaluated.name = "long" // the lines have the other names
	}
	c := chart{title: "Log-likelihood", x: "updates", y: "nats a row", skip: true, series: []series{train, valid, evaluated, independent}}
	return figure{"Log-likelihood", "Bands and bars are intervals. Points are evaluations with a long estimate of log Z. The line independent is what independent units have on the " + rows + " rows. Values far below the rest, as at the start, are left out; an arrow gives the value of a line that ends there.", c.svg()}
}

// logZs returns log Z with its bounds, by the estimates during training and by the long ones of evaluations.
func (r *Run) logZs() figure {
	brief := series{name: "brief", k: 0}
	long := series{name: "long", k: 2, marks: true}
	for _, e := range r.History.Records {
		if e.LogZ != nil {
			brief.points = append(brief.points, point{float64(e.Update), *e.LogZ, bound(e.LogZLow, -1), bound(e.LogZHigh, 1)})
		}
		if e.EvalLogZ != nil {
			long.points = append(long.points, point{float64(e.Update), *e.EvalLogZ, bound(e.EvalLogZLow, -1), bound(e.EvalLogZHigh, 1)})
		}
	}
	c := chart{title: "log Z during training", x: "updates", y: "log Z (nats)", series: []series{brief, long}}
	return figure{c.title, "The band reaches from the lowest to the highest value that annealing up and down leaves open, with three standard errors.", c.svg()}
}

// ladders returns the figures of parallel tempering and of parallel trajectory tempering.
func (h *History) ladders() []figure {
	lowest, mean, models := series{name: "lowest", k: 1}, series{name: "mean", k: 0}, series{k: 2}
	var last []float64 // rates of the last record with a ladder
	for _, r := range h.Records {
		var rates []float64
		if r.Ladder != nil {
			rates = r.Ladder.Acceptance
		} else if r.Trajectory != nil {
			rates = r.Trajectory.Acceptance
			models.points = append(models.points, pointAt(float64(r.Update), float64(r.Trajectory.Models)))
		}
		if len(rates) == 0 {
			continue
		}
		least, sum := rates[0], 0.0
		for _, a := range rates {
			least, sum = min(least, a), sum+a
		}
		lowest.points = append(lowest.points, pointAt(float64(r.Update), least))
		mean.points = append(mean.points, pointAt(float64(r.Update), sum/float64(len(rates))))
		last = rates
	}
	over := chart{title: "Exchanges of the ladder", x: "updates", y: "acceptance", series: []series{lowest, mean}}
	list := []figure{{over.title, "Rates at which neighbours on the ladder exchange places, over all pairs. A rate near 0 cuts the ladder in two.", over.svg()}}
	if n := len(models.points); n > 0 {
		models.name = number(models.points[n-1].y)
		c := chart{title: "Models on the ladder", x: "updates", y: "models", series: []series{models}}
		list = append(list, figure{c.title, "With the model of independent units and the current one.", c.svg()})
	}
	pairs := series{name: "now", k: 0}
	for i, a := range last {
		pairs.points = append(pairs.points, pointAt(float64(i+1), a))
	}
	c := chart{title: "The ladder at the last record", x: "pair of neighbours", y: "acceptance", series: []series{pairs}}
	list = append(list, figure{c.title, "Each point is a pair of neighbours." + h.temperatures(), c.svg()})
	return list
}

// temperatures lists the first inverse temperatures of the last record and gives the round trips between them.
func (h *History) temperatures() string {
	last := h.Last()
	if last == nil || last.Ladder == nil {
		return ""
	}
	const most = 30
	betas := last.Ladder.Betas
	text := " Inverse temperatures:"
	for _, beta := range betas[:min(most, len(betas))] {
		text += " " + number(beta)
	}
	if len(betas) > most {
		text += " …"
	}
	return fmt.Sprintf("%s. Round trips of a replica so far: %s on average.", text, number(last.Ladder.RoundTrips))
}
