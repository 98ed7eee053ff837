package main

import (
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"harmonium/store"
)

// TestTensorboard: a run with --tensorboard has the same results as one without. Its event file has the run's numbers and
// pictures, and grows when the run is resumed without the flag: what was there stays, and no update is there twice.
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
	for _, tag := range []string{
		"log_likelihood_train", "learning_rate", "log_z_online", "weights", "hidden_bias", "samples", "filters", "\x89PNG",
	} {
		if !bytes.Contains(file, []byte(tag)) {
			t.Errorf("the event file has no %q", tag)
		}
	}
	if n, err := store.EventsUpTo(bytes.NewReader(file), 20); int(n) != len(file) || err != nil {
		t.Errorf("%d of %d bytes are whole events up to the last update, %v", n, len(file), err)
	}
	mustRun(t, "train", "--resume", "shown", "--updates", "30")
	longer := readBytes(t, path)
	to20, _ := store.EventsUpTo(bytes.NewReader(longer), 20)
	to30, _ := store.EventsUpTo(bytes.NewReader(longer), 30)
	if to20 == 0 || !bytes.Equal(longer[:to20], file[:to20]) {
		t.Errorf("the %d bytes up to update 20 have changed, or there are none", to20)
	}
	if int(to30) != len(longer) || to30 == to20 {
		t.Errorf("of %d bytes %d are up to update 20 and %d up to update 30, want all and more", len(longer), to20, to30)
	}
}

// TestBoardCuts: opening the event file of a run that goes on after an update cuts off what is torn or later than this
// update, and nothing else.
func TestBoardCuts(t *testing.T) {
	folder := runFolder(t.TempDir())
	b, err := openBoard(folder, 0)
	if err != nil {
		t.Fatal(err)
	}
	var ends [4]int // bytes of the file after the events of each update
	for update := range ends {
		var r epochRecord
		r.Update = update
		if err := b.add(r, nil); err != nil {
			t.Fatal(err)
		}
		ends[update] = len(readBytes(t, folder.file(fileEvents)))
	}
	b.close()
	whole := readBytes(t, folder.file(fileEvents))
	os.WriteFile(folder.file(fileEvents), slices.Concat(whole, []byte("torn")), 0o666)
	for _, update := range []int{3, 1} { // only the torn end goes, and then the events of updates 2 and 3
		if b, err = openBoard(folder, update); err != nil {
			t.Fatal(err)
		}
		b.close()
		if got := readBytes(t, folder.file(fileEvents)); !bytes.Equal(got, whole[:ends[update]]) {
			t.Errorf("up to update %d: %d bytes, want the first %d", update, len(got), ends[update])
		}
	}
}
