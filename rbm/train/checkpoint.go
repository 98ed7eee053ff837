package train

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"strconv"
	"time"

	"harmonium/dataset"
	"harmonium/engine"
	"harmonium/rbm"
	"harmonium/store"
)

// The keys of a checkpoint's metadata.
const (
	keyConfig      = "config"      // Config as JSON
	keyUpdate      = "update"      // updates done
	keyFingerprint = "data_sha256" // of the training rows
	keyValidSum    = "valid_sha256"
	keyTestSum     = "test_sha256"
	keyNanoseconds = "nanoseconds" // spent in updates, in files of earlier versions
	keyTrajectory  = "trajectory"  // as JSON, of a run by parallel trajectory tempering
	keyGuard       = "guard"       // as JSON, of a run with a guard
)

// Save writes a checkpoint: the model and everything else the run needs to go on as if
// it had never stopped. It is written by [store.WriteAtomic], and [rbm.LoadModel] reads it as the
// model it holds.
func (t *Trainer) Save(path string, provenance map[string]string) error {
	if err := t.collect(); err != nil {
		return fmt.Errorf("train: write %s: %w", path, err)
	}
	m, err := t.Model()
	if err != nil {
		return err
	}
	m.Provenance = provenance
	f, err := m.Tensors()
	if err != nil {
		return fmt.Errorf("train: write %s: %w", path, err)
	}
	for _, v := range t.variables() {
		if !v.saved || f.Has(v.name) {
			continue
		}
		data := make([]float32, volume(v.shape))
		if err := t.state.Get(v.name, data); err != nil {
			return fmt.Errorf("train: write %s: %w", path, err)
		}
		f.Tensors = append(f.Tensors, store.Tensor{Name: v.name, Shape: v.shape, Data: data})
	}
	config, err := json.Marshal(t.config)
	if err != nil {
		return fmt.Errorf("train: write %s: %w", path, err)
	}
	f.Metadata[keyConfig] = string(config)
	f.Metadata[keyUpdate] = strconv.Itoa(t.update)
	for part, sum := range t.Fingerprints() {
		f.Metadata[sumKeys[part]] = sum
	}
	if t.trajectory != nil {
		trajectory, err := json.Marshal(t.trajectory)
		if err != nil {
			return fmt.Errorf("train: write %s: %w", path, err)
		}
		f.Metadata[keyTrajectory] = string(trajectory)
	}
	if t.config.watched() {
		guard, err := json.Marshal(t.guard)
		if err != nil {
			return fmt.Errorf("train: write %s: %w", path, err)
		}
		f.Metadata[keyGuard] = string(guard)
	}
	return store.WriteSafetensors(path, f)
}

// sumKeys are the keys of the fingerprints of a data set's parts.
var sumKeys = map[string]string{partTrain: keyFingerprint, partValid: keyValidSum, partTest: keyTestSum}

// Checkpoint is a run as a checkpoint file describes it, before it is resumed.
type Checkpoint struct {
	Config     Config
	Update     int
	Provenance map[string]string

	// Spent is the time that the run has spent in updates. Files of this version do not record it, so
	// that the checkpoints of equal runs are equal. The caller may set it before Resume, for
	// Metrics.Seconds.
	Spent time.Duration

	path         string
	file         store.Safetensors
	fingerprints map[string]string
	rate         float64 // of the configuration in the file
	trajectory   *trajectory
	guard        *guard
}

// Unsummed reports that the checkpoint is of an earlier version, whose files have no sum of the run's
// settings: damage to them would be unnoticed.
func (c *Checkpoint) Unsummed() bool { return c.file.Unsummed }

// ErrNoCheckpoint is wrapped by the error of [LoadCheckpoint] for a file that holds a model
// alone.
var ErrNoCheckpoint = errors.New("no training state in it, want a checkpoint")

// LoadCheckpoint reads a file that [Trainer.Save] wrote. Like [rbm.LoadModel] it refuses
// a file that it cannot trust, and says what it found and what it wanted.
func LoadCheckpoint(path string) (*Checkpoint, error) {
	f, err := store.ReadSafetensors(path)
	if err != nil {
		return nil, err
	}
	c := &Checkpoint{path: path, file: f, fingerprints: map[string]string{}}
	for part, key := range sumKeys {
		c.fingerprints[part] = f.Metadata[key]
	}
	if err := c.parse(); err != nil {
		return nil, fmt.Errorf("train: read %s: %w", path, err)
	}
	return c, nil
}

// DataSum returns the SHA-256 of the training rows, in hexadecimal.
func (c *Checkpoint) DataSum() string { return c.fingerprints[partTrain] }

// saved returns the saved variables of the run. It refuses tensors whose shapes do not agree with the
// configuration, before Resume allocates memory for it.
func (c *Checkpoint) saved(data *dataset.Set) (map[string][]float32, error) {
	t := frame(c.Config, data, c.trajectory)
	if err := t.setLayers(); err != nil {
		return nil, err
	}
	variables := map[string][]float32{}
	for _, v := range t.variables() {
		if !v.saved {
			continue
		}
		var err error
		if variables[v.name], err = store.Elements[float32](c.file, v.name, v.shape...); err != nil {
			return nil, err
		}
	}
	return variables, nil
}

// parse reads the metadata of the file into c, and refuses values out of range.
func (c *Checkpoint) parse() error {
	m, err := rbm.FromTensors(c.file)
	if err != nil {
		return err
	}
	c.Provenance = m.Provenance
	config, ok := c.file.Metadata[keyConfig]
	if !ok {
		return ErrNoCheckpoint
	}
	if err := json.Unmarshal([]byte(config), &c.Config); err != nil {
		return fmt.Errorf("metadata %s: %w", keyConfig, err)
	}
	if err := c.Config.validateResolved(); err != nil {
		return fmt.Errorf("metadata %s: %w", keyConfig, err)
	}
	c.rate = c.Config.LearningRate
	if c.Config.Hidden != m.Hidden.Len() {
		return fmt.Errorf("metadata %s: hidden is %d, want %d as the tensor \"weights\" has",
			keyConfig, c.Config.Hidden, m.Hidden.Len())
	}
	if c.Update, err = strconv.Atoi(c.file.Metadata[keyUpdate]); err != nil || c.Update < 0 || c.Update > math.MaxInt32 {
		return fmt.Errorf("metadata %s is %q, want a number of updates", keyUpdate, c.file.Metadata[keyUpdate])
	}
	if text, ok := c.file.Metadata[keyNanoseconds]; ok {
		nanoseconds, err := strconv.ParseInt(text, 10, 64)
		if err != nil || nanoseconds < 0 {
			return fmt.Errorf("metadata %s is %q, want a number of at least 0", keyNanoseconds, text)
		}
		c.Spent = time.Duration(nanoseconds)
	}
	if err := c.parseGuard(); err != nil {
		return fmt.Errorf("metadata %s: %w", keyGuard, err)
	}
	return c.parseTrajectory()
}

// parseGuard reads the state of the guard.
func (c *Checkpoint) parseGuard() error {
	c.guard = &guard{Factor: 1}
	if !c.Config.watched() {
		return nil
	}
	if err := json.Unmarshal([]byte(c.file.Metadata[keyGuard]), c.guard); err != nil {
		return err
	}
	return c.guard.check(c)
}

// parseTrajectory reads the ladder of a run by parallel trajectory tempering.
func (c *Checkpoint) parseTrajectory() error {
	if c.Config.Algorithm != "ptt" {
		return nil
	}
	c.trajectory = &trajectory{}
	if err := json.Unmarshal([]byte(c.file.Metadata[keyTrajectory]), c.trajectory); err != nil {
		return fmt.Errorf("metadata %s: %w", keyTrajectory, err)
	}
	if err := c.trajectory.check(); err != nil {
		return fmt.Errorf("metadata %s: %w", keyTrajectory, err)
	}
	return nil
}

// check returns an error that names what is out of range in a trajectory that was read from a checkpoint.
func (tr *trajectory) check() error {
	switch {
	case !(tr.Factor > 0 && tr.Factor <= 1):
		return fmt.Errorf("factor is %v, want a positive number of at most 1", tr.Factor)
	case len(tr.Acceptance) == 0:
		return errors.New("no acceptance, want one for each frozen model")
	case tr.Since < 0 || tr.Rejections < 0 || tr.Rejections >= mostRejections:
		return fmt.Errorf("%d updates since and %d rejections, want at least 0 of both and less than %d of these",
			tr.Since, tr.Rejections, mostRejections)
	case tr.Wait < 0 || tr.Stages < 0:
		return fmt.Errorf("wait is %d and stages %d, want at least 0 of both", tr.Wait, tr.Stages)
	case !(tr.Variance >= 0):
		return fmt.Errorf("variance is %v, want a number of at least 0", tr.Variance)
	}
	return nil
}

// Resume returns the run at the checkpoint. The rows must be the same as before, also the validation
// and test rows that the run had; the device may be another one. c.Config gives the length of the run
// and its learning rate, and the caller may have changed them. Another learning rate sets the factors
// of the learning rate, of the guard and with ptt of the trajectory, back to 1, also of the best estimate that the guard
// may go back to.
func (c *Checkpoint) Resume(data *dataset.Set, d engine.Device) (*Trainer, error) {
	if err := checkInput(data, d); err != nil {
		return nil, err
	}
	got := fingerprintsOf(data)
	if err := checkFingerprints(got, c.fingerprints); err != nil {
		return nil, fmt.Errorf("train: resume %s: %w", c.path, err)
	}
	saved, err := c.saved(data)
	if err != nil {
		return nil, fmt.Errorf("train: resume %s: %w", c.path, err)
	}
	t, err := newTrainer(c.Config, data, d, c.trajectory.clone())
	if err != nil {
		return nil, err
	}
	guard := *c.guard
	guard.Trajectory = guard.Trajectory.clone()
	t.guard, t.fingerprints = &guard, got
	if c.Config.LearningRate != c.rate {
		t.guard.Factor = 1
		for _, tr := range []*trajectory{t.trajectory, t.guard.Trajectory} {
			if tr != nil {
				tr.Factor = 1
			}
		}
	}
	for name, values := range saved {
		if err := t.state.Set(name, values); err != nil {
			return nil, fmt.Errorf("train: resume %s: %w", c.path, err)
		}
	}
	t.update, t.trained = c.Update, c.Spent
	t.resumed = progress{t.update, t.trained}
	t.together.stale = t.several()
	return t, t.beginEpoch()
}
