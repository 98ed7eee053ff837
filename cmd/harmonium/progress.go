package main

import (
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"golang.org/x/term"
)

// progress shows the progress of a command: on a terminal as lines that stay above a bar, else as
// lines.
type progress struct {
	w       io.Writer
	columns func() int // width of the terminal; nil without one
	now     func() time.Time
	bar     *bar // nil between two stages, and without a terminal
	shown   bool // the bar stands in the last line of the terminal
}

// redrawEvery is the shortest time between two drawings of a bar: it moves smoothly, and drawing costs little.
const redrawEvery = 100 * time.Millisecond

func newProgress(w io.Writer) *progress {
	p := &progress{w: w, now: time.Now}
	if file, ok := w.(*os.File); ok && term.IsTerminal(int(file.Fd())) {
		p.columns = func() int { return widthOf(file) }
	}
	return p
}

// widthOf returns the number of columns of a terminal as it is now.
func widthOf(terminal *os.File) int {
	if columns, _, err := term.GetSize(int(terminal.Fd())); err == nil && columns > 0 {
		return columns
	}
	return 80
}

// begin starts the bar of a stage of total steps.
func (p *progress) begin(total int, unit, description string) {
	p.end()
	if p.columns != nil {
		p.bar = &bar{total: total, unit: unit, description: escaped(description)}
	}
}

// set moves the bar, if there is one.
func (p *progress) set(done int) {
	if p.bar == nil {
		return
	}
	now := p.now()
	p.bar.move(done, now)
	if now.Sub(p.bar.redrawn) >= redrawEvery {
		p.bar.redrawn = now
		p.erase()
		p.draw()
	}
}

// say prints a line that stays, above the bar.
func (p *progress) say(text string) {
	p.erase()
	fmt.Fprintln(p.w, escaped(text))
	p.draw()
}

// warn prints a warning that stays.
func (p *progress) warn(text string) { p.say("warning: " + plainLine(text)) }

// end removes the bar.
func (p *progress) end() {
	p.erase()
	p.bar = nil
}

// erase removes the bar from the terminal, and all that the terminal has wrapped it to if it has become
// narrower.
func (p *progress) erase() {
	if p.shown {
		fmt.Fprint(p.w, "\r\x1b[J") // to the start of the line, and clear all that follows
	}
	p.shown = false
}

// draw draws the bar below all lines. It leaves the last column free, since terminals differ in whether they wrap a
// full line at once. The cursor stays at the start of the bar, also when the terminal is resized and wraps it.
func (p *progress) draw() {
	if p.bar == nil {
		return
	}
	fmt.Fprint(p.w, p.bar.line(p.columns()-1, p.now()), "\r")
	p.shown = true
}

// bar is the progress of a stage.
type bar struct {
	total, done       int
	first             int // steps done when the bar moved first, by an earlier process of the run
	unit, description string
	began, redrawn    time.Time // when the bar moved first, and when it was drawn last
	moved             bool
}

// move records the number of steps done.
func (b *bar) move(done int, now time.Time) {
	if !b.moved {
		b.moved, b.first, b.began = true, done, now
	}
	b.done = done
}

// line returns the bar in at most width characters: "training  45% ████░░░░ 450/1000 updates, 200/s, 3s
// left". It leaves out parts that have no room, the time left last.
func (b *bar) line(width int, now time.Time) string {
	share := float64(b.done) / float64(max(b.total, 1))
	head := fmt.Sprintf("%s %3.0f%% ", b.description, 100*share)
	tail := ""
	for _, tail = range b.tails(now) {
		if len([]rune(head))+len([]rune(tail)) <= width {
			break
		}
	}
	const least, most = 5, 30 // cells of a bar: fewer show nothing, more say no more
	if cells := min(width-len([]rune(head))-len([]rune(tail)), most); cells >= least {
		full := min(int(share*float64(cells)), cells)
		head += strings.Repeat("█", full) + strings.Repeat("░", cells-full)
	}
	line := []rune(head + tail)
	return string(line[:max(0, min(len(line), width))])
}

// tails returns the texts that may stand behind a bar, the longest first. The last one is empty.
func (b *bar) tails(now time.Time) []string {
	count := fmt.Sprintf(" %d/%d", b.done, b.total)
	passed := now.Sub(b.began).Seconds()
	if passed <= 0 || b.done <= b.first {
		return []string{count + " " + b.unit, count, ""}
	}
	speed := float64(b.done-b.first) / passed
	left := time.Duration(float64(b.total-b.done) / speed * float64(time.Second)).Round(time.Second)
	return []string{
		fmt.Sprintf("%s %s, %.3g/s, %s left", count, b.unit, speed, left), fmt.Sprintf("%s, %s left", count, left), fmt.Sprintf(" %s left", left), "",
	}
}

// stage returns a function that shows the progress of a stage. Its first call gives the total number of steps.
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

// stages is like stage for a series of tasks. A task begins with a new description, or with fewer steps done than
// before.
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
