//go:build linux

package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"harmonium/rbm/estimate"
)

// threadCases are runs on MNIST with 784x500 units by PCD-1, of about a second each. least is the speed that two
// processes should have at least, relative to two threads: a goal that was set. Sums take a larger share of the time of
// small batches.
var threadCases = []struct {
	batch, updates int
	least          float64
}{{500, 360, 0.8}, {4000, 60, 0.95}}

// speed is how fast a run was.
type speed struct {
	update float64 // seconds
	sums   float64 // share of them in sums over processes
}

// threads makes runs in one process with two threads, as one shard and as two, and in two processes with one thread,
// all in turn, and prints a table of medians.
func threads(command, folder string, runs int) error {
	fmt.Println("| batch | one process, two threads | the same, two shards | two processes, one thread | computing | sums | " +
		"speed of two processes | wanted |\n|---|---|---|---|---|---|---|---|")
	var failed []string
	for _, c := range threadCases {
		flags := fmt.Sprintf("train --data mnist --hidden 500 -k 1 --batch-size %d --updates %d --checkpoint-every 100000 "+
			"--online-every 1000 --guard off --eval never --device cpu --json --force --out %s",
			c.batch, c.updates, folder)
		kinds := []struct {
			start []string
			flags string
		}{
			{nil, flags + " --threads 2"},
			{nil, flags + " --threads 2 --shards 2"},
			{strings.Fields("mpirun --allow-run-as-root -n 2"), flags + " --threads 1 --shards 2"},
		}
		var updates [3][]float64
		var ratios, computing, sums []float64
		for range runs {
			var round [3]speed
			for i, kind := range kinds {
				words := append(append(kind.start[:len(kind.start):len(kind.start)], command), strings.Fields(kind.flags)...)
				var err error
				if round[i], err = speedOf(words, folder, c.updates); err != nil {
					return err
				}
				updates[i] = append(updates[i], round[i].update)
			}
			ratios = append(ratios, round[0].update/round[2].update)
			computing = append(computing, round[2].update*(1-round[2].sums))
			sums = append(sums, round[2].update*round[2].sums)
		}
		ms := func(seconds []float64) float64 { return 1e3 * estimate.Median(seconds) }
		fmt.Printf("| %d | %.2f ms | %.2f ms | %.2f ms | %.2f ms | %.2f ms | %.2f | %.2f |\n", c.batch,
			ms(updates[0]), ms(updates[1]), ms(updates[2]), ms(computing), ms(sums), estimate.Median(ratios), c.least)
		if estimate.Median(ratios) < c.least {
			failed = append(failed, fmt.Sprint("batch ", c.batch))
		}
	}
	if failed != nil {
		return fmt.Errorf("%s: two processes are slower than wanted", strings.Join(failed, ", "))
	}
	return nil
}

// speedOf makes a run and returns its speed.
func speedOf(words []string, folder string, updates int) (speed, error) {
	text, err := output(words[0], words[1:])
	if err != nil {
		return speed{}, err
	}
	var result struct {
		Exchange shares `json:"exchange"` // absent, and 0 here, after a run in one process
	}
	if err := json.Unmarshal(text, &result); err != nil {
		return speed{}, err
	}
	times, err := os.ReadFile(filepath.Join(folder, "times.jsonl"))
	if err != nil {
		return speed{}, err
	}
	lines := bytes.Split(bytes.TrimSpace(times), []byte("\n"))
	var last struct {
		Update  int     `json:"update"`
		Seconds float64 `json:"seconds"`
	}
	if err := json.Unmarshal(lines[len(lines)-1], &last); err != nil {
		return speed{}, err
	}
	if last.Update != updates {
		return speed{}, fmt.Errorf("the last record is of update %d, want %d", last.Update, updates)
	}
	return speed{last.Seconds / float64(updates), result.Exchange.Measured}, nil
}
