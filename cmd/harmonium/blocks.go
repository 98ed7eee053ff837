package main

import (
	"errors"
	"fmt"
	"math"
	"strconv"

	"github.com/spf13/pflag"

	"harmonium/memory"
	"harmonium/store"
)

// keyBlockRows is the key in the provenance of a model for the number of rows of a block.
const keyBlockRows = "block_rows"

// addBlocks adds the flag of the blocks of training rows.
func (f *trainFlags) addBlocks(flags *pflag.FlagSet) {
	flags.IntVar(&f.config.BlockRows, "block-rows", f.config.BlockRows,
		"visit the training rows in blocks of N rows, which leaves the rows of an uncompressed NPY or IDX file without "+
			"missing cells in it (default: all rows in memory and in one block)")
	f.data.blocks = &f.config.BlockRows
}

// blockRows returns the number of rows of a block, 0 without blocks.
func (f *dataFlags) blockRows() int {
	if f.blocks == nil {
		return 0
	}
	return *f.blocks
}

// mostInMemory is the largest number of rows that leaveInFile lets a command read into memory. It is chosen: rows of
// MNIST's size then take 78 MB, and reading fewer rows in blocks would save no memory that matters.
const mostInMemory = 100_000

// leaveInFile leaves more rows than mostInMemory in their file, if the file allows it. No result of a command
// that takes rows in order depends on it.
func (f *dataFlags) leaveInFile() {
	if f.blocks == nil {
		f.blocks = new(mostInMemory)
	}
}

// recallBlocks takes the size of blocks from the provenance of a model.
func (f *dataFlags) recallBlocks(known map[string]string) error {
	text := known[keyBlockRows]
	if text == "" {
		return nil
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 0 {
		return fmt.Errorf("provenance of the model: %s is %q, want a number of rows", keyBlockRows, text)
	}
	f.blocks = &n
	return nil
}

// blockAdvice names the flag for rows that do not fit into memory, if they can stay in their file. Its value has one
// digit that is not 0, and a block of these rows takes at most an eighth of the free memory: chosen, so that the rest
// of a run has room.
func (f *dataFlags) blockAdvice(err error) string {
	full := (*memory.Error)(nil)
	if f.blocks == nil || *f.blocks > 0 || !errors.As(err, &full) {
		return ""
	}
	file, err := store.OpenRows(f.spec)
	if err != nil || file == nil {
		return ""
	}
	defer file.Close()
	rowBytes := 4.0 // in memory: of one value, and then of a row
	if file.InBytes() {
		rowBytes = 1
	}
	for _, d := range file.Shape[1:] {
		rowBytes *= float64(d)
	}
	n := full.Free.Bytes / 8 / rowBytes
	if n < 1 {
		return ""
	}
	digit := math.Pow(10, math.Floor(math.Log10(n)))
	return fmt.Sprintf("--block-rows %.0f leaves the rows in the file and reads them in blocks", math.Floor(n/digit)*digit)
}
