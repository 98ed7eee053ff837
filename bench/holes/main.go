// Holes writes MNIST as states with some of the training pixels missing, and without any, to compare what a model
// learns from each:
//
//	go run ./bench/holes FOLDER
//
// It writes whole.npy and holes.npy, the training rows without and with missing cells (NaN), and test.npy. A pixel
// above one half is a 1. Results and the commands of training are in bench/likelihood.md.
package main

import (
	"flag"
	"fmt"
	"io"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"

	"harmonium/dataset"
	"harmonium/store"
)

func main() {
	share := flag.Float64("share", 0.3, "share of the training pixels that are missing, each at random")
	flag.Usage = func() {
		fmt.Fprintln(flag.CommandLine.Output(), "usage: holes [-share X] FOLDER")
		flag.PrintDefaults()
	}
	flag.Parse()
	if flag.NArg() != 1 || !(*share >= 0 && *share < 1) {
		flag.Usage()
		os.Exit(2)
	}
	if err := write(flag.Arg(0), *share); err != nil {
		fmt.Fprintln(os.Stderr, "holes:", err)
		os.Exit(1)
	}
}

// write writes the three files to a folder.
func write(folder string, share float64) error {
	set, err := dataset.Open("mnist", dataset.Options{})
	if err != nil {
		return err
	}
	for _, file := range []struct {
		name  string
		rows  *dataset.Rows
		share float64
	}{{"whole.npy", set.Train, 0}, {"holes.npy", set.Train, share}, {"test.npy", set.Test, 0}} {
		a := store.Array{Shape: []int{file.rows.N, file.rows.V}, Data: withHoles(file.rows.Bytes, file.share)}
		err := store.WriteAtomic(filepath.Join(folder, file.name), func(w io.Writer) error { return store.WriteNPY(w, a) })
		if err != nil {
			return err
		}
	}
	return nil
}

// withHoles returns pixels as states, and NaN in the place of a share of them.
func withHoles(pixels []uint8, share float64) []float32 {
	r := rand.New(rand.NewPCG(1, 1))
	x := make([]float32, len(pixels))
	for i, p := range pixels {
		switch {
		case r.Float64() < share:
			x[i] = float32(math.NaN())
		case p >= 128:
			x[i] = 1
		}
	}
	return x
}
