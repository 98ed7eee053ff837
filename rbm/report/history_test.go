package report

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"
)

// historyOf reads metrics in pieces of 7 bytes, so that each record arrives in several.
func historyOf(t *testing.T, text string) *History {
	t.Helper()
	h := &History{}
	// The structs hide the methods ReadFrom and WriteTo, which would copy without the buffer.
	to, from := struct{ io.Writer }{NewLines(h)}, struct{ io.Reader }{strings.NewReader(text)}
	if _, err := io.CopyBuffer(to, from, make([]byte, 7)); err != nil {
		t.Fatal(err)
	}
	return h
}

// TestHistoryReads: lines that are no records are counted as damaged, and a last line without a newline is left out
// and not counted.
func TestHistoryReads(t *testing.T) {
	for _, c := range []struct {
		name             string
		lines            []string
		records, damaged int
	}{
		{"nothing", nil, 0, 0},
		{"no newline", []string{`{"update":1}`}, 0, 0},
		{"one record", []string{`{"update":1}`, ""}, 1, 0},
		{"torn end", []string{`{"update":1}`, `{"update":2}`, `{"upd`}, 2, 0},
		{"null, which is a record without a field, and no objects", []string{"null", "[]", "{", "", ""}, 1, 3},
		{"no update", []string{`{"update":1e999}`, `{"update":-1}`, `{"update":1.5}`, ""}, 0, 3},
		{"back to an earlier update", []string{`{"update":5}`, `{"update":4}`, `{"update":5}`, ""}, 2, 1},
		{"too long", []string{`{"update":1,"warnings":["` + strings.Repeat("x", longestLine) + `"]}`, `{"update":2}`, ""}, 1, 1},
		{"a word for a number", []string{`{"update":1,"log_likelihood_train":"high"}`, ""}, 0, 1},
	} {
		h := historyOf(t, strings.Join(c.lines, "\n"))
		if len(h.Records) != c.records || h.Damaged != c.damaged {
			t.Errorf("%s: %d records and %d damaged, want %d and %d", c.name, len(h.Records), h.Damaged, c.records, c.damaged)
		}
	}
}

// TestHistoryIsBounded: a history of any length is bounded, and keeps its ends, its evaluations and its warnings.
func TestHistoryIsBounded(t *testing.T) {
	h := &History{}
	const lines = 5 * keptRecords
	for i := range lines {
		more := ""
		switch i { // odd, so that thinning would drop them
		case 1001:
			more = `,"log_likelihood":-3,"split":"test"`
		case 2001:
			more = `,"warnings":["w"]`
		}
		h.Add(fmt.Appendf(nil, `{"update":%d%s}`, i, more))
	}
	if n := len(h.Records); n >= keptRecords || n < keptRecords/2 {
		t.Errorf("%d records of %d lines, want from %d to %d", n, lines, keptRecords/2, keptRecords)
	}
	if first, last := h.Records[0].Update, h.Last().Update; first != 0 || last != lines-1 {
		t.Errorf("from update %d to %d, want from 0 to %d", first, last, lines-1)
	}
	if evaluations, warnings := len(h.with((*Record).evaluated)), len(h.warnings()); evaluations != 1 || warnings != 1 {
		t.Errorf("%d evaluations and %d warnings, want one of each", evaluations, warnings)
	}
}

// TestWarningsOnce: each warning is listed once, with its first update, also one with which another ends.
func TestWarningsOnce(t *testing.T) {
	h := historyOf(t, `{"update":1,"warnings":["rate: high"]}`+"\n"+`{"update":2,"warnings":["high","rate: high"]}`+"\n")
	if got, want := h.warnings(), []string{"Update 1: rate: high", "Update 2: high"}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

// TestTemperatures: of a ladder of 31 inverse temperatures the first 30 are listed, with the round trips.
func TestTemperatures(t *testing.T) {
	h := historyOf(t, `{"update":1,"ladder":{"betas":[1`+strings.Repeat(",0.5", 30)+`],"round_trips":2}}`+"\n")
	want := " Inverse temperatures: 1" + strings.Repeat(" 0.5", 29) + " …. Round trips of a replica so far: 2 on average."
	if got := h.temperatures(); got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

// TestHistoryBoundsBytes: few but long lines are bounded by their bytes, and warnings do not save them.
func TestHistoryBoundsBytes(t *testing.T) {
	h := &History{}
	const lines = keptBytes/longestLine + 50 // 50 more than fit
	for update := range lines {
		h.keep(Record{Update: update, Warnings: []string{"w"}, size: longestLine})
	}
	var sum int
	for _, r := range h.Records {
		sum += r.size
	}
	if h.bytes != sum || sum >= keptBytes {
		t.Errorf("the records have %d bytes, counted as %d, want the same and less than %d", sum, h.bytes, keptBytes)
	}
	if n, last := len(h.Records), h.Last().Update; n < 2 || last != lines-1 {
		t.Errorf("%d records to update %d, want at least 2, to %d", n, last, lines-1)
	}
}
