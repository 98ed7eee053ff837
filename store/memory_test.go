package store

import (
	"bytes"
	"compress/gzip"
	"runtime/debug"
	"strings"
	"testing"
)

// tooLarge is more than the 16 MiB that memory.Check lets pass in any case.
const tooLarge = 20 << 20

// noMemory leaves no memory free until the test ends: a limit of 8 MiB, which is less than the tests use.
func noMemory(t *testing.T) {
	t.Setenv("GOMEMLIMIT", "set") // package memory asks only whether the variable is set
	before := debug.SetMemoryLimit(8 << 20)
	t.Cleanup(func() { debug.SetMemoryLimit(before) })
}

// TestDecodeOutOfMemory: a small file that unpacks to more than there is memory is refused, as an array of bytes and
// as a table of text.
func TestDecodeOutOfMemory(t *testing.T) {
	const idx, text = "\x00\x00\x08\x02\x00\x00\x00\x3c\x00\x10\x00\x00", "0\n" // the header claims 60 rows of 2²⁰ bytes
	var files [2]bytes.Buffer
	for i, head := range []string{idx, text} {
		z, _ := gzip.NewWriterLevel(&files[i], gzip.BestSpeed)
		z.Write([]byte(head))
		block := bytes.Repeat([]byte("0\n"), 1<<19)
		for range tooLarge / len(block) {
			z.Write(block)
		}
		z.Close()
	}
	noMemory(t)
	for i, what := range []string{"its array", "its table"} {
		f := files[i].Bytes()
		_, err := Decode(bytes.NewReader(f), int64(len(f)), Options{})
		if err == nil || !strings.Contains(err.Error(), "out of memory: "+what+" needs about ") {
			t.Errorf("file %d of %d bytes: %v, want that %s needs more memory than is free", i, len(f), err, what)
		}
	}
}

// TestReadAllOutOfMemory: the content of a pipe or of a packed file, and a copy of an array, are refused too.
func TestReadAllOutOfMemory(t *testing.T) {
	long := bytes.NewReader(make([]byte, tooLarge))
	wide := Table{Shape: []int{1, tooLarge}, Bytes: make([]uint8, tooLarge)}
	noMemory(t)
	if _, err := readAll(long, maxPiped); err == nil || !strings.Contains(err.Error(), "out of memory: the content needs about ") {
		t.Errorf("%v, want that the content needs more memory than is free", err)
	}
	if _, err := wide.lastFastest(); err == nil ||
		!strings.Contains(err.Error(), "out of memory: a copy of its array needs about ") {
		t.Errorf("%v, want that a copy needs more memory than is free", err)
	}
}

// TestReadAllLimit: a stream longer than the limit gives one byte more than the limit.
func TestReadAllLimit(t *testing.T) {
	if got, err := readAll(strings.NewReader("0123"), 2); err != nil || string(got) != "012" {
		t.Errorf("got %q %v, want one byte beyond the limit", got, err)
	}
}
