//go:build linux

package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strings"

	"harmonium/rbm/estimate"
)

// tolerance is how far the measured share may be from the predicted one, relative to it. It is chosen.
const tolerance = 0.3

// compared are the files that must have the bytes of a run in one process.
var compared = []string{"model.safetensors", "checkpoint.safetensors", "metrics.jsonl", "filters.png", "samples.png"}

// networkCases are runs on MNIST by PCD-1, and one by PCD-10, whose -k comes last and counts. With more shards than processes no gradient travels while it is
// computed; traveling takes processor time from computing, as both processes are on one machine.
var networkCases = []struct{ name, flags string }{
	{"784x500, batch 500", "--hidden 500 --batch-size 500 --updates 120"},
	{"784x500, batch 4000", "--hidden 500 --batch-size 4000 --updates 45"},
	{"784x500, batch 4000, four shards", "--hidden 500 --batch-size 4000 --updates 45 --shards 4"},
	{"784x500, batch 500, PCD-10", "--hidden 500 --batch-size 500 --updates 120 -k 10"},
	{"784x100, batch 1000", "--hidden 100 --batch-size 1000 --updates 120"},
	{"784x2000, batch 500", "--hidden 2000 --batch-size 500 --updates 30"},
}

// overNetwork makes runs in two processes whose only connection is a link of the given rate, and compares their files
// with the files of one process. It prints a table of medians of the shares that sums take.
func overNetwork(command, folder string, runs int, rate string) error {
	n, err := connect(folder, rate)
	defer n.remove()
	if err != nil {
		return err
	}
	fmt.Printf("| run, a thread in each of two processes over %s | bytes | predicted share | measured share | relative "+
		"difference |\n|---|---|---|---|---|\n", rate)
	var failed []string
	for i, c := range networkCases {
		args := append(strings.Fields("train --data mnist -k 1 --seed 3 --shards 2 --threads 1 --device cpu --eval never --json"),
			strings.Fields(c.flags)...)
		one := filepath.Join(folder, fmt.Sprint("one", i))
		if _, err := output(command, append(args[:len(args):len(args)], "--out", one)); err != nil {
			return err
		}
		var predicted, measured []float64
		for range runs {
			two := filepath.Join(folder, "two")
			shares, err := n.train(command, append(args[:len(args):len(args)], "--force", "--out", two))
			if err != nil {
				return err
			}
			if err := same(one, two); err != nil {
				return fmt.Errorf("%s: %w", c.name, err)
			}
			predicted, measured = append(predicted, shares.Predicted), append(measured, shares.Measured)
		}
		p, m := estimate.Median(predicted), estimate.Median(measured)
		fmt.Printf("| %s | the same | %.1f %% | %.1f %% | %+.0f %% |\n", c.name, 100*p, 100*m, 100*(m/p-1))
		if math.Abs(m/p-1) > tolerance {
			failed = append(failed, c.name)
		}
	}
	if failed != nil {
		return fmt.Errorf("%s: the prediction is off by more than %.0f %%", strings.Join(failed, "; "), 100*tolerance)
	}
	return nil
}

// same returns an error unless two run folders have the same files.
func same(one, two string) error {
	for _, name := range compared {
		want, err := os.ReadFile(filepath.Join(one, name))
		if err != nil {
			return err
		}
		got, err := os.ReadFile(filepath.Join(two, name))
		if err != nil {
			return err
		}
		if !bytes.Equal(got, want) {
			return fmt.Errorf("%s differs between one process and two", name)
		}
	}
	return nil
}

// shares are the shares of the time of updates that two processes spend on sums over both.
type shares struct {
	Predicted float64 `json:"predicted_share"`
	Measured  float64 `json:"measured_share"`
}

// train makes a run in both namespaces.
func (n *namespaces) train(command string, args []string) (shares, error) {
	text, err := output("ip", append(n.mpirun(), append([]string{command}, args...)...))
	if err != nil {
		return shares{}, err
	}
	var result struct {
		Exchange *shares `json:"exchange"`
	}
	if err := json.Unmarshal(text, &result); err != nil {
		return shares{}, err
	}
	if result.Exchange == nil {
		return shares{}, fmt.Errorf("the result has no exchange: %s", text)
	}
	return *result.Exchange, nil
}
