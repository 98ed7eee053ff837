package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"io/fs"
	"os"

	"harmonium/rbm/train"
	"harmonium/store"
)

// epochRecord is a line of metrics.jsonl.
type epochRecord struct {
	train.Metrics
	*evaluation   // nil where the likelihood was not estimated
	*train.Online // nil where log Z was not estimated
}

// metricsLog appends to metrics.jsonl and times.jsonl.
type metricsLog struct {
	file    *os.File
	times   *os.File
	past    []train.Past // records that it held when it was opened
	damaged []int        // numbers of the lines that were removed as no records
}

// openMetrics opens the logs of a run that resumes after an update, or that begins with update 0.
// It removes a torn last line, the lines of later updates, which belong to work that was lost, and
// damaged lines.
func openMetrics(folder runFolder, update int) (*metricsLog, error) {
	l, err := openLog(folder.file(fileMetrics), update)
	if err != nil {
		return nil, err
	}
	times, err := openLog(folder.file(fileTimes), update) // which has the same updates
	if err != nil {
		l.close()
		return nil, err
	}
	l.times = times.file
	return l, nil
}

// openLog opens one of the two logs as the file of a metricsLog.
func openLog(path string, update int) (*metricsLog, error) {
	content, err := os.ReadFile(path)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	kept, past, damaged := keptMetrics(content, update)
	if len(kept) < len(content) {
		err = store.WriteAtomic(path, func(w io.Writer) error {
			_, err := w.Write(kept)
			return err
		})
		if err != nil {
			return nil, err
		}
	}
	file, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o666)
	if err != nil {
		return nil, err
	}
	return &metricsLog{file: file, past: past, damaged: damaged}, nil
}

// keptMetrics returns the lines of updates up to the given one, the records in them, and the numbers,
// from 1, of damaged lines among them.
func keptMetrics(content []byte, update int) (kept []byte, past []train.Past, damaged []int) {
	number := 0
	for line := range bytes.Lines(content) {
		number++
		if !bytes.HasSuffix(line, []byte("\n")) {
			break // torn
		}
		var record train.Past
		if json.Unmarshal(line, &record) != nil {
			damaged = append(damaged, number)
			continue
		}
		if record.Update > update {
			break
		}
		kept, past = append(kept, line...), append(past, record)
	}
	return kept, past, damaged
}

// append writes a record without its times to metrics.jsonl, so that equal runs write equal files, and the times
// to times.jsonl.
func (l *metricsLog) append(r epochRecord) error {
	var times timeRecord
	r.Metrics, times = withoutTimes(r.Metrics)
	if err := appendLine(l.times, fileTimes, times); err != nil {
		return err
	}
	return appendLine(l.file, fileMetrics, r)
}

// sync waits until the records of metrics.jsonl are on the disk.
func (l *metricsLog) sync() error { return l.file.Sync() }

func (l *metricsLog) close() {
	l.file.Close()
	if l.times != nil {
		l.times.Close()
	}
}
