package train

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"harmonium/dataset"
	"harmonium/engine"
	"harmonium/rbm"
	"harmonium/rbm/internal/rbmtest"
	"harmonium/store/storetest"
)

// rowsFile writes rows of grey bytes to an NPY file and returns its path.
func rowsFile(t *testing.T, n, visible int) string {
	t.Helper()
	rows := rbmtest.RandomRows(n, visible, true, true)
	return storetest.WriteFile(t, "rows.npy", storetest.NPY("|u1", fmt.Sprintf("(%d, %d)", n, visible), rows.Bytes...))
}

func openRows(t *testing.T, path string, block int, columns dataset.Columns) *dataset.Set {
	t.Helper()
	set, err := dataset.Open(path, dataset.Options{BlockRows: block, Columns: columns, Valid: "0.1", Seed: 1})
	if err != nil {
		t.Fatal(err)
	}
	return set
}

// TestBlocksTrain: a run on rows that stay in their file has the bits of one on the same rows in memory, in
// its parameters, records and estimates, and after it was resumed within an epoch. With all rows in one block it
// is the run without blocks.
func TestBlocksTrain(t *testing.T) {
	ctx := context.Background()
	devices := rbmtest.GPUs(t, "f32")
	if devices == nil {
		devices = map[string]engine.Device{}
	}
	devices["cpu"] = rbmtest.OpenDevice(t, 2)
	const rows, visible, block = 430, 70, 100
	path := rowsFile(t, rows, visible)
	c := pcdConfig()
	c.Hidden, c.BatchSize, c.Epochs, c.BlockRows, c.Guard = 9, 32, 2, block, "off"
	for on, d := range devices {
		for _, of := range []struct {
			algorithm string
			columns   dataset.Columns
		}{{"pcd", dataset.Columns{}}, {"cd", dataset.Columns{}}, {"pcd", dataset.Columns{Weight: "1", Label: "2", Drop: "5"}}} {
			c.Algorithm = of.algorithm
			name := on + ", " + of.algorithm
			memory, stored := openRows(t, path, 0, of.columns), openRows(t, path, block, of.columns)
			if memory.Train.Stored() || !stored.Train.Stored() {
				t.Fatal("the rows are not where they should be")
			}
			trainer := func(c Config, set *dataset.Set) *Trainer {
				t.Helper()
				run, err := New(c, set, d)
				if err != nil {
					t.Fatalf("%s: %v", name, err)
				}
				return run
			}
			want, got := trainer(c, memory), trainer(c, stored)
			finish(t, want)
			if err := got.Train(ctx, 15); err != nil { // 13 updates are an epoch
				t.Fatal(err)
			}
			for _, run := range []*Trainer{want, got} { // reads rows of other blocks
				if _, err := run.Metrics(); err != nil {
					t.Fatal(err)
				}
			}
			got = resumedOn(t, d, got, stored)
			finish(t, got)
			if !reflect.DeepEqual(modelOf(t, got), modelOf(t, want)) {
				t.Errorf("%s: another model than from memory", name)
			}
			a, b := estimateOf(t, got), estimateOf(t, want)
			if !reflect.DeepEqual(a, b) {
				t.Errorf("%s: estimate %+v, want %+v", name, a, b)
			}
			if !reflect.DeepEqual(got.Fingerprints(), want.Fingerprints()) {
				t.Errorf("%s: other fingerprints", name)
			}
			c.BlockRows = rows
			one := trainer(c, memory)
			c.BlockRows = 0
			plain := trainer(c, memory)
			c.BlockRows = block
			finish(t, one)
			finish(t, plain)
			if !reflect.DeepEqual(modelOf(t, one), modelOf(t, plain)) {
				t.Errorf("%s: one block gives another model than none", name)
			}
			if slices.Equal(modelOf(t, plain).Weights, modelOf(t, want).Weights) {
				t.Errorf("%s: blocks give the model of a run without", name)
			}
		}
	}
}

// resumedOn saves a run and resumes it on a device.
func resumedOn(t *testing.T, d engine.Device, run *Trainer, set *dataset.Set) *Trainer {
	t.Helper()
	path := filepath.Join(t.TempDir(), "checkpoint.safetensors")
	if err := run.Save(path, nil); err != nil {
		t.Fatal(err)
	}
	c, err := LoadCheckpoint(path)
	if err == nil {
		run, err = c.Resume(set, d)
	}
	if err != nil {
		t.Fatal(err)
	}
	return run
}

func modelOf(t *testing.T, run *Trainer) *rbm.Model {
	t.Helper()
	m, err := run.Model()
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func estimateOf(t *testing.T, run *Trainer) *Online {
	t.Helper()
	o, err := run.Estimate(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	return o
}

// TestBlocksOfACutFile: a file that is cut during a run ends it with one line.
func TestBlocksOfACutFile(t *testing.T) {
	path := rowsFile(t, 430, 70)
	set := openRows(t, path, 100, dataset.Columns{})
	c := pcdConfig()
	c.Hidden, c.BatchSize, c.Epochs, c.BlockRows = 9, 32, 2, 100
	run := newTestTrainer(t, c, set, 2)
	if err := run.Train(context.Background(), 2); err != nil {
		t.Fatal(err)
	}
	if err := os.Truncate(path, 20000); err != nil {
		t.Fatal(err)
	}
	err := run.Train(context.Background(), 20)
	// The file had 430·70 bytes and a header.
	if want := "rows.npy: ends at byte 20000, but had 30"; err == nil || !strings.Contains(err.Error(), want) || strings.ContainsAny(err.Error(), "\n{") {
		t.Errorf("got error %v, want %q", err, want)
	}
	c.BlockRows = -1
	if _, err := New(c, set, rbmtest.OpenDevice(t, 1)); err == nil || err.Error() != "train: BlockRows is -1, want at least 1, or 0 for no blocks" {
		t.Errorf("blocks of -1 rows: %v", err)
	}
}
