package report

import (
	"fmt"
	"io"
	"strings"
	"testing"
)

// historyOf reads metrics in pieces of a few bytes.
func historyOf(t *testing.T, text string) *History {
	t.Helper()
	h := &History{}
	if _, err := io.CopyBuffer(struct{ io.Writer }{NewLines(h)}, struct{ io.Reader }{strings.NewReader(text)}, make([]byte, 7)); err != nil {
		t.Fatal(err)
	}
	return h
}

// Damaged lines are counted, a torn last line is left out, and so are lines that go back.
func TestHistoryReads(t *testing.T) {
	for _, c := range []struct {
		text             string
		records, damaged int
	}{
		{"", 0, 0},
		{`{"update":1}`, 0, 0}, // torn
		{`{"update":1}` + "\n", 1, 0},
		{`{"update":1}` + "\n" + `{"update":2}` + "\n" + `{"upd`, 2, 0},
		{"null\n[]\n{\n\n", 1, 3}, // null is a record without a field
		{`{"update":1e999}` + "\n" + `{"update":-1}` + "\n" + `{"update":1.5}` + "\n", 0, 3},
		{`{"update":5}` + "\n" + `{"update":4}` + "\n" + `{"update":5}` + "\n", 2, 1},
		{`{"update":1,"warnings":"` + strings.Repeat("x", longestLine) + `"}` + "\n" + `{"update":2}` + "\n", 1, 1},
		{`{"update":1,"log_likelihood_train":"high"}` + "\n", 0, 1},
	} {
		h := historyOf(t, c.text)
		if len(h.Records) != c.records || h.Damaged != c.damaged {
			t.Errorf("%.60q: %d records and %d damaged, want %d and %d", c.text, len(h.Records), h.Damaged, c.records, c.damaged)
		}
	}
}

// A history of any length is bounded, and keeps its ends, its evaluations and its warnings.
func TestHistoryIsBounded(t *testing.T) {
	h := &History{}
	const lines = 5 * keptRecords
	for i := range lines {
		more := ""
		if i == 1001 {
			more = `,"log_likelihood":-3,"split":"test"`
		}
		if i == 2001 {
			more = `,"warnings":["w"]`
		}
		h.Add(fmt.Appendf(nil, `{"update":%d%s}`, i, more))
	}
	if n := len(h.Records); n >= keptRecords || n < keptRecords/2 {
		t.Errorf("%d records of %d lines, want from %d to %d", n, lines, keptRecords/2, keptRecords)
	}
	if h.Records[0].Update != 0 || h.Last().Update != lines-1 || len(h.with((*Record).evaluated)) != 1 || len(h.warnings()) != 1 {
		t.Errorf("from %d to %d with %d evaluations and %d warnings, want from 0 to %d with one of each",
			h.Records[0].Update, h.Last().Update, len(h.with((*Record).evaluated)), len(h.warnings()), lines-1)
	}
}

// A ladder of more inverse temperatures than are listed keeps its round trips.
func TestTemperatures(t *testing.T) {
	h := historyOf(t, `{"update":1,"ladder":{"betas":[1`+strings.Repeat(",0.5", 30)+`],"round_trips":2}}`+"\n")
	want := " Inverse temperatures: 1" + strings.Repeat(" 0.5", 29) + " …. Round trips of a replica so far: 2 on average."
	if got := h.temperatures(); got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

// The memory of long lines is bounded too.
func TestHistoryBoundsBytes(t *testing.T) {
	h := &History{}
	for update := range keptBytes/longestLine + 50 {
		h.keep(Record{Update: update, Warnings: []string{"w"}, size: longestLine})
	}
	var sum int
	for _, r := range h.Records {
		sum += r.size
	}
	if h.bytes >= keptBytes || h.bytes != sum || len(h.Records) < 2 || h.Last().Update != keptBytes/longestLine+49 {
		t.Errorf("%d bytes of %d records that have %d, want less than %d", h.bytes, len(h.Records), sum, keptBytes)
	}
}
