package main

import (
	"encoding/binary"
	"io"

	"harmonium/dataset"
	"harmonium/store"
)

// Files of the flipped digits in the folder of the runs.
const (
	flippedTrain = "flipped-train.idx"
	flippedTest  = "flipped-test.idx"
)

// writeFlipped writes MNIST with every byte b replaced by 255 - b to the folder of the
// runs.
func writeFlipped(runs folder) error {
	set, err := dataset.Open("mnist", dataset.Options{})
	if err != nil {
		return err
	}
	for name, rows := range map[string]*dataset.Rows{flippedTrain: set.Train, flippedTest: set.Test} {
		err := store.WriteAtomic(runs.file(name), func(w io.Writer) error {
			return writeIDX(w, flipped(rows.Bytes), rows.N, set.Height, set.Width)
		})
		if err != nil {
			return err
		}
	}
	return nil
}

func flipped(pixels []uint8) []uint8 {
	f := make([]uint8, len(pixels))
	for i, p := range pixels {
		f[i] = 255 - p
	}
	return f
}

// writeIDX writes n pictures of bytes as an IDX file. Its header is two zeros, 8 for bytes, 3 for the number
// of dimensions, and the dimensions (n, height, width).
func writeIDX(w io.Writer, pixels []uint8, n, height, width int) error {
	header := []byte{0, 0, 8, 3}
	for _, size := range []int{n, height, width} {
		header = binary.BigEndian.AppendUint32(header, uint32(size))
	}
	if _, err := w.Write(header); err != nil {
		return err
	}
	_, err := w.Write(pixels)
	return err
}
