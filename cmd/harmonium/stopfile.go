package main

import (
	"context"
	"os"
	"time"
)

// stopEvery is the time between two looks for the file that ends a run.
const stopEvery = 500 * time.Millisecond

// stopFile is the file by which others ask a run to end, as SIGINT does. The run removes it.
type stopFile struct {
	path   string
	looked time.Time
	seen   bool
}

// newStopFile removes a file that asked an earlier process to end.
func newStopFile(path string) *stopFile {
	os.Remove(path)
	return &stopFile{path: path}
}

// found reports whether the file is there, by a look at most twice a second.
func (s *stopFile) found() bool {
	if s.seen || time.Since(s.looked) < stopEvery {
		return s.seen
	}
	s.looked = time.Now()
	s.seen = os.Remove(s.path) == nil
	return s.seen
}

// askedContext is a context whose Err also says that the run was asked to end. The context below is
// asked itself each time.
type askedContext struct {
	context.Context
	toEnd bool
}

func (c *askedContext) Err() error {
	if c.toEnd {
		return context.Canceled
	}
	return c.Context.Err()
}
