package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
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

// metricsLog appends to metrics.jsonl.
type metricsLog struct {
	file *os.File
	past []train.Past // records that it held when it was opened
}

// openMetrics opens the log of a run that resumes after an update. It removes a torn last
// line and the lines of later updates, which belong to work that was lost.
func openMetrics(path string, update int) (*metricsLog, error) {
	content, err := os.ReadFile(path)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	kept, past, err := keptMetrics(content, update)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
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
	return &metricsLog{file, past}, nil
}

// keptMetrics returns the lines of updates up to the given one, and the records in them.
func keptMetrics(content []byte, update int) (kept []byte, past []train.Past, err error) {
	end := 0
	for number := 1; ; number++ {
		length := bytes.IndexByte(content[end:], '\n')
		if length < 0 {
			return content[:end], past, nil
		}
		var record train.Past
		if err := json.Unmarshal(content[end:end+length], &record); err != nil {
			return nil, nil, fmt.Errorf("line %d: %w", number, err)
		}
		if record.Update > update {
			return content[:end], past, nil
		}
		past, end = append(past, record), end+length+1
	}
}

func (l *metricsLog) append(r epochRecord) error {
	line, err := json.Marshal(r)
	if err != nil {
		return fmt.Errorf("%s: %w", fileMetrics, err)
	}
	_, err = l.file.Write(append(line, '\n'))
	return err
}

func (l *metricsLog) close() error { return l.file.Close() }
