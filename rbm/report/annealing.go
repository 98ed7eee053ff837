package report

import (
	"encoding/json"
	"fmt"
	"math"
)

// Annealing is what a page shows of a long estimate of log Z: the content of report.json. Likelihoods are in
// nats a row. Nil stands for a missing field; a bound that is nil is infinite.
type Annealing struct {
	Split         string   `json:"split"` // part of the data that the likelihoods are of: train, valid or test
	LogLikelihood *float64 `json:"log_likelihood"`
	Low           *float64 `json:"log_likelihood_low"`
	High          *float64 `json:"log_likelihood_high"`
	Independent   *float64 `json:"independent"` // log-likelihood of the rows under independent units
	Verdict       string   `json:"verdict"`     // whether log Z has converged, in words
	Converged     *bool    `json:"converged"`
	BaseLogZ      *float64 `json:"base_log_z"` // of the model of independent units, which annealing starts from

	Samples   *annealingSamples `json:"samples"`
	Schedules []struct {
		Betas   int            `json:"betas"`
		Forward annealingSide  `json:"ais"`
		Reverse *annealingSide `json:"reverse_ais"`
		Bennett *annealingSide `json:"bennett"`
	} `json:"schedules"`
}

// annealingSamples says whether samples of the model differ from rows.
type annealingSamples struct {
	Differ bool `json:"differ"`
}

// annealingSide is one estimate of log Z.
type annealingSide struct {
	LogZ       float64   `json:"log_z"`
	Low        *float64  `json:"log_z_low"`
	High       *float64  `json:"log_z_high"`
	LogWeights []float64 `json:"log_weights"` // of the runs: log Z - BaseLogZ by AIS, its negative by reverse AIS
}

// ReadAnnealing decodes report.json.
func ReadAnnealing(content []byte) (*Annealing, error) {
	a := &Annealing{}
	if err := json.Unmarshal(content, a); err != nil {
		return nil, fmt.Errorf("report: %w", err)
	}
	if a.Verdict == "" {
		return nil, fmt.Errorf("report: no verdict in it, want what eval --report writes")
	}
	return a, nil
}

// schedules draws the estimates with their intervals against log₂ of the number of betas.
func (a *Annealing) schedules() string {
	kinds := []struct {
		name string
		side func(i int) *annealingSide // nil if schedule i has none
	}{
		{"AIS", func(i int) *annealingSide { return &a.Schedules[i].Forward }},
		{"reverse AIS", func(i int) *annealingSide { return a.Schedules[i].Reverse }},
		{"both", func(i int) *annealingSide { return a.Schedules[i].Bennett }},
	}
	c := chart{title: "log Z by the length of the schedule", x: "log₂ of the number of betas", y: "log Z (nats)"}
	for k, kind := range kinds {
		s := series{name: kind.name, k: k, marks: true}
		for i := range a.Schedules {
			if e := kind.side(i); e != nil {
				aside := (float64(k) - 1) / 16 // moves the kinds apart by a 16th of a doubling: no interval hides another
				s.points = append(s.points, point{math.Log2(float64(a.Schedules[i].Betas)) + aside, e.LogZ, bound(e.Low, -1), bound(e.High, 1)})
			}
		}
		c.series = append(c.series, s)
	}
	return c.svg()
}

// logWeights draws log Z by each run of the longest schedule.
func (a *Annealing) logWeights() string {
	if len(a.Schedules) == 0 || a.BaseLogZ == nil {
		return ""
	}
	last := a.Schedules[len(a.Schedules)-1]
	c := histogram{title: "log Z by single runs", x: "log Z by one run (nats)"}
	c.groups = append(c.groups, groupOf("AIS", 0, last.Forward.LogWeights, 1, *a.BaseLogZ))
	if last.Reverse != nil {
		c.groups = append(c.groups, groupOf("reverse AIS", 1, last.Reverse.LogWeights, -1, *a.BaseLogZ))
	}
	return c.svg()
}

// groupOf returns the values sign·x + shift.
func groupOf(name string, k int, x []float64, sign, shift float64) group {
	g := group{name: name, k: k}
	for _, v := range x {
		g.values = append(g.values, sign*v+shift)
	}
	return g
}
