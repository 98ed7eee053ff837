package train

import (
	"context"
	"encoding/binary"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"harmonium/dataset"
	"harmonium/rbm"
	"harmonium/rbm/internal/graph"
	"harmonium/rbm/internal/rbmtest"
	"harmonium/store"
)

// finish trains to the end of the run. Each call of Train ends with its epoch.
func finish(t testing.TB, trainer *Trainer) {
	t.Helper()
	for !trainer.Done() {
		if err := trainer.Train(context.Background(), trainer.EpochUpdates()); err != nil {
			t.Fatal(err)
		}
	}
}

// wantSameRun fails the test unless two runs have made the same number of updates and all saved variables of both
// have the same bits.
func wantSameRun(t *testing.T, what string, got, want *Trainer) {
	t.Helper()
	if got.update != want.update {
		t.Fatalf("%s: after %d updates, want %d", what, got.update, want.update)
	}
	for _, v := range want.variables() {
		if v.saved && !slices.Equal(got.floats(t, v.name), want.floats(t, v.name)) {
			t.Errorf("%s: other values of %s", what, v.name)
		}
	}
}

// TestRunIsTheSameForAnyThreads: a run by each training graph has the same bits on one, two and three threads, in
// short on one and two.
func TestRunIsTheSameForAnyThreads(t *testing.T) {
	most := 3
	if testing.Short() {
		most = 2
	}
	for name, tc := range trainingCases() {
		data := &dataset.Set{Train: tc.rows(caseRows, caseVisible)}
		var want *Trainer
		for threads := 1; threads <= most; threads++ {
			got := newTestTrainer(t, tc.config, data, threads)
			finish(t, got)
			if want == nil {
				want = got
			}
			wantSameRun(t, fmt.Sprintf("%s, %d threads", name, threads), got, want)
		}
	}
}

// TestResumeContinuesToTheBit stops a run of nine updates, three an epoch, before each of them and resumes it from
// the file on another number of threads, by each training graph. In short it stops each run once, within its second
// epoch.
func TestResumeContinuesToTheBit(t *testing.T) {
	path := filepath.Join(t.TempDir(), "checkpoint.safetensors")
	provenance := map[string]string{"data": "random"}
	stops := []int{0, 1, 2, 3, 4, 5, 6, 7, 8}
	if testing.Short() {
		stops = []int{4}
	}
	for name, tc := range trainingCases() {
		data := &dataset.Set{Train: tc.rows(caseRows, caseVisible)}
		want := newTestTrainer(t, tc.config, data, 1)
		finish(t, want)
		stopped := newTestTrainer(t, tc.config, data, 2)
		for _, stop := range stops {
			trainTo(t, stopped, stop)
			resumed := saveAndResume(t, path, stopped, data, provenance)
			wantSameRun(t, fmt.Sprintf("%s, resumed at %d", name, stop), resumed, stopped)
			finish(t, resumed)
			wantSameRun(t, fmt.Sprintf("%s, finished from %d", name, stop), resumed, want)
		}
	}
}

// trainTo trains until the run has made the given number of updates.
func trainTo(t *testing.T, trainer *Trainer, updates int) {
	t.Helper()
	for trainer.update < updates {
		if err := trainer.Train(context.Background(), 1); err != nil {
			t.Fatal(err)
		}
	}
}

// saveAndResume saves a run to path and returns the run that goes on from there on one thread.
func saveAndResume(t *testing.T, path string, run *Trainer, data *dataset.Set, provenance map[string]string) *Trainer {
	t.Helper()
	if err := run.Save(path, provenance); err != nil {
		t.Fatal(err)
	}
	c, err := LoadCheckpoint(path)
	if err != nil {
		t.Fatal(err)
	}
	if c.Config != run.config || c.Update != run.update || !maps.Equal(c.Provenance, provenance) {
		t.Errorf("update %d: the checkpoint says %+v", run.update, c)
	}
	resumed, err := c.Resume(data, rbmtest.OpenDevice(t, 1))
	if err != nil {
		t.Fatal(err)
	}
	return resumed
}

// TestCheckpointIsAModel: LoadModel reads the run's model out of its checkpoint.
func TestCheckpointIsAModel(t *testing.T) {
	path := filepath.Join(t.TempDir(), "checkpoint.safetensors")
	trainer, _ := checkpointCase(t, path)
	want, err := trainer.Model()
	if err != nil {
		t.Fatal(err)
	}
	got, err := rbm.LoadModel(path)
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(got.Weights, want.Weights) || !slices.Equal(got.Visible.Bias, want.Visible.Bias) ||
		!slices.Equal(got.Hidden.Bias, want.Hidden.Bias) || !slices.Equal(got.BaseRates, want.BaseRates) {
		t.Error("the model of a checkpoint is another one than the run's")
	}
}

// checkpointCase saves a run with chains and velocities after two updates.
func checkpointCase(t *testing.T, path string) (*Trainer, *dataset.Set) {
	t.Helper()
	data := &dataset.Set{Train: rbmtest.RandomRows(caseRows, caseVisible, true, true)}
	c := pcdConfig()
	c.Hidden, c.BatchSize, c.Momentum = 4, 10, 0.5
	trainer := newTestTrainer(t, c, data, 1)
	if err := trainer.Train(context.Background(), 2); err != nil {
		t.Fatal(err)
	}
	if err := trainer.Save(path, nil); err != nil {
		t.Fatal(err)
	}
	return trainer, data
}

// TestLoadCheckpointRefuses: a file whose metadata lack a key or have a bad value is an error that names the key.
func TestLoadCheckpointRefuses(t *testing.T) {
	folder := t.TempDir()
	good := filepath.Join(folder, "good.safetensors")
	checkpointCase(t, good)
	for name, tc := range map[string]struct {
		change func(metadata map[string]string)
		want   string
	}{
		"a model":          {func(m map[string]string) { delete(m, keyConfig) }, "no training state in it, want a checkpoint"},
		"no JSON":          {func(m map[string]string) { m[keyConfig] = "{" }, "metadata config: unexpected end of JSON input"},
		"a bad config":     {func(m map[string]string) { m[keyConfig] = `{"hidden":4}` }, "metadata config: train: Binarize"},
		"no updates":       {func(m map[string]string) { delete(m, keyUpdate) }, `metadata update is "", want a number of updates`},
		"negative updates": {func(m map[string]string) { m[keyUpdate] = "-1" }, `metadata update is "-1", want a number of updates`},
		"half an update":   {func(m map[string]string) { m[keyUpdate] = "1.5" }, `metadata update is "1.5", want a number of updates`},
		"negative time":    {func(m map[string]string) { m[keyNanoseconds] = "-5" }, `metadata nanoseconds is "-5", want a number of at least 0`},
		"a bad provenance": {func(m map[string]string) { m["provenance"] = "[]" }, "provenance: json"},
	} {
		t.Run(name, func(t *testing.T) {
			f, err := store.ReadSafetensors(good)
			if err != nil {
				t.Fatal(err)
			}
			tc.change(f.Metadata)
			path := filepath.Join(folder, "bad.safetensors")
			if err := store.WriteSafetensors(path, f); err != nil {
				t.Fatal(err)
			}
			_, err = LoadCheckpoint(path)
			if err == nil || !strings.HasPrefix(err.Error(), "train: read "+path+": ") || !strings.Contains(err.Error(), tc.want) {
				t.Errorf("got error %v, want %q", err, tc.want)
			}
		})
	}
}

// TestResumeRefuses: other data, and files whose tensors do not fit their configuration, are errors. The run of
// checkpointCase has 100 chains, the least number by default.
func TestResumeRefuses(t *testing.T) {
	folder := t.TempDir()
	good := filepath.Join(folder, "good.safetensors")
	_, data := checkpointCase(t, good)
	other := rbmtest.RandomRows(caseRows, caseVisible, true, true)
	other.Bytes[5]++
	for name, tc := range map[string]struct {
		change func(f *store.Safetensors)
		data   *dataset.Set
		want   string
	}{
		"another byte": {nil, &dataset.Set{Train: other}, "the training rows have SHA-256 "},
		"fewer rows":   {nil, &dataset.Set{Train: data.Train.Slice(0, 22)}, "the training rows have SHA-256 "},
		"other width":  {nil, &dataset.Set{Train: rbmtest.RandomRows(23, 8, true, true)}, "the training rows have SHA-256 "},
		"no chains": {func(f *store.Safetensors) {
			f.Tensors = slices.DeleteFunc(f.Tensors, func(t store.Tensor) bool { return t.Name == graph.Chains })
		}, data, `tensor "chains" is missing`},
		"other chains": {func(f *store.Safetensors) {
			f.Metadata[keyConfig] = strings.Replace(f.Metadata[keyConfig], `"chains":100`, `"chains":7`, 1)
		}, data, `tensor "chains": shape [100 4], want [7 4]`},
		"no velocity": {func(f *store.Safetensors) {
			f.Tensors = slices.DeleteFunc(f.Tensors, func(t store.Tensor) bool { return t.Name == "weights_velocity" })
		}, data, `tensor "weights_velocity" is missing`},
		"another fingerprint": {func(f *store.Safetensors) { f.Metadata[keyFingerprint] = "" }, data, "the training rows have SHA-256 "},
	} {
		t.Run(name, func(t *testing.T) {
			f, err := store.ReadSafetensors(good)
			if err != nil {
				t.Fatal(err)
			}
			if tc.change != nil {
				tc.change(&f)
			}
			path := filepath.Join(folder, "bad.safetensors")
			if err := store.WriteSafetensors(path, f); err != nil {
				t.Fatal(err)
			}
			c, err := LoadCheckpoint(path)
			if err != nil {
				t.Fatal(err)
			}
			_, err = c.Resume(tc.data, rbmtest.OpenDevice(t, 1))
			if err == nil || !strings.HasPrefix(err.Error(), "train: resume "+path+": ") || !strings.Contains(err.Error(), tc.want) {
				t.Errorf("got error %v, want %q", err, tc.want)
			}
		})
	}
}

// TestHeaderFlips flips each bit of a checkpoint's header: the file is refused, or it is the same
// checkpoint.
func TestHeaderFlips(t *testing.T) {
	if testing.Short() {
		t.Skip("takes seconds")
	}
	t.Parallel()
	path := filepath.Join(t.TempDir(), "checkpoint.safetensors")
	checkpointCase(t, path)
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	want, err := LoadCheckpoint(path)
	if err != nil {
		t.Fatal(err)
	}
	if want.Unsummed() {
		t.Error("a new checkpoint has no sum of its header")
	}
	length := 8 + int(binary.LittleEndian.Uint64(content)) // the first eight bytes are the length of the rest
	for bit := range 8 * length {
		content[bit/8] ^= 1 << (bit % 8)
		if err := os.WriteFile(path, content, 0o666); err != nil {
			t.Fatal(err)
		}
		content[bit/8] ^= 1 << (bit % 8)
		got, err := LoadCheckpoint(path)
		if err != nil {
			continue
		}
		// A flip in the name of the sum makes a file without a sum, with all settings as they were.
		got.file.Metadata, got.file.Unsummed = want.file.Metadata, false
		if !reflect.DeepEqual(got, want) {
			t.Errorf("bit %d of byte %d is flipped: the file is another checkpoint, of %+v", bit%8, bit/8, got.Config)
		}
	}
}
