package main

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"
)

// screen is a terminal for what progress prints: characters, line feeds, carriage returns and
// clearing all that follows. It wraps long lines, and wraps them anew when it is resized.
type screen struct {
	columns int
	lines   [][]rune // as written, before they are wrapped
	at      int      // place of the cursor in the last line
	t       *testing.T
}

func (s *screen) Write(p []byte) (int, error) {
	text := string(p)
	for i, r := range text {
		last := len(s.lines) - 1
		switch {
		case r == '\x1b':
			if !strings.HasPrefix(text[i:], clearing) {
				s.t.Fatalf("unknown sequence in %q", text)
			}
			s.lines[last] = s.lines[last][:s.at]
		case i > 0 && strings.HasPrefix(text[i-1:], clearing) || i > 1 && strings.HasPrefix(text[i-2:], clearing):
			// the rest of clearing
		case r == '\n':
			s.lines, s.at = append(s.lines, nil), 0
		case r == '\r':
			s.at -= s.at % s.columns // of the wrapped row
		default:
			s.lines[last] = append(append(s.lines[last][:s.at:s.at], r), s.lines[last][min(s.at+1, len(s.lines[last])):]...)
			s.at++
		}
	}
	return len(p), nil
}

// clearing is the sequence that clears all from the cursor on.
const clearing = "\x1b[J"

// text returns the lines on the screen.
func (s *screen) text() []string {
	var lines []string
	for _, line := range s.lines {
		lines = append(lines, string(line))
	}
	return lines
}

// TestProgressFits: at any width, and when it changes, each printed line stays as it is above one bar that takes one
// row.
func TestProgressFits(t *testing.T) {
	for _, widths := range [][]int{{40}, {80}, {140}, {140, 40, 80}, {80, 20, 140}, {10, 5, 3}} {
		s := &screen{columns: widths[0], lines: make([][]rune, 1), t: t}
		clock := time.Unix(0, 0)
		p := &progress{w: s, columns: func() int { return s.columns }, now: func() time.Time { return clock }}
		var printed []string
		check := func(done int) {
			got := s.text()
			bar := got[len(got)-1]
			if want := append(slices.Clone(printed), bar); !slices.Equal(got, want) {
				t.Errorf("widths %v, after %d steps:\n%s\nwant:\n%s", widths, done, strings.Join(got, "\n"), strings.Join(want, "\n"))
			}
			if n := len([]rune(bar)); n >= s.columns || n == 0 {
				t.Errorf("widths %v, after %d steps: the bar has %d of %d columns: %q", widths, done, n, s.columns, bar)
			}
		}
		p.begin(5000, "updates", "training")
		for i, width := range widths {
			s.columns = width
			for k := range 50 {
				clock = clock.Add(60 * time.Millisecond)
				done := 50*i + k + 1
				p.set(done)
				if k == 20 {
					line := fmt.Sprintf("epoch %d: a line that is longer than every terminal here: ", i) + strings.Repeat("words ", 20)
					printed = append(printed, line)
					p.say(line)
				}
				if k > 2 { // over 100 ms have passed, so that the bar has been redrawn in the new width
					check(done)
				}
			}
		}
		p.begin(100, "steps", "sampling")
		p.set(7)
		check(7)
		p.end()
		if got, want := s.text(), append(printed, ""); !slices.Equal(got, want) {
			t.Errorf("widths %v, at the end:\n%s\nwant:\n%s", widths, strings.Join(got, "\n"), strings.Join(want, "\n"))
		}
	}
}

// TestBarLine: a bar leaves out the parts that there is no room for, the time left last. After 200 steps of 1000 by an
// earlier process, 250 more in 5 s are 50 a second, and the other 550 take 11 s.
func TestBarLine(t *testing.T) {
	start := time.Unix(0, 0)
	b := &bar{total: 1000, unit: "updates", description: "training"}
	b.move(200, start)
	b.move(450, start.Add(5*time.Second))
	for width, want := range map[int]string{
		80: "training  45% █████████████░░░░░░░░░░░░░░░░░ 450/1000 updates, 50/s, 11s left",
		60: "training  45% █████░░░░░░░░ 450/1000 updates, 50/s, 11s left",
		40: "training  45% ███░░░░ 450/1000, 11s left",
		33: "training  45%  450/1000, 11s left",
		25: "training  45%  11s left",
		7:  "trainin",
		0:  "",
	} {
		if got := b.line(width, start.Add(5*time.Second)); got != want {
			t.Errorf("in %d columns: %q, want %q", width, got, want)
		}
	}
}

// TestProgressWithoutTerminal: without a terminal there are lines and no bar, and control characters are escaped.
func TestProgressWithoutTerminal(t *testing.T) {
	var b strings.Builder
	p := newProgress(&b)
	p.begin(10, "steps", "sampling")
	p.set(5)
	p.say("one")
	p.warn("two\x1b[2J")
	p.end()
	if got, want := b.String(), "one\nwarning: two\\u001b[2J\n"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}
