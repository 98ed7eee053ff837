package report

import "slices"

// difference is a setting in which runs differ.
type difference struct {
	Name   string
	Values []string // of the runs, in their order; "" for a run without the setting
}

// compared returns the figures that show all runs together.
func compared(runs []*Run) []shown {
	likelihoods := chart{title: "Log-likelihoods of the runs", x: "updates", y: "nats a row", skip: true}
	gaps := chart{title: "Free-energy gaps of the runs", x: "updates", y: "free energy (nats)"}
	for k, r := range runs {
		line, gap := series{name: r.Name, k: k}, series{name: r.Name, k: k}
		marks := series{name: r.Name, k: k, marks: true}
		for _, e := range r.History.Records {
			x := float64(e.Update)
			switch {
			case e.Valid != nil:
				line.points = append(line.points, point{x, *e.Valid, bound(e.ValidLow, -1), bound(e.ValidHigh, 1)})
			case e.Train != nil:
				line.points = append(line.points, point{x, *e.Train, bound(e.TrainLow, -1), bound(e.TrainHigh, 1)})
			}
			if e.LogLikelihood != nil {
				marks.points = append(marks.points, point{x, *e.LogLikelihood, bound(e.Low, -1), bound(e.High, 1)})
			}
			if e.FreeEnergyGap != nil {
				gap.points = append(gap.points, pointAt(x, *e.FreeEnergyGap))
			}
		}
		if len(line.points) > 0 {
			marks.name = r.Name + "*" // the line has the name without a star
		}
		likelihoods.series = append(likelihoods.series, line, marks)
		gaps.series = append(gaps.series, gap)
	}
	return show([]figure{
		{likelihoods.title, "Lines are validation rows, or training rows in records that have no estimate on validation rows. Points are evaluations with a long estimate of log Z, on the rows that the section of the run names; a star at the name tells them from a line of the same run. Runs on different rows are not comparable.", likelihoods.svg()},
		{gaps.title, "Free energy of training rows minus the free energy of validation rows; it falls as a model overfits.", gaps.svg()},
	})
}

// differences lists the settings that differ between runs.
func differences(runs []*Run) (list []difference) {
	var names []string
	values := make([]map[string]string, len(runs))
	for k, r := range runs {
		values[k] = map[string]string{}
		for _, f := range r.Facts {
			values[k][f.Name] = f.Value
			if !slices.Contains(names, f.Name) {
				names = append(names, f.Name)
			}
		}
	}
	for _, name := range names {
		d := difference{Name: name}
		for k := range runs {
			d.Values = append(d.Values, values[k][name])
		}
		if slices.ContainsFunc(d.Values, func(v string) bool { return v != d.Values[0] }) {
			list = append(list, d)
		}
	}
	return list
}
