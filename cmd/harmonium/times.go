package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"time"

	"harmonium/rbm/train"
)

// timeRecord is a line of times.jsonl: the times of the record of the same update in metrics.jsonl. They stand in a
// file of their own, so that metrics.jsonl is the same for two equal runs.
type timeRecord struct {
	Update           int     `json:"update"`
	Seconds          float64 `json:"seconds"`            // spent in updates since the start of the run
	SamplesPerSecond float64 `json:"samples_per_second"` // training rows per second of updates, since the start or the resumption
}

// withoutTimes divides metrics into metrics without times and the times.
func withoutTimes(m train.Metrics) (train.Metrics, timeRecord) {
	t := timeRecord{m.Update, m.Seconds, m.SamplesPerSecond}
	m.Seconds, m.SamplesPerSecond = 0, 0
	return m, t
}

// appendLine appends the JSON of a value to a file.
func appendLine(file *os.File, name string, value any) error {
	line, err := json.Marshal(value)
	if err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	_, err = file.Write(append(line, '\n'))
	return err
}

// spent returns the time that a run had spent in updates at its last record up to an update. A run
// without times.jsonl, as of an earlier version, has it in metrics.jsonl.
func (f runFolder) spent(update int) time.Duration {
	for _, name := range []string{fileTimes, fileMetrics} {
		content, err := os.ReadFile(f.file(name))
		if err != nil {
			continue
		}
		var last timeRecord
		kept, _, _ := keptMetrics(content, update)
		for line := range bytes.Lines(kept) {
			var t timeRecord
			if json.Unmarshal(line, &t) == nil && t.Seconds > 0 {
				last = t
			}
		}
		if last.Seconds > 0 {
			return time.Duration(last.Seconds * float64(time.Second))
		}
	}
	return 0
}
