package rbm

import (
	"encoding/json"
	"fmt"
	"math"

	"harmonium/engine"
	"harmonium/store"
)

// The keys of a model file's metadata.
const (
	keyProvenance   = "provenance"
	keyVisibleUnits = "visible_units"
	keyHiddenUnits  = "hidden_units"
)

// Save writes the model to a safetensors file with the float32 tensors
//
//	weights (V,H), visible_bias (V), hidden_bias (H)
//	base_rates (V)                  if they are known
//	lateral (V,V)                   with couplings
//	visible_log_variance (V)        log σ², if visible states are real
//	base_variances (V)              beside the base rates, if visible states are real
//	hidden_log_variance (H)         if hidden states are real
//	hidden_jump, hidden_skew (H)    if hidden units have two sides
//
// and the provenance as a JSON object under the key "provenance" of the metadata. The same model gives the same
// bytes. The file is written by [store.WriteAtomic].
//
// The file has version "1" if all units are of the default kind and there are no couplings. Otherwise it has version "2"
// and the kinds of the units, as Units.String writes them, under the keys "visible_units" and
// "hidden_units".
//
// Save refuses a model that [LoadModel] would refuse.
func (m *Model) Save(path string) error {
	f, err := m.Tensors()
	if err != nil {
		return fmt.Errorf("rbm: write %s: %w", path, err)
	}
	return store.WriteSafetensors(path, f)
}

// LoadModel reads the model from a file that [Model.Save] wrote. The file may
// hold more than the model: a checkpoint is read as the model it holds.
//
// LoadModel refuses
//   - a file of another format or version, or with a wrong SHA-256,
//   - a tensor that is missing or has another element type or shape,
//   - NaN, an infinity, a base rate of a column without real states outside [0,1], a log-variance outside [-80,80],
//     or a base variance that is not above 0,
//   - units of an unknown kind, of another number than the shapes require, or of kinds that CheckReal refuses,
//   - tensors of real states or of two sides where no unit has them, or numbers other than 0 in other columns,
//   - couplings that differ both ways, or are not 0 within a unit.
//
// The error names the file, what was found and what was expected.
func LoadModel(path string) (*Model, error) {
	f, err := store.ReadSafetensors(path)
	if err != nil {
		return nil, err
	}
	m, err := FromTensors(f)
	if err != nil {
		return nil, fmt.Errorf("rbm: read %s: %w", path, err)
	}
	return m, nil
}

// modelTensor is one tensor of a model in a file.
type modelTensor struct {
	name  string
	shape []int
	data  *[]float32

	optional bool                                 // the data may be nil
	check    func(i int, x float64) (want string) // what is wanted of element i in place of x, "" if x is right
}

// fileTensors returns the tensors that a file of m may hold, in their order, with the shapes of a model of the
// given size. m holds the units that the checks depend on.
func (m *Model) fileTensors(visible, hidden int) []modelTensor {
	visibleReal := func(i int) bool { return m.Visible.Units.Of(i).Real() }
	hiddenReal := func(j int) bool { return m.Hidden.Units.Of(j).Real() }
	rate := func(i int, x float64) string {
		if !visibleReal(i) && !(x >= 0 && x <= 1) {
			return "a number in [0,1]"
		}
		return finite(i, x)
	}
	logVariance := func(real func(i int) bool) func(i int, x float64) string {
		return func(i int, x float64) string {
			switch {
			case real(i) && !(math.Abs(x) <= maxLogVariance):
				return fmt.Sprintf("a number from -%d to %[1]d", maxLogVariance)
			case !real(i) && x != 0:
				return "0 in a column without real states"
			}
			return ""
		}
	}
	side := func(j int, x float64) string { // a jump or a skew
		if x != 0 && !m.Hidden.Units.Of(j).Sides() {
			return "0 in a column without two sides"
		}
		return finite(j, x)
	}
	variance := func(i int, x float64) string {
		switch {
		case visibleReal(i) && !(x > 0 && x <= math.MaxFloat32):
			return "a finite number above 0"
		case !visibleReal(i) && x != 0:
			return "0 in a column without real states"
		}
		return ""
	}
	return []modelTensor{
		{"weights", []int{visible, hidden}, &m.Weights, false, finite},
		{"visible_bias", []int{visible}, &m.Visible.Bias, false, finite},
		{"hidden_bias", []int{hidden}, &m.Hidden.Bias, false, finite},
		{"base_rates", []int{visible}, &m.BaseRates, true, rate},
		{"visible_log_variance", []int{visible}, &m.Visible.LogVariance, true, logVariance(visibleReal)},
		{"base_variances", []int{visible}, &m.BaseVariances, true, variance},
		{"hidden_log_variance", []int{hidden}, &m.Hidden.LogVariance, true, logVariance(hiddenReal)},
		{"hidden_jump", []int{hidden}, &m.Hidden.Jump, true, side},
		{"hidden_skew", []int{hidden}, &m.Hidden.Skew, true, side},
		{"lateral", []int{visible, visible}, &m.Lateral, true, finite},
	}
}

// maxLogVariance bounds the log-variances of a model. Chosen: e^(±80) is well inside the normal float32 numbers.
const maxLogVariance = 80

// finite returns what is wanted of a number that is not finite, else "".
func finite(_ int, x float64) string {
	if !(math.Abs(x) <= math.MaxFloat32) {
		return "a finite number"
	}
	return ""
}

// Tensors returns the model as the content of a file. The slices belong to the model.
// Tensors refuses a model that [LoadModel] would refuse.
func (m *Model) Tensors() (store.Safetensors, error) {
	f := store.Safetensors{Version: store.Version1, Metadata: map[string]string{}}
	if err := m.checkValues(); err != nil {
		return f, err
	}
	for _, t := range m.fileTensors(m.Visible.Len(), m.Hidden.Len()) {
		if *t.data != nil {
			f.Tensors = append(f.Tensors, store.Tensor{Name: t.name, Shape: t.shape, Data: *t.data})
		}
	}
	if !m.Visible.Units.Default() || !m.Hidden.Units.Default() || m.Coupled() {
		f.Version = store.Version2
		f.Metadata[keyVisibleUnits] = m.Visible.groups().String()
		f.Metadata[keyHiddenUnits] = m.Hidden.groups().String()
	}
	if m.Provenance != nil {
		text, err := json.Marshal(m.Provenance)
		if err != nil {
			return f, err
		}
		f.Metadata[keyProvenance] = string(text)
	}
	return f, nil
}

// FromTensors returns the model in the content of a file. Its slices belong to f. The error
// names what was found and what was expected.
func FromTensors(f store.Safetensors) (*Model, error) {
	weights, err := f.Tensor("weights")
	if err != nil {
		return nil, err
	}
	if len(weights.Shape) != 2 {
		return nil, fmt.Errorf("tensor %q: shape %v, want two dimensions", weights.Name, weights.Shape)
	}
	m := &Model{}
	for _, t := range m.fileTensors(weights.Shape[0], weights.Shape[1]) {
		if _, err := f.Tensor(t.name); err != nil && t.optional {
			continue
		}
		if *t.data, err = store.Elements[float32](f, t.name, t.shape...); err != nil {
			return nil, err
		}
	}
	if m.Coupled() && f.Version != store.Version2 {
		return nil, fmt.Errorf("tensor %q in a file of version %s, want version %s", "lateral", f.Version, store.Version2)
	}
	if err := m.Visible.readUnits(f, keyVisibleUnits); err != nil {
		return nil, err
	}
	if err := m.Hidden.readUnits(f, keyHiddenUnits); err != nil {
		return nil, err
	}
	if err := m.checkValues(); err != nil {
		return nil, err
	}
	if text, ok := f.Metadata[keyProvenance]; ok {
		if err := json.Unmarshal([]byte(text), &m.Provenance); err != nil {
			return nil, fmt.Errorf("%s: %w", keyProvenance, err)
		}
	}
	return m, nil
}

// readUnits sets the units of a layer whose biases are known. A file of version 1 must not name
// any, and one of version 2 must.
func (l *Layer) readUnits(f store.Safetensors, key string) error {
	text, ok := f.Metadata[key]
	switch {
	case !ok && f.Version != store.Version2:
		return nil
	case !ok:
		return fmt.Errorf("metadata have no %s, want the kinds of units", key)
	case f.Version != store.Version2:
		return fmt.Errorf("metadata %s is %q in a file of version %s, want version %s", key, text, f.Version, store.Version2)
	}
	if l.Len() == 0 { // no hidden units, for which Tensors writes a group of 0
		return nil
	}
	var err error
	if l.Units, err = engine.ParseUnits(text, l.Len()); err != nil {
		return fmt.Errorf("metadata %s: %w", key, err)
	}
	return nil
}

// checkValues returns an error unless the model has visible units, the groups cover its layers, the slices have
// the length of their shape, and each number is one that fileTensors accepts.
func (m *Model) checkValues() error {
	visible, hidden := m.Visible.Len(), m.Hidden.Len()
	if visible < 1 {
		return fmt.Errorf("%d visible and %d hidden units, want at least 1 visible one", visible, hidden)
	}
	if err := m.Visible.Units.Check(visible); err != nil {
		return fmt.Errorf("visible: %w", err)
	}
	if err := m.Hidden.Units.Check(hidden); err != nil {
		return fmt.Errorf("hidden: %w", err)
	}
	if err := m.checkReals(); err != nil {
		return err
	}
	for _, t := range m.fileTensors(visible, hidden) {
		if *t.data == nil && t.optional {
			continue
		}
		length := 1
		for _, n := range t.shape {
			length *= n
		}
		if len(*t.data) != length {
			return fmt.Errorf("tensor %q: %d elements, want %d", t.name, len(*t.data), length)
		}
		for i, x := range *t.data {
			if want := t.check(i, float64(x)); want != "" {
				return fmt.Errorf("tensor %q: element %d is %v, want %s", t.name, i, x, want)
			}
		}
	}
	if m.Coupled() {
		return m.Visible.checkCouplings(m.Lateral)
	}
	return nil
}

// checkReals returns an error unless the model has the tensors of real states if and only if its units have
// them.
func (m *Model) checkReals() error {
	if err := CheckReal(m.Visible.Units, m.Hidden.Units); err != nil {
		return err
	}
	for _, t := range []struct {
		name  string
		data  []float32
		units engine.Units
		has   bool
		what  string
	}{
		{"visible_log_variance", m.Visible.LogVariance, m.Visible.Units, m.Visible.Units.Real(), "real states"},
		{"hidden_log_variance", m.Hidden.LogVariance, m.Hidden.Units, m.Hidden.Units.Real(), "real states"},
		{"hidden_jump", m.Hidden.Jump, m.Hidden.Units, m.Hidden.Units.Sides(), "two sides"},
		{"hidden_skew", m.Hidden.Skew, m.Hidden.Units, m.Hidden.Units.Sides(), "two sides"},
	} {
		switch {
		case t.has && t.data == nil:
			return fmt.Errorf("tensor %q is missing, want the numbers of the units %s", t.name, t.units)
		case !t.has && t.data != nil:
			return fmt.Errorf("tensor %q in a model whose units do not have %s", t.name, t.what)
		}
	}
	if (m.Visible.Units.Real() && m.BaseRates != nil) != (m.BaseVariances != nil) {
		return fmt.Errorf("tensors %q and %q, want both or none of them where visible states are real, else no variances",
			"base_rates", "base_variances")
	}
	return nil
}
