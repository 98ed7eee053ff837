package main

import "regexp"

// row is a line of the table: the time of harmonium, and the time of another program or of
// harmonium with another setting.
type row struct {
	Name   string
	Ours   task
	Theirs []entry // the fastest counts; empty in a row with a limit
	Unit   string  // unit of the figures in the table
	Scale  float64 // factor from samples of Ours to Unit
	Target float64 // goal that was set for the ratio theirs/ours, at least; 0 is none
	Limit  float64 // goal that was set for the figure of Ours, in Unit, at most; 0 is none
}

// entry is a task to compare with. Its samples times Scale are in the Unit of the row.
type entry struct {
	task  task
	scale float64
}

const (
	perMicrosecond = 1e6
	perMegabyte    = 1e-6
)

// boundFlop is the work in flop per training row of an update by PCD-1 as dense products: six products of a row with
// the weights. harmonium makes five: three fields and the two products of the gradient.
const boundFlop = 6 * 2 * visible * hidden

// products are the sizes at which dense products are measured.
var products = []task{
	{Work: product, Batch: 500, Columns: 500},
	{Work: product, Batch: 1000, Columns: 1000},
}

func (t task) flop() float64 { return 2 * float64(t.Batch) * visible * float64(t.Columns) }

func pcd(library string, batch, steps int) task {
	return task{Library: library, Work: update, Batch: batch, Steps: steps}
}

// sequences is PCD on sequences of an alphabet (see sequences.go).
func sequences(library string, batch, steps, alphabet int) task {
	t := pcd(library, batch, steps)
	t.Alphabet = alphabet
	return t
}

// grey is PCD on grey levels as Gaussian visible units.
func grey(library string, batch, steps int) task {
	t := pcd(library, batch, steps)
	t.Gaussian = true
	return t
}

// These return the task with another setting; told sets the core type.

func (t task) centered() task            { t.Center = true; return t }
func (t task) with(threads int) task     { t.Threads = threads; return t }
func (t task) by(library string) task    { t.Library = library; return t }
func (t task) in(precision string) task  { t.Precision = precision; return t }
func (t task) told(coreType string) task { t.CoreType = coreType; return t }

// comparison lists the rows. The core type, if not empty, is a type that OpenBLAS does not choose
// by itself on this machine. A quick comparison leaves out long tasks.
func comparison(coreType string, quick bool) []row {
	rows := append(trainingRows(coreType), denseRows(coreType)...)
	if quick {
		return append(rows, limitRows(quickStride)...)
	}
	return append(append(rows, limitRows(0)...), commandRows()...)
}

// versus is a row of two tasks that are updates.
func versus(name string, ours, theirs task, target float64) row {
	return row{Name: name, Ours: ours, Theirs: []entry{{theirs, perMicrosecond}},
		Unit: "µs/sample", Scale: perMicrosecond, Target: target}
}

func trainingRows(coreType string) []row {
	ours := func(batch, steps int) task { return pcd(harmonium, batch, steps) }
	rows := []row{
		bound("PCD-1, batch 500, plain, vs 6·2·V·H flop at the dense rate", ours(500, 1), "", 1.8),
		bound("PCD-1, batch 500, centered, vs 6·2·V·H flop at the dense rate", ours(500, 1).centered(), "", 1.2),
		versus("PCD-1, batch 100, vs scikit-learn float32", ours(100, 1), pcd(sklearn, 100, 1), 5),
		versus("PCD-1, batch 100, vs scikit-learn float64", ours(100, 1), pcd(sklearn, 100, 1).in("float64"), 12),
		versus("PCD-1, batch 500, vs scikit-learn float32", ours(500, 1), pcd(sklearn, 500, 1), 0),
		versus("PCD-1, batch 500, vs scikit-learn float64", ours(500, 1), pcd(sklearn, 500, 1).in("float64"), 0),
		versus("PCD-1, batch 100, vs PyTorch", ours(100, 1), pcd(torch, 100, 1), 0),
		versus("PCD-1, batch 500, vs PyTorch", ours(500, 1), pcd(torch, 500, 1), 3.5),
		versus("PCD-1, batch 2000, vs PyTorch", ours(2000, 1), pcd(torch, 2000, 1), 0),
		versus("PCD-10, batch 500, vs PyTorch", ours(500, 10), pcd(torch, 500, 10), 5),
		versus("PCD-1, batch 500, vs stock Gorgonia", ours(500, 1), pcd(gorgonia, 500, 1), 20),
		versus("PCD-10, batch 500, 53 sites of 21 categories by 100 units, vs PyTorch", sequences(harmonium, 500, 10, 21),
			sequences(torch, 500, 10, 21), 4),
		versus("PCD-1, batch 500, Gaussian visible units, vs PyTorch", grey(harmonium, 500, 1), grey(torch, 500, 1), 1),
		versus("PCD-1, batch 500, all threads vs one", ours(500, 1), ours(500, 1).with(1), 1.8),
		versus("PCD-1, batch 500, CGO_ENABLED=0, vs stock Gorgonia", pcd(pureGo, 500, 1), pcd(gorgonia, 500, 1), 2),
	}
	if coreType == "" {
		return rows
	}
	told := "OpenBLAS told " + coreType + ": "
	return append(rows,
		bound(told+"PCD-1, batch 500, plain, vs 6·2·V·H flop at the dense rate", ours(500, 1), coreType, 0),
		bound(told+"PCD-1, batch 500, centered, vs 6·2·V·H flop at the dense rate", ours(500, 1).centered(), coreType, 0),
		versus(told+"PCD-1, batch 100, vs scikit-learn float32", ours(100, 1), pcd(sklearn, 100, 1).told(coreType), 0),
		versus(told+"PCD-1, batch 500, vs PyTorch", ours(500, 1), pcd(torch, 500, 1).told(coreType), 0),
		versus(told+"PCD-10, batch 500, vs PyTorch", ours(500, 10), pcd(torch, 500, 10).told(coreType), 0),
	)
}

// bound is a row against boundFlop at the best dense rate of the run, of OpenBLAS or of
// harmonium.
func bound(name string, ours task, coreType string, target float64) row {
	r := row{Name: name, Ours: ours, Unit: "µs/sample", Scale: perMicrosecond, Target: target}
	for _, p := range products {
		scale := boundFlop / p.flop() * perMicrosecond
		r.Theirs = append(r.Theirs, entry{p.by(numpy).told(coreType), scale}, entry{p.by(harmonium), scale})
	}
	return r
}

func denseRows(coreType string) []row {
	names := []string{"dense product 500x784x500, vs OpenBLAS sgemm", "dense product 1000x784x1000, vs OpenBLAS sgemm"}
	var rows []row
	for i, p := range products {
		rows = append(rows, row{Name: names[i], Ours: p.by(harmonium), Theirs: []entry{{p.by(numpy), perMicrosecond}},
			Unit: "µs", Scale: perMicrosecond, Target: 0.7})
	}
	if coreType == "" {
		return rows
	}
	for i, p := range products {
		rows = append(rows, row{Name: "OpenBLAS told " + coreType + ": " + names[i], Ours: p.by(harmonium),
			Theirs: []entry{{p.by(numpy).told(coreType), perMicrosecond}}, Unit: "µs", Scale: perMicrosecond})
	}
	return rows
}

// quickStride is the stride between the inverse temperatures of a quick comparison, which
// extrapolates the time for all of them.
const quickStride = 50

func limitRows(stride int) []row {
	anneal := task{Library: harmonium, Work: annealing, Batch: 100, Stride: stride}
	const units = annealingRuns * 14500 // steps between 14,501 betas, of all runs
	return []row{
		{Name: "AIS, 100 runs x 14,501 betas, plain model", Ours: anneal, Unit: "s", Scale: units, Limit: 20},
		{Name: "AIS, 100 runs x 14,501 betas, centered model", Ours: anneal.centered(), Unit: "s", Scale: units, Limit: 20},
		{Name: "memory: resident at most in a run on MNIST", Ours: task{Library: harmonium, Work: peakMemory},
			Unit: "MB", Scale: perMegabyte, Limit: 600},
		{Name: "memory: added by PCD with batch and chains 500", Ours: task{Library: harmonium, Work: pcdMemory, Batch: 500},
			Unit: "MB", Scale: perMegabyte, Limit: 64},
	}
}

func commandRows() []row {
	return []row{
		{Name: "go run ./cmd/harmonium train: to the test log-likelihood", Ours: task{Library: harmonium, Work: command},
			Unit: "s", Scale: 1, Limit: 90},
		{Name: "go run ./cmd/harmonium train: minus the test log-likelihood", Ours: task{Library: harmonium, Work: commandLoss},
			Unit: "nats", Scale: 1, Limit: 100},
	}
}

// matching returns the rows whose names an expression matches.
func matching(rows []row, only *regexp.Regexp) []row {
	var some []row
	for _, r := range rows {
		if only.MatchString(r.Name) {
			some = append(some, r)
		}
	}
	return some
}

// tasks lists the tasks of the rows, each once, in the order of the rows.
func tasks(rows []row) []task {
	var list []task
	seen := map[task]bool{}
	add := func(t task) {
		if !seen[t] {
			seen[t] = true
			list = append(list, t)
		}
	}
	for _, r := range rows {
		add(r.Ours)
		for _, e := range r.Theirs {
			add(e.task)
		}
	}
	return list
}
