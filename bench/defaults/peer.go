package main

import (
	"bytes"
	_ "embed"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"

	"harmonium/dataset"
	"harmonium/rbm"
	"harmonium/rbm/train"
)

//go:embed peer.py
var peerScript string

const (
	peerBatch      = 10 // scikit-learn's default batch size
	peerIterations = 10 // scikit-learn's default number of passes over the rows
)

// peer trains scikit-learn's BernoulliRBM on the training rows, and returns their log-likelihood in nats
// a row. A configuration gives the number of hidden units and the seed, iterations the number of passes over
// the rows; other settings are scikit-learn's defaults.
func (b runner) peer(set *dataset.Set, c train.Config, iterations int) (float64, error) {
	folder, err := os.MkdirTemp("", "defaults")
	if err != nil {
		return 0, err
	}
	defer os.RemoveAll(folder)
	path := filepath.Join(folder, "model.npz")
	command := exec.Command(b.python, "-c", peerScript, path, strconv.Itoa(c.Hidden), strconv.Itoa(iterations),
		strconv.FormatUint(c.Seed, 10))
	var stderr bytes.Buffer
	command.Stdin, command.Stderr = strings.NewReader(csvOf(set.Train)), &stderr
	if err := command.Run(); err != nil {
		return 0, fmt.Errorf("scikit-learn: %w: %s", err, bytes.TrimSpace(stderr.Bytes()))
	}
	m, err := rbm.ImportNPZ(path)
	if err != nil {
		return 0, err
	}
	binarize := set.Train.DefaultBinarization()
	m.BaseRates = rbm.BaseRates(set.Train, binarize)
	e, _, err := b.evaluate(m, set, set.Train, binarize, nil)
	if err != nil {
		return 0, err
	}
	return e.LogLikelihood, nil
}

// peers returns two cells of the table, each with the separator after it: the log-likelihood of peer after
// scikit-learn's default number of passes, and after enough passes for 5,000 updates.
func (b runner) peers(set *dataset.Set, c train.Config) (string, error) {
	const leastUpdates = 5000
	perIteration := (set.Train.N + peerBatch - 1) / peerBatch
	text := ""
	for _, iterations := range []int{peerIterations, max(peerIterations, (leastUpdates+perIteration-1)/perIteration)} {
		value, err := b.peer(set, c, iterations)
		if err != nil {
			return "", err
		}
		text += fmt.Sprintf("%.3f | ", value)
	}
	return text, nil
}

// csvOf returns rows as a text with a line for each row, of its values separated by commas.
func csvOf(rows *dataset.Rows) string {
	var text strings.Builder
	row := make([]float32, rows.V)
	for n := range rows.N {
		rows.Row(row, n)
		for i, x := range row {
			if i > 0 {
				text.WriteByte(',')
			}
			text.WriteString(strconv.FormatFloat(float64(x), 'g', -1, 32))
		}
		text.WriteByte('\n')
	}
	return text.String()
}
