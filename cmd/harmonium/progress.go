package main

import (
	"fmt"
	"io"
	"os"
	"time"

	"github.com/schollz/progressbar/v3"
	"golang.org/x/term"
)

// progress shows the progress of a command: as a bar on a terminal, else as lines.
type progress struct {
	w        io.Writer
	terminal bool
	bar      *progressbar.ProgressBar // nil between two stages, and without a terminal
}

func newProgress(w io.Writer) *progress {
	file, ok := w.(*os.File)
	return &progress{w: w, terminal: ok && term.IsTerminal(int(file.Fd()))}
}

// begin starts the bar of a stage of total steps.
func (p *progress) begin(total int, unit, description string) {
	p.end()
	if !p.terminal {
		return
	}
	p.bar = progressbar.NewOptions(total,
		progressbar.OptionSetWriter(p.w),
		progressbar.OptionSetDescription(description),
		progressbar.OptionSetItsString(unit),
		progressbar.OptionShowIts(),
		progressbar.OptionShowCount(),
		progressbar.OptionThrottle(100*time.Millisecond),
		progressbar.OptionSetWidth(20),
		progressbar.OptionClearOnFinish(),
	)
}

// set moves the bar, if there is one.
func (p *progress) set(done int) {
	if p.bar != nil {
		p.bar.Set(done)
	}
}

// say changes the description of the bar or, if there is none, prints a line.
func (p *progress) say(text string) {
	if p.bar != nil {
		p.bar.Describe(text)
		return
	}
	fmt.Fprintln(p.w, text)
}

// warn prints a line that stays.
func (p *progress) warn(text string) {
	if p.bar != nil {
		p.bar.Clear()
	}
	fmt.Fprintln(p.w, "warning: "+plainLine(text))
}

// end removes the bar.
func (p *progress) end() {
	if p.bar != nil {
		p.bar.Clear()
		p.bar = nil
	}
}

// stage returns a function that shows the progress of a stage. The caller of that function
// determines the number of steps.
func (p *progress) stage(unit, description string) func(done, total int) {
	begun := false
	return func(done, total int) {
		if !begun {
			p.begin(total, unit, description)
			begun = true
		}
		p.set(done)
	}
}

// stages is like stage for a series of tasks, each with its own description.
func (p *progress) stages(unit string) func(description string, done, total int) {
	var current string
	var last int
	return func(description string, done, total int) {
		if description != current || done < last {
			p.begin(total, unit, description)
		}
		current, last = description, done
		p.set(done)
	}
}
