package main

import (
	"encoding/csv"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"text/tabwriter"
)

// print writes the comparison as a table of Markdown or, with explanations, of text.
func (c *comparison) print(w io.Writer, markdown bool) error {
	if markdown {
		return c.printMarkdown(w)
	}
	var text strings.Builder
	table := tabwriter.NewWriter(&text, 0, 0, 2, ' ', 0)
	for _, line := range c.lines() {
		fmt.Fprintln(table, strings.Join(line, "\t"))
	}
	table.Flush()
	for line := range strings.Lines(text.String()) {
		fmt.Fprintln(w, strings.TrimRight(line, " \n"))
	}
	for _, m := range c.Models {
		if text := refutation(m.LogZRefuted, m.LogZ); text != "" {
			fmt.Fprintf(w, "%s: %s\n", m.Name, text)
		}
	}
	c.printMissing(w)
	if c.otherRows() {
		fmt.Fprintln(w, "no difference where a model has other rows than the first: "+
			"a share such as --test 0.2 is drawn by the seed, a file is the same for all")
	}
	_, err := fmt.Fprintln(w, "nats a row; (a to b): interval that log Z leaves; "+
		"±: standard error over the rows, of a difference over pairs of rows")
	return err
}

// printMarkdown writes the table in Markdown.
func (c *comparison) printMarkdown(w io.Writer) error {
	lines := c.lines()
	rule := slices.Repeat([]string{"---"}, len(lines[0]))
	for _, line := range slices.Insert(lines, 1, rule) {
		for i := range line {
			line[i] = strings.ReplaceAll(line[i], "|", `\|`)
		}
		if _, err := fmt.Fprintf(w, "| %s |\n", strings.Join(line, " | ")); err != nil {
			return err
		}
	}
	return nil
}

// printMissing writes a line for each model and each part of its data with missing cells.
func (c *comparison) printMissing(w io.Writer) {
	for _, m := range c.Models {
		for _, name := range parts {
			if p := m.Parts[name]; p != nil && p.Missing != nil {
				fmt.Fprintf(w, "%s, %s: ", m.Name, name)
				p.Missing.print(w)
			}
		}
	}
}

// otherRows reports whether a model has a part with other rows than the first model.
func (c *comparison) otherRows() bool {
	first := c.Models[0]
	return slices.ContainsFunc(c.Models[1:], func(m *contender) bool {
		return slices.ContainsFunc(parts, func(name string) bool {
			return first.Parts[name] != nil && m.Parts[name] != nil && m.Parts[name].Difference == nil
		})
	})
}

// lines returns the cells of the table, the names of the columns first.
func (c *comparison) lines() [][]string {
	head := slices.Concat([]string{"model"}, c.Settings, []string{"updates", "seconds"})
	for _, name := range parts {
		if c.parted(name) {
			head = append(head, name)
			if len(c.Models) > 1 {
				head = append(head, name+" minus the first")
			}
		}
	}
	lines := [][]string{append(head, "log Z by")}
	for _, m := range c.Models {
		line := []string{m.Name}
		for _, key := range c.Settings {
			line = append(line, orDash(m.Settings[key]))
		}
		seconds := "-"
		if m.Seconds != nil {
			seconds = strconv.FormatFloat(*m.Seconds, 'f', 1, 64)
		}
		line = append(line, strconv.Itoa(m.Updates), seconds)
		for _, name := range parts {
			if c.parted(name) {
				line = append(line, m.Parts[name].String())
				if len(c.Models) > 1 {
					line = append(line, m.Parts[name].difference())
				}
			}
		}
		method := m.Method
		if m.Recorded {
			method += ", by the run"
		}
		lines = append(lines, append(line, method))
	}
	if c.Spread != nil {
		lines = append(lines,
			c.spreadLine("mean", func(s *spread) float64 { return s.Mean }),
			c.spreadLine("standard deviation", func(s *spread) float64 { return s.Deviation }))
	}
	return lines
}

// spreadLine returns a last line of the table: a value of the spread over all models, for each part.
func (c *comparison) spreadLine(name string, value func(*spread) float64) []string {
	line := append([]string{name}, slices.Repeat([]string{""}, len(c.Settings)+2)...) // 2: updates, seconds
	for _, part := range parts {
		if !c.parted(part) {
			continue
		}
		cell := "-"
		if s := c.Spread[part]; s != nil {
			cell = fmt.Sprintf("%.3f", value(s))
		}
		if line = append(line, cell); len(c.Models) > 1 {
			line = append(line, "")
		}
	}
	return append(line, "")
}

// String formats a log-likelihood with its interval and standard error.
func (p *likelihoodOfPart) String() string {
	if p == nil {
		return "-"
	}
	text := fmt.Sprintf("%.3f%s ± %.3f", p.LogLikelihood, interval(p.Low, p.High, 3), p.StandardError)
	if p.Weighted {
		text = fmt.Sprintf("weighted %s, plain %.3f", text, *p.Plain)
	}
	return text
}

// difference formats the difference to the first model.
func (p *likelihoodOfPart) difference() string {
	if p == nil || p.Difference == nil {
		return "-"
	}
	d := p.Difference
	return fmt.Sprintf("%+.3f%s ± %.3f", d.Mean, interval(d.Low, d.High, 3), d.StandardError)
}

func orDash(text string) string {
	if text == "" {
		return "-"
	}
	return text
}

// partColumns name the numbers of a part in a CSV file, as likelihoodOfPart.cells returns them.
var partColumns = []string{"rows", "log_likelihood", "log_likelihood_low", "log_likelihood_high", "standard_error",
	"difference", "difference_standard_error", "difference_low", "difference_high"}

// writeCSV writes a line for each model with all numbers in full.
func (c *comparison) writeCSV(w io.Writer) error {
	table := csv.NewWriter(w)
	head := slices.Concat([]string{"model", "file"}, c.Settings,
		[]string{"updates", "seconds", "method", "log_z", "log_z_low", "log_z_high"})
	for _, name := range parts {
		if c.parted(name) {
			for _, column := range partColumns {
				head = append(head, name+"_"+column)
			}
			if c.weighted(name) {
				head = append(head, name+"_log_likelihood_plain")
			}
		}
	}
	table.Write(head)
	for _, m := range c.Models {
		line := []string{m.Name, m.File}
		for _, key := range c.Settings {
			line = append(line, m.Settings[key])
		}
		line = append(line, strconv.Itoa(m.Updates), number(m.Seconds), m.Method, number(&m.LogZ), number(m.LogZLow),
			number(m.LogZHigh))
		for _, name := range parts {
			if c.parted(name) {
				line = append(line, m.Parts[name].cells()...)
				if c.weighted(name) {
					line = append(line, m.Parts[name].plain())
				}
			}
		}
		table.Write(line)
	}
	table.Flush()
	return table.Error()
}

// cells returns the numbers of a part in the order of partColumns. Missing ones are empty.
func (p *likelihoodOfPart) cells() []string {
	cells := make([]string, len(partColumns))
	if p == nil {
		return cells
	}
	own := []string{strconv.Itoa(p.Rows), number(&p.LogLikelihood), number(p.Low), number(p.High), number(&p.StandardError)}
	copy(cells, own)
	if d := p.Difference; d != nil {
		copy(cells[len(own):], []string{number(&d.Mean), number(&d.StandardError), number(d.Low), number(d.High)})
	}
	return cells
}

// plain formats the log-likelihood in which each row counts once. It is empty for rows without weights.
func (p *likelihoodOfPart) plain() string {
	if p == nil {
		return ""
	}
	return number(p.Plain)
}

// number formats a number in full; a missing one is empty.
func number(x *float64) string {
	if x == nil {
		return ""
	}
	return strconv.FormatFloat(*x, 'g', -1, 64)
}
