package main

import (
	"context"
	"os"
	"time"
)

// stopEvery is the shortest time between two checks for the file that ends a run. It is chosen: short for a user who has
// pressed a button, and long beside an update.
const stopEvery = 500 * time.Millisecond

// stopFile is the file by which others, such as harmonium watch, ask a run to end, as SIGINT does. The run removes it.
type stopFile struct {
	path    string
	checked time.Time // when found checked last
	seen    bool
}

// newStopFile returns the stopFile of a path. It removes a file there, which asked an earlier process to end.
func newStopFile(path string) *stopFile {
	os.Remove(path)
	return &stopFile{path: path}
}

// found reports whether the file is there. It checks at most twice a second.
func (s *stopFile) found() bool {
	if s.seen || time.Since(s.checked) < stopEvery {
		return s.seen
	}
	s.checked = time.Now()
	s.seen = os.Remove(s.path) == nil
	return s.seen
}

// askedContext is a context whose Err also says that the run was asked to end. Its channel Done does not, but the
// trainer calls Err before each update.
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
