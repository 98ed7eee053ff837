package main

import (
	"bytes"
	"io"
)

// warningsOnly passes on the lines that are warnings, for --quiet.
type warningsOnly struct {
	w    io.Writer
	line []byte // the last line so far
}

func (q *warningsOnly) Write(p []byte) (int, error) {
	q.line = append(q.line, p...)
	for {
		end := bytes.IndexByte(q.line, '\n') + 1
		if end == 0 {
			return len(p), nil
		}
		if bytes.HasPrefix(q.line, []byte("warning: ")) {
			if _, err := q.w.Write(q.line[:end]); err != nil {
				return 0, err
			}
		}
		q.line = q.line[end:]
	}
}
