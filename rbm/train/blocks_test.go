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

// The rows of rowsFile. Nine tenths of them train: 387 rows, which are 13 batches of at most 32, in more than three
// blocks.
const (
	fileRows    = 430
	fileColumns = 70
	blockRows   = 100
)

// rowsFile writes rows of grey bytes to an NPY file and returns its path.
func rowsFile(t *testing.T) string {
	t.Helper()
	rows := rbmtest.RandomRows(fileRows, fileColumns, true, true)
	return storetest.WriteFile(t, "rows.npy", storetest.NPY("|u1", fmt.Sprintf("(%d, %d)", fileRows, fileColumns), rows.Bytes...))
}

// blocksConfig trains two epochs on rowsFile block by block.
func blocksConfig() Config {
	c := pcdConfig()
	c.Hidden, c.BatchSize, c.Epochs, c.BlockRows = 9, 32, 2, blockRows
	return c
}

// openRows opens a file with a tenth of its rows for validation. With block rows above 0 the rows stay in the file.
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
	path := rowsFile(t)
	c := blocksConfig()
	for device, d := range testDevices(t) {
		for _, tc := range []struct {
			name, algorithm string
			columns         dataset.Columns
		}{
			{"pcd", "pcd", dataset.Columns{}},
			{"cd", "cd", dataset.Columns{}},
			{"pcd with a weight, a label and a dropped column", "pcd", dataset.Columns{Weight: "1", Label: "2", Drop: "5"}},
		} {
			c.Algorithm = tc.algorithm
			name := device + ", " + tc.name
			memory, stored := openRows(t, path, 0, tc.columns), openRows(t, path, blockRows, tc.columns)
			if memory.Train.Stored() {
				t.Fatalf("%s: without blocks the rows stay in the file", name)
			}
			if !stored.Train.Stored() {
				t.Fatalf("%s: with blocks the rows are in memory", name)
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
			trainTo(t, got, 15)                         // the second update of the second epoch
			for _, run := range []*Trainer{want, got} { // the monitors read rows of other blocks than the update
				if _, err := run.Metrics(); err != nil {
					t.Fatal(err)
				}
			}
			got = resumedOn(t, d, got, stored)
			finish(t, got)
			if !reflect.DeepEqual(modelOf(t, got), modelOf(t, want)) {
				t.Errorf("%s: another model than from memory", name)
			}
			if estimated, wanted := estimateOf(t, got), estimateOf(t, want); !reflect.DeepEqual(estimated, wanted) {
				t.Errorf("%s: estimate %+v, want %+v", name, estimated, wanted)
			}
			if !reflect.DeepEqual(got.Fingerprints(), want.Fingerprints()) {
				t.Errorf("%s: other fingerprints", name)
			}
			c.BlockRows = fileRows
			one := trainer(c, memory)
			c.BlockRows = 0
			plain := trainer(c, memory)
			c.BlockRows = blockRows
			finish(t, one)
			finish(t, plain)
			if !reflect.DeepEqual(modelOf(t, one), modelOf(t, plain)) {
				t.Errorf("%s: one block gives another model than none", name)
			}
			if slices.Equal(modelOf(t, plain).Weights, modelOf(t, want).Weights) {
				t.Errorf("%s: a run with blocks and one without have the same weights: the blocks were not in use", name)
			}
		}
	}
}

// resumedOn saves a run and returns the run that a device resumes from the file.
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

// TestBlocksOfACutFile: a file that is cut during a run ends it with an error of one line, without the text of a Go
// value, which would have braces.
func TestBlocksOfACutFile(t *testing.T) {
	path := rowsFile(t)
	run := newTestTrainer(t, blocksConfig(), openRows(t, path, blockRows, dataset.Columns{}), 2)
	if err := run.Train(context.Background(), 2); err != nil {
		t.Fatal(err)
	}
	if err := os.Truncate(path, 20000); err != nil {
		t.Fatal(err)
	}
	err := run.Train(context.Background(), 20) // to the end of the epoch
	if err == nil {
		t.Fatal("the run trains on a file that was cut")
	}
	// The file had 430·70 = 30,100 bytes after a header of some hundred.
	if want := "rows.npy: ends at byte 20000, but had 30"; !strings.Contains(err.Error(), want) {
		t.Errorf("got error %v, want %q", err, want)
	}
	if strings.ContainsAny(err.Error(), "\n{") {
		t.Errorf("the error %q has several lines or braces", err)
	}
}

// TestNegativeBlocks: a negative number of rows in a block is refused.
func TestNegativeBlocks(t *testing.T) {
	c := blocksConfig()
	c.BlockRows = -1
	_, err := New(c, &dataset.Set{Train: rbmtest.RandomRows(40, 5, true, true)}, rbmtest.OpenDevice(t, 1))
	if want := "train: BlockRows is -1, want at least 1, or 0 for no blocks"; err == nil || err.Error() != want {
		t.Errorf("got error %v, want %q", err, want)
	}
}
