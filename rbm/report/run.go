package report

// Run is what a page shows of one run. Only Name and History must be there.
type Run struct {
	Name    string
	State   State
	History *History
	Looks   *Looks     // nil if no model could be read
	LogZ    *Annealing // nil without a long estimate
	Command string     // that trains the same model
	Facts   []Fact
	Notes   []string // what the page leaves out, and why
	Stop    string   // name by which a live page can end the run; "" for no button
}

// Fact is a line of the settings of a run.
type Fact struct{ Name, Value string }
