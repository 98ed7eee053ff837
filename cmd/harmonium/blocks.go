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

// keyBlockRows is the number of rows of a block in the provenance of a model, as in the configuration.
const keyBlockRows = "block_rows"

// addBlocks adds the flag of the blocks of training rows.
func (f *trainFlags) addBlocks(flags *pflag.FlagSet) {
	flags.IntVar(&f.config.BlockRows, "block-rows", f.config.BlockRows, "visit the training rows in blocks of N rows, which leaves the rows of an uncompressed NPY or IDX file without missing cells in it (default: all rows in memory and in one block)")
	f.data.blocks = &f.config.BlockRows
}

// blockRows returns the number of rows of a block, 0 without blocks.
func (f *dataFlags) blockRows() int {
	if f.blocks == nil {
		return 0
	}
	return *f.blocks
}

// mostInMemory is the largest number of rows that a command that takes rows in order reads into memory, if
// they can stay in their file.
const mostInMemory = 100_000

// leaveInFile leaves many rows in their file, which changes no result of a command that trains nothing.
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

// blockAdvice names the flag for rows that do not fit into memory, if they can stay in their file.
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
	row := 4.0 // bytes in memory
	if file.InBytes() {
		row = 1
	}
	for _, d := range file.Shape[1:] {
		row *= float64(d)
	}
	const share = 8 // of the free memory for a block
	n := full.Free.Bytes / share / row
	if n < 1 {
		return ""
	}
	digit := math.Pow(10, math.Floor(math.Log10(n)))
	return fmt.Sprintf("--block-rows %.0f leaves the rows in the file and reads them in blocks", math.Floor(n/digit)*digit)
}
