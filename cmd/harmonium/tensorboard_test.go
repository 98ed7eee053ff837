package main

import (
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"harmonium/store"
)

// TestTensorboard: a run with an event file has the same results as one without, holds its numbers and
// pictures, and goes on with it after a resume without the flag. No step is written twice.
func TestTensorboard(t *testing.T) {
	slow(t)
	t.Chdir(t.TempDir())
	mustRun(t, with(bars, "--updates", "20", "--online-every", "1", "--out", "plain")...)
	mustRun(t, with(bars, "--updates", "20", "--online-every", "1", "--tensorboard", "--out", "shown")...)
	wantSameRun(t, "shown", "plain")
	if exists(filepath.Join("plain", fileEvents)) {
		t.Error("a run without the flag has an event file")
	}
	path := filepath.Join("shown", fileEvents)
	file := readBytes(t, path)
	for _, tag := range []string{"log_likelihood_train", "learning_rate", "log_z_online", "weights", "hidden_bias", "samples", "filters", "\x89PNG"} {
		if !bytes.Contains(file, []byte(tag)) {
			t.Errorf("the event file has no %q", tag)
		}
	}
	if n, err := store.EventsUpTo(bytes.NewReader(file), 20); int(n) != len(file) || err != nil {
		t.Errorf("%d of %d bytes are whole events up to the last update, %v", n, len(file), err)
	}
	mustRun(t, "train", "--resume", "shown", "--updates", "30")
	longer := readBytes(t, path)
	kept, _ := store.EventsUpTo(bytes.NewReader(longer), 20)
	all, _ := store.EventsUpTo(bytes.NewReader(longer), 30)
	if kept == 0 || !bytes.Equal(longer[:kept], file[:kept]) || int(all) != len(longer) || all == kept {
		t.Errorf("of %d bytes %d are up to update 20, and %d up to update 30", len(longer), kept, all)
	}
}

// TestBoardCuts: what is torn or later than the update goes, and nothing else.
func TestBoardCuts(t *testing.T) {
	folder := runFolder(t.TempDir())
	b, err := openBoard(folder, 0)
	if err != nil {
		t.Fatal(err)
	}
	for update := range 4 {
		var r epochRecord
		r.Update = update
		if err := b.add(r, nil); err != nil {
			t.Fatal(err)
		}
	}
	b.close()
	whole := readBytes(t, folder.file(fileEvents))
	os.WriteFile(folder.file(fileEvents), slices.Concat(whole, []byte("torn")), 0o666)
	for _, c := range []struct{ update, least, most int }{{3, len(whole), len(whole)}, {1, 1, len(whole) - 1}} {
		if b, err = openBoard(folder, c.update); err != nil {
			t.Fatal(err)
		}
		b.close()
		if got := readBytes(t, folder.file(fileEvents)); !bytes.HasPrefix(whole, got) || len(got) < c.least || len(got) > c.most {
			t.Errorf("up to update %d: %d bytes, want the first %d to %d", c.update, len(got), c.least, c.most)
		}
	}
}
