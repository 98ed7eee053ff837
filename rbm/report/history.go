package report

import (
	"bytes"
	"cmp"
	"encoding/json"
	"io"
	"slices"

	"harmonium/rbm/estimate"
)

const (
	// A History drops every second record when it has keptRecords of them, several for each pixel of a chart, and when
	// their lines have keptBytes, which bounds its memory.
	keptRecords = 4000
	keptBytes   = 1 << 26
	longestLine = 1 << 18 // bytes; a longer line is damaged
)

// Record holds the fields of a line of metrics.jsonl that a page shows; cmd/harmonium/json.md lists them. Nil stands
// for a missing field. Likelihoods and energies are in nats a row.
type Record struct {
	Update       int     `json:"update"`
	LearningRate float64 `json:"learning_rate"`
	WeightNorm   float64 `json:"weight_norm"`
	MeanHidden   float64 `json:"mean_hidden"`

	PseudoLikelihood    float64  `json:"pseudo_likelihood"`
	FreeEnergyGap       *float64 `json:"free_energy_gap"`
	AutocorrelationTime float64  `json:"autocorrelation_time"`

	Ladder     *Ladder     `json:"ladder"`
	Trajectory *Trajectory `json:"trajectory"`
	Warnings   []string    `json:"warnings"`

	// Estimates during training.
	LogZ             *float64           `json:"log_z_online"`
	LogZLow          *float64           `json:"log_z_online_low"`
	LogZHigh         *float64           `json:"log_z_online_high"`
	LogZMethod       string             `json:"log_z_online_method"`
	Train            *float64           `json:"log_likelihood_train"`
	TrainLow         *float64           `json:"log_likelihood_train_low"`
	TrainHigh        *float64           `json:"log_likelihood_train_high"`
	Valid            *float64           `json:"log_likelihood_valid"`
	ValidLow         *float64           `json:"log_likelihood_valid_low"`
	ValidHigh        *float64           `json:"log_likelihood_valid_high"`
	IndependentTrain *float64           `json:"independent_train"`
	IndependentValid *float64           `json:"independent_valid"`
	Samples          *estimate.Likeness `json:"samples"`
	Yardstick        *estimate.Likeness `json:"samples_yardstick"`
	Fallen           bool               `json:"fallen"`

	// An evaluation with a long estimate of log Z.
	Split         string   `json:"split"`
	LogLikelihood *float64 `json:"log_likelihood"`
	Low           *float64 `json:"log_likelihood_low"`
	High          *float64 `json:"log_likelihood_high"`
	Independent   *float64 `json:"independent"`
	EvalLogZ      *float64 `json:"log_z"`
	EvalLogZLow   *float64 `json:"log_z_low"`
	EvalLogZHigh  *float64 `json:"log_z_high"`

	size int // bytes of its line
}

// Ladder is the state of parallel tempering.
type Ladder struct {
	Betas      []float64 `json:"betas"`       // inverse temperatures of the replicas
	Acceptance []float64 `json:"acceptance"`  // rate of exchanges of each pair of neighbours
	RoundTrips float64   `json:"round_trips"` // from β = 1 to 0 and back by a replica so far, on average
}

// Trajectory is the state of parallel trajectory tempering.
type Trajectory struct {
	Models     int       `json:"models"`     // on the ladder, with independent units and the current model
	Acceptance []float64 `json:"acceptance"` // rate of exchanges of each pair of neighbours
}

// History holds the records of a run, in the order of their updates. Its memory is bounded: at 4000 records
// or 64 MiB of lines it drops every second one. The first and the last remain, and at 4000 records also up to a
// thousand with an evaluation, a warning or a fall.
type History struct {
	Records []Record
	Lines   int // lines read
	Damaged int // lines that were no records, and were left out

	bytes int // of the lines of the records
}

// Add appends the record of a line. A line that is no record, or of an earlier update than the last record, counts
// as damaged.
func (h *History) Add(line []byte) {
	h.Lines++
	var r Record
	last := h.Last()
	if len(line) > longestLine || json.Unmarshal(line, &r) != nil || r.Update < 0 || last != nil && r.Update < last.Update {
		h.Damaged++
		return
	}
	r.size = len(line)
	h.keep(r)
}

// keep appends a record, and drops others if there are too many.
func (h *History) keep(r Record) {
	h.Records, h.bytes = append(h.Records, r), h.bytes+r.size
	for len(h.Records) >= keptRecords || h.bytes >= keptBytes && len(h.Records) > 2 {
		h.thin()
	}
}

// thin drops every second record, but for the last one and, where the lines have few bytes, up to a thousand that
// tell more than others.
func (h *History) thin() {
	kept, special, small := h.Records[:0], 0, h.bytes < keptBytes
	for i, r := range h.Records {
		tells := r.LogLikelihood != nil || r.Warnings != nil || r.Fallen
		stays := tells && small && special < keptRecords/4
		if stays {
			special++
		}
		if i%2 == 0 || stays || i == len(h.Records)-1 {
			kept = append(kept, r)
			continue
		}
		h.bytes -= r.size
	}
	clear(h.Records[len(kept):])
	h.Records = kept
}

// Last returns the last record, or nil.
func (h *History) Last() *Record { return h.last(func(*Record) bool { return true }) }

// last returns the last record for which has is true, or nil.
func (h *History) last(has func(*Record) bool) *Record {
	for i := len(h.Records) - 1; i >= 0; i-- {
		if r := &h.Records[i]; has(r) {
			return r
		}
	}
	return nil
}

// with returns the records for which has is true.
func (h *History) with(has func(*Record) bool) (list []*Record) {
	for i := range h.Records {
		if r := &h.Records[i]; has(r) {
			list = append(list, r)
		}
	}
	return list
}

// estimated reports whether the record has an estimate of the log-likelihood during training.
func (r *Record) estimated() bool { return r.Train != nil }

// evaluated reports whether the record has an evaluation.
func (r *Record) evaluated() bool { return r.LogLikelihood != nil }

// compared reports whether the record has a comparison of the chains with rows.
func (r *Record) compared() bool { return r.Samples != nil && r.Yardstick != nil }

// upTo returns the records up to an update.
func (h *History) upTo(update int) *History {
	n, _ := slices.BinarySearchFunc(h.Records, update+1, func(r Record, update int) int { return cmp.Compare(r.Update, update) })
	return &History{Records: h.Records[:n]}
}

// ReadHistory reads metrics.jsonl. A last line without a newline is left out: a run may be writing it.
func ReadHistory(r io.Reader) (*History, error) {
	h := &History{}
	lines := NewLines(h)
	_, err := io.Copy(lines, r)
	return h, err
}

// Lines is a writer that cuts what is written into lines and adds them to a history. It holds at most longestLine
// bytes.
type Lines struct {
	history *History
	begun   []byte // beginning of a line whose end has not been written
	long    bool   // the line is longer than a record may be
}

// NewLines returns a writer that adds to a history.
func NewLines(h *History) *Lines { return &Lines{history: h} }

func (l *Lines) Write(p []byte) (int, error) {
	n := len(p)
	for len(p) > 0 {
		end := bytes.IndexByte(p, '\n')
		part := p
		if end >= 0 {
			part = p[:end]
		}
		if l.long = l.long || len(l.begun)+len(part) > longestLine; l.long {
			l.begun = l.begun[:0]
		} else {
			l.begun = append(l.begun, part...)
		}
		if end < 0 {
			break
		}
		if l.long {
			l.history.Lines, l.history.Damaged = l.history.Lines+1, l.history.Damaged+1
		} else {
			l.history.Add(l.begun)
		}
		l.begun, l.long = l.begun[:0], false
		p = p[end+1:]
	}
	return n, nil
}
