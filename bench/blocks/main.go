// Blocks tests training block by block (harmonium train --block-rows). It makes a file of rows that is four times as
// large as the memory that a run may use, trains on it under that limit, and trains on the same rows in memory without
// a limit. Both models must be equal.
//
//	go build -o harmonium ./cmd/harmonium
//	go run ./bench/blocks -limit 160 ./harmonium
//
// The limit, in MB, is set by a memory cgroup (version 1 or 2), which the command makes and removes, so that it has to
// run as root. It prints the resident memory of the run over time and the rows a second of both runs.
package main

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"reflect"

	"harmonium/store"
)

const (
	columns   = 784
	sizeRatio = 4 // size of the file over the limit: chosen, so that the rows clearly do not fit
)

func main() {
	flags := flag.NewFlagSet("blocks", flag.ExitOnError)
	limit := flags.Int("limit", 160, "memory of the run in MB")
	flags.Usage = func() {
		fmt.Fprintln(flags.Output(), "usage: blocks [-limit 160] HARMONIUM")
		flags.PrintDefaults()
	}
	flags.Parse(os.Args[1:])
	if flags.NArg() != 1 {
		flags.Usage()
		os.Exit(2)
	}
	if err := compare(flags.Arg(0), *limit<<20); err != nil {
		fmt.Fprintln(os.Stderr, "blocks:", err)
		os.Exit(1)
	}
}

// compare makes both runs.
func compare(command string, limit int) error {
	command, err := filepath.Abs(command)
	if err != nil {
		return err
	}
	folder, err := os.MkdirTemp("", "blocks")
	if err != nil {
		return err
	}
	defer os.RemoveAll(folder)
	rows := sizeRatio * limit / columns
	file, packed := filepath.Join(folder, "rows.npy"), filepath.Join(folder, "rows.npz")
	if err := writeRows(file, packed, rows); err != nil {
		return err
	}
	group, err := newGroup(limit)
	if err != nil {
		return fmt.Errorf("a memory cgroup: %w", err)
	}
	defer group.remove()
	fmt.Printf("%d rows of %d bytes, %d MB; a limit of %d MB\n", rows, columns, rows*columns>>20, limit>>20)
	args := func(data, out string) []string { // a block takes an eighth of the limit, which is chosen
		return []string{
			"train", "--data", data, "--out", out, "--block-rows", fmt.Sprint(limit / columns / 8),
			"--algorithm", "pcd", "--hidden", "32", "--batch-size", "500", "--epochs", "2", "--eval", "never", "--device", "cpu",
		}
	}
	blocksRun, memoryRun := filepath.Join(folder, "blocks"), filepath.Join(folder, "memory")
	limited, err := watch(group, blocksRun, command, args(file, blocksRun)...)
	if err != nil {
		return err
	}
	limited.print("in blocks, under the limit")
	free, err := watch(nil, memoryRun, command, args(packed, memoryRun)...)
	if err != nil {
		return err
	}
	free.print("in memory, without a limit")
	return same(blocksRun, memoryRun)
}

// same returns an error unless the models of two runs have the same tensors.
func same(a, b string) error {
	const name = "model.safetensors"
	one, err := store.ReadSafetensors(filepath.Join(a, name))
	if err != nil {
		return err
	}
	other, err := store.ReadSafetensors(filepath.Join(b, name))
	if err != nil {
		return err
	}
	if !reflect.DeepEqual(one.Tensors, other.Tensors) {
		return fmt.Errorf("the models differ")
	}
	fmt.Println("both runs end with the same parameters")
	return nil
}
