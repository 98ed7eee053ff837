package main

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"math"
	"os"
	"slices"

	"harmonium/dataset"
	"harmonium/rbm"
	statistics "harmonium/rbm/estimate" // under another name, as estimate is a type of this package
	"harmonium/rbm/likelihood"
	"harmonium/rbm/report"
)

// comparison is the output of compare --json.
type comparison struct {
	Settings []string     `json:"settings"` // names of the settings that differ; empty without
	Models   []*contender `json:"models"`
	// Spread is by part (valid, test, train), over models that differ by the seed alone; else it is null.
	Spread map[string]*spread `json:"spread"`
}

// contender is one of the compared models.
type contender struct {
	Name     string            `json:"name"` // as the argument has it
	File     string            `json:"file"`
	Settings map[string]string `json:"settings"` // those that differ
	Updates  int               `json:"updates"`
	Seconds  *float64          `json:"seconds"` // spent in updates; null without a run folder

	Method   string   `json:"method"`   // "exact" or "ais"
	Recorded bool     `json:"recorded"` // log Z is the estimate that the run made at its end
	LogZ     float64  `json:"log_z"`
	LogZLow  *float64 `json:"log_z_low"`
	LogZHigh *float64 `json:"log_z_high"`
	// LogZRefuted is an estimate of log Z that the rows refute, as of an evaluation; else null.
	LogZRefuted *float64 `json:"log_z_refuted,omitempty"`

	Parts map[string]*likelihoodOfPart `json:"parts"` // valid and test, or train without them

	model     modelArgument
	estimated *evaluation // the recorded one, or nil
}

// likelihoodOfPart is the log-likelihood of rows under a model, in nats a row.
type likelihoodOfPart struct {
	Data          string   `json:"data"`
	Rows          int      `json:"rows"`
	Binarize      string   `json:"binarize"`
	LogLikelihood float64  `json:"log_likelihood"`
	Low           *float64 `json:"log_likelihood_low"`
	High          *float64 `json:"log_likelihood_high"`
	StandardError float64  `json:"standard_error"` // over the rows
	// Missing says how the sums over missing cells were found; nil without missing cells.
	Missing *missingCells `json:"missing,omitempty"`

	// Weighted reports that the rows have weights, by which all means are weighted but the plain one.
	Weighted bool     `json:"weighted,omitempty"`
	Plain    *float64 `json:"log_likelihood_plain,omitempty"` // in which each row counts once

	// Difference is the log-likelihood minus the log-likelihood of the first model. It is null for the
	// first model, and where the rows of the two models are not the same.
	Difference *difference `json:"difference"`

	logs    []float64 // log p of each row
	weights []float32 // of the rows; nil without
	sum     string    // SHA-256 of the rows, their weights and their binarization
}

// difference is a mean difference over rows.
type difference struct {
	Mean          float64  `json:"mean"`
	StandardError float64  `json:"standard_error"` // of the mean over the rows
	Low           *float64 `json:"low"`            // by the intervals of log Z of both models
	High          *float64 `json:"high"`
}

// spread is the mean over models with the sample standard deviation.
type spread struct {
	Mean      float64 `json:"mean"`
	Deviation float64 `json:"standard_deviation"`
}

// parts are the names of the rows that are compared, in the order of the columns.
var parts = []string{"valid", "test", "train"}

// newPart returns the log-likelihood of rows with the given free energies.
func newPart(of seenRows, energies []float64, z *likelihood.Partition) *likelihoodOfPart {
	l := likelihood.AveragesOf(energies, of.Weights, z)
	p := &likelihoodOfPart{
		Data: of.name(), Rows: of.N, Binarize: of.binarize.String(),
		LogLikelihood: l.LogLikelihood, Low: bound(l.Low), High: bound(l.High), StandardError: l.StandardError,
		sum: sumOfRows(of), weights: of.Weights,
	}
	if of.Weights != nil {
		p.Weighted, p.Plain = true, new(likelihood.AveragesOf(energies, nil, z).LogLikelihood)
	}
	for _, f := range energies {
		p.logs = append(p.logs, -f-z.LogZ)
	}
	return p
}

// minus returns the difference to the log-likelihood of another model on the same rows, or nil if
// the rows are others.
func (p *likelihoodOfPart) minus(q *likelihoodOfPart) *difference {
	if p.sum != q.sum {
		return nil
	}
	differences := make([]float64, len(p.logs))
	for n := range differences {
		differences[n] = p.logs[n] - q.logs[n]
	}
	d := &difference{Mean: p.LogLikelihood - q.LogLikelihood}
	_, d.StandardError = statistics.WeightedMean(differences, p.weights)
	if p.Low != nil && q.High != nil {
		d.Low = new(*p.Low - *q.High)
	}
	if p.High != nil && q.Low != nil {
		d.High = new(*p.High - *q.Low)
	}
	return d
}

// sumOfRows returns the SHA-256 of rows, their weights and their binarization.
func sumOfRows(of seenRows) string {
	h := sha256.New()
	fmt.Fprintf(h, "%d %d %s ", of.N, of.V, of.binarize)
	writeRows(h, of.Rows)
	h.Write(of.Missing)
	binary.Write(h, binary.LittleEndian, of.Weights)
	return string(h.Sum(nil))
}

// writeRows writes the values of rows as float32, so that equal rows give equal bytes however they
// are held.
func writeRows(w io.Writer, r *dataset.Rows) {
	row, line := make([]float32, r.V), make([]byte, 0, 4*r.V)
	for n := range r.N {
		r.Row(row, n)
		line = line[:0]
		for _, x := range row {
			line = binary.LittleEndian.AppendUint32(line, math.Float32bits(x))
		}
		w.Write(line)
	}
}

// noSettings are the keys of provenance that are no settings of a training.
var noSettings = []string{"version", keyUpdatesMade, keyTrainingRows, keyEval, keyCheckpointEvery, keyOnlineEvery,
	keyPatienceFrom, keyNoRows, provenancePicture, keyTable, keyMachine,
	"train" + sumSuffix, "valid" + sumSuffix, "test" + sumSuffix}

// addSettings adds the settings that differ. A missing one counts as empty.
func (c *comparison) addSettings() {
	all := map[string]bool{}
	for _, m := range c.Models {
		for key := range m.model.Provenance {
			if !slices.Contains(noSettings, key) {
				all[key] = true
			}
		}
	}
	for _, key := range slices.Sorted(maps.Keys(all)) {
		first := c.Models[0].model.Provenance[key]
		if slices.ContainsFunc(c.Models, func(m *contender) bool { return m.model.Provenance[key] != first }) {
			c.Settings = append(c.Settings, key)
		}
	}
	for _, m := range c.Models {
		m.Settings = map[string]string{}
		for _, key := range c.Settings {
			m.Settings[key] = m.model.Provenance[key]
		}
	}
}

// addDifferences adds the differences to the first model, and the spread of models that differ by the seed
// alone.
func (c *comparison) addDifferences() {
	for _, m := range c.Models[1:] {
		for name, p := range m.Parts {
			if q := c.Models[0].Parts[name]; q != nil {
				p.Difference = p.minus(q)
			}
		}
	}
	if !slices.Equal(c.Settings, []string{"seed"}) {
		return
	}
	c.Spread = map[string]*spread{}
	for _, name := range parts {
		var values []float64
		for _, m := range c.Models {
			if p := m.Parts[name]; p != nil {
				values = append(values, p.LogLikelihood)
			}
		}
		if len(values) == len(c.Models) {
			n := float64(len(values))
			mean := statistics.Sum(values) / n
			// The standard error of a mean is the standard deviation over √n.
			c.Spread[name] = &spread{mean, statistics.StandardError(values, mean) * math.Sqrt(n)}
		}
	}
}

// parted reports whether any model has the part.
func (c *comparison) parted(name string) bool {
	return slices.ContainsFunc(c.Models, func(m *contender) bool { return m.Parts[name] != nil })
}

// weighted reports whether the part has rows with weights under any model.
func (c *comparison) weighted(name string) bool {
	return slices.ContainsFunc(c.Models, func(m *contender) bool { return m.Parts[name] != nil && m.Parts[name].Weighted })
}

// partition returns the recorded estimate of log Z.
func (e *evaluation) partition() *likelihood.Partition {
	z := &likelihood.Partition{Method: e.Method, LogZ: e.LogZ, Low: orInfinite(e.LogZLow, -1), High: orInfinite(e.LogZHigh, 1)}
	if e.Runs != nil && e.Betas != nil {
		z.Runs, z.Betas = *e.Runs, *e.Betas
	}
	return z
}

// setPartition sets the fields of log Z.
func (m *contender) setPartition(z *likelihood.Partition) {
	m.Method, m.LogZ, m.LogZLow, m.LogZHigh = z.Method, z.LogZ, bound(z.Low), bound(z.High)
}

// newContender returns the model of a run folder or a file. The best model represents a run with
// patience that has ended, and the last model any other run.
func newContender(argument string) (*contender, error) {
	folder := runFolder(argument)
	m, err := openModel(argument)
	if err != nil {
		return nil, err
	}
	c := &contender{Name: argument, model: m}
	// A run folder gives fileModel only when its run has ended.
	if best := folder.bestModel(report.Finished); m.path == folder.file(fileModel) && best != m.path {
		c.model = modelArgument{path: best}
		if c.model.Model, err = rbm.LoadModel(best); err != nil {
			return nil, err
		}
	}
	c.File, c.Updates = c.model.path, updatesMade(c.model.Model)
	if m.path != argument { // a folder
		last, err := lastRecord(folder, c.Updates)
		if err != nil {
			return nil, err
		}
		if last != nil {
			seconds := folder.spent(last.Update).Seconds()
			c.Seconds = &seconds
			if m.path == c.model.path && last.Method != "" && last.Update == c.Updates { // the record is about this model
				c.estimated = &last.evaluation
			}
		}
	}
	return c, nil
}

// finalRecord holds the fields of a line of metrics that a comparison needs.
type finalRecord struct {
	Update int `json:"update"`
	evaluation
}

// lastRecord returns the last record of a run's metrics up to an update, or nil if there is none.
func lastRecord(folder runFolder, update int) (*finalRecord, error) {
	path := folder.file(fileMetrics)
	content, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	kept, _, _ := keptMetrics(content, update)
	if len(kept) == 0 {
		return nil, nil
	}
	kept = bytes.TrimSuffix(kept, []byte("\n"))
	last := &finalRecord{}
	if err := json.Unmarshal(kept[bytes.LastIndexByte(kept, '\n')+1:], last); err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return last, nil
}
