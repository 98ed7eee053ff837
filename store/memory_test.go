package store

import (
	"bytes"
	"compress/gzip"
	"runtime/debug"
	"strings"
	"testing"
)

// TestDecodeOutOfMemory: a small file that unpacks to more than there is memory is refused.
func TestDecodeOutOfMemory(t *testing.T) {
	const size = 20 << 20 // memory.Check lets 16 MiB pass in any case
	var files [2]bytes.Buffer
	for i, head := range []string{"\x00\x00\x08\x02\x00\x00\x00\x3c\x00\x10\x00\x00", "0\n"} { // IDX and text
		z, _ := gzip.NewWriterLevel(&files[i], gzip.BestSpeed)
		z.Write([]byte(head))
		block := bytes.Repeat([]byte("0\n"), 1<<19)
		for range size / len(block) {
			z.Write(block)
		}
		z.Close()
	}
	t.Setenv("GOMEMLIMIT", "set")
	defer debug.SetMemoryLimit(debug.SetMemoryLimit(8 << 20))
	for i, what := range []string{"its array", "its table"} {
		f := files[i].Bytes()
		if _, err := Decode(bytes.NewReader(f), int64(len(f)), Options{}); err == nil || !strings.Contains(err.Error(), "out of memory: "+what+" needs about ") {
			t.Errorf("file %d of %d bytes: %v, want that %s needs more memory than is free", i, len(f), err, what)
		}
	}
}

// TestReadAllOutOfMemory: the content of a pipe or of a packed file, and a copy of an array, are refused too.
func TestReadAllOutOfMemory(t *testing.T) {
	long := bytes.NewReader(make([]byte, 20<<20))
	t.Setenv("GOMEMLIMIT", "set")
	defer debug.SetMemoryLimit(debug.SetMemoryLimit(8 << 20))
	if _, err := readAll(long, maxPiped); err == nil || !strings.Contains(err.Error(), "out of memory: the content needs about ") {
		t.Errorf("%v, want that the content needs more memory than is free", err)
	}
	wide := Table{Shape: []int{1, 20 << 20}, Bytes: make([]uint8, 20<<20)}
	if _, err := wide.lastFastest(); err == nil || !strings.Contains(err.Error(), "out of memory: a copy of its array needs about ") {
		t.Errorf("%v, want that a copy needs more memory than is free", err)
	}
	if got, err := readAll(strings.NewReader("0123"), 2); err != nil || string(got) != "012" {
		t.Errorf("got %q %v, want one byte beyond the limit", got, err)
	}
}
