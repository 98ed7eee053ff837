package main

import (
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"harmonium/rbm"
)

// TestInterruptedWhileReading: commands that wait for the rows of a pipe end when they are interrupted, whether the
// rows are data or a pattern.
func TestInterruptedWhileReading(t *testing.T) {
	pipe, model := filepath.Join(t.TempDir(), "rows.csv"), saveModel(t, t.TempDir(), func(*rbm.Model) {})
	if err := syscall.Mkfifo(pipe, 0o600); err != nil {
		t.Fatal(err)
	}
	writer, err := os.OpenFile(pipe, os.O_RDWR, 0) // opening it to read does not wait
	if err != nil {
		t.Fatal(err)
	}
	defer writer.Close()
	for _, args := range [][]string{
		{"data", pipe}, {"train", "--data", pipe, "--out", filepath.Join(t.TempDir(), "run")},
		{"score", model, pipe}, {"impute", model, pipe}, {"sample", model, "--clamp", pipe, "--out", "-"},
	} {
		ctx, cancel := context.WithCancel(context.Background())
		time.AfterFunc(50*time.Millisecond, cancel) // chosen: the command has opened the pipe by then
		if code := run(ctx, args, io.Discard, io.Discard); code != exitInterrupted {
			t.Errorf("%v: exit code %d, want %d", args, code, exitInterrupted)
		}
	}
}

// TestInterruptible: without an interruption the results of the function are returned.
func TestInterruptible(t *testing.T) {
	wrong := errors.New("wrong")
	if x, err := interruptible(context.Background(), func() (int, error) { return 3, wrong }); x != 3 || err != wrong {
		t.Errorf("got %d, %v", x, err)
	}
}
