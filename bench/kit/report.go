package main

import (
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"harmonium/rbm/estimate"
	"harmonium/store"
)

// report is kit.json.
type report struct {
	Date     time.Time `json:"date"`
	Manifest manifest  `json:"kit"`
	Quick    bool      `json:"quick"`
	Machine  machine   `json:"machine"`
	Seconds  float64   `json:"seconds"`
	Results  []result  `json:"results"`
}

// write writes kit.json and kit.md. It returns an error if a step failed.
func (r report) write(folder string) error {
	text, err := json.MarshalIndent(r, "", "\t")
	if err != nil {
		return err
	}
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return err
	}
	for name, content := range map[string]string{"kit.json": string(text) + "\n", "kit.md": r.page()} {
		err := store.WriteAtomic(filepath.Join(folder, name), func(w io.Writer) error {
			_, err := io.WriteString(w, content)
			return err
		})
		if err != nil {
			return err
		}
	}
	fmt.Println("results:", filepath.Join(folder, "kit.md"), "and kit.json")
	var faults []string
	for _, s := range r.Results {
		if s.Status == failed {
			faults = append(faults, s.Name)
		}
	}
	if len(faults) > 0 {
		return fmt.Errorf("failed: %s", strings.Join(faults, ", "))
	}
	return nil
}

// page returns kit.md.
func (r report) page() string {
	var p strings.Builder
	fmt.Fprintf(&p, "# harmonium on %s\n\n", r.Machine.Card)
	fmt.Fprintf(&p, "%s, commit %s, %s. %d processors (%s), Linux %s. PyTorch: %s. %.0f s in all.\n\n", r.Date.Format(time.DateOnly),
		r.Manifest.Commit, r.Manifest.Go, r.Machine.Processors, r.Machine.Processor, r.Machine.Kernel,
		cmp.Or(r.Machine.Torch, "none"), r.Seconds)
	if r.Quick {
		p.WriteString("A quick run: its times say nothing.\n\n")
	}
	p.WriteString("| step | | seconds | |\n|---|---|---|---|\n")
	for _, s := range r.Results {
		fmt.Fprintf(&p, "| %s | %s | %.1f | %s |\n", s.Name, s.Status, s.Seconds, cell(s.Why))
	}
	for _, name := range r.sections() {
		r.section(&p, name)
	}
	return p.String()
}

// sections returns the sections that have figures, each once.
func (r report) sections() []string {
	var names []string
	for _, s := range r.Results {
		if s.Section != "" && len(s.Figures) > 0 && !slices.Contains(names, s.Section) {
			names = append(names, s.Section)
		}
	}
	return names
}

// section writes the table of a section. It has a row for each case and a column for each unit, with the median over
// the steps of the section. The table of launches has a row for each launch and a column for each case.
func (r report) section(w io.Writer, name string) {
	t := table{values: map[[2]string][]float64{}}
	for _, s := range r.Results {
		for _, f := range s.Figures {
			for unit, value := range f.Values {
				switch {
				case s.Section != name, name == updatesSection && !r.concerns(unit):
				case name == launchesSection:
					t.add(unit, f.Name, value)
				default:
					t.add(f.Name, unit, value)
				}
			}
		}
	}
	if name == launchesSection {
		slices.Sort(t.rows) // by the number of the launch
	} else {
		slices.Sort(t.columns)
	}
	fmt.Fprintf(w, "\n## %s\n\n| | %s |\n|---|%s\n", name, strings.Join(t.columns, " | "), strings.Repeat("---|", len(t.columns)))
	for _, row := range t.rows {
		fmt.Fprintf(w, "| %s |", row)
		for _, column := range t.columns {
			text := ""
			if values := t.values[[2]string{row, column}]; len(values) > 0 {
				text = fmt.Sprintf("%.4g", estimate.Median(values))
				if name == launchesSection {
					text += fmt.Sprintf(" (%.0f %%)", 100*estimate.Median(values)/t.sum(column))
				}
			}
			fmt.Fprintf(w, " %s |", text)
		}
		fmt.Fprintln(w)
	}
}

// concerns reports whether the page of this machine shows a unit. A unit such as xH100, an x and the name of
// a card, is the ratio of a time to the one predicted for that card (bench/gpu.md); the page shows only the
// ratios for the card of this machine. It shows all other units.
func (r report) concerns(unit string) bool {
	card, isRatio := strings.CutPrefix(unit, "x")
	return !isRatio || strings.Contains(strings.ReplaceAll(r.Machine.Card, " ", ""), card)
}

// table holds the values of each cell of a section, by row and column. rows and columns are in the order in
// which they were added.
type table struct {
	rows, columns []string
	values        map[[2]string][]float64
}

// add adds a value to a cell, which has one value from each step of its section.
func (t *table) add(row, column string, value float64) {
	if !slices.Contains(t.rows, row) {
		t.rows = append(t.rows, row)
	}
	if !slices.Contains(t.columns, column) {
		t.columns = append(t.columns, column)
	}
	t.values[[2]string{row, column}] = append(t.values[[2]string{row, column}], value)
}

// sum returns the sum of the medians of a column.
func (t *table) sum(column string) float64 {
	var sum float64
	for _, row := range t.rows {
		if values := t.values[[2]string{row, column}]; len(values) > 0 {
			sum += estimate.Median(values)
		}
	}
	return sum
}

// cell makes a text fit into a table.
func cell(text string) string { return strings.NewReplacer("|", "/", "\n", " ").Replace(text) }
