package rbm

import (
	"encoding/json"
	"fmt"
	"math"

	"harmonium/store"
)

const keyProvenance = "provenance"

// Save writes the model to a safetensors file: the float32 tensors
// "weights" (V,H), "visible_bias" (V), "hidden_bias" (H) and, if they are
// known, "base_rates" (V), and the provenance as a JSON object under the key
// "provenance" of the metadata. The same model gives the same bytes. The file
// is written by [store.WriteAtomic].
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
// LoadModel refuses a file of another format or version, one whose tensors do
// not have their SHA-256, and a model with a tensor that is missing, has another
// element type or shape, or holds NaN, an infinity, or a base rate outside [0,1].
// The error names the file, what was found and what was wanted.
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
}

// fileTensors returns the tensors of m in the order of the file: the
// parameters, and last the base rates, whose data are nil if they are not
// known.
func (m *Model) fileTensors() []modelTensor {
	return []modelTensor{
		{"weights", []int{m.Visible, m.Hidden}, &m.Weights},
		{"visible_bias", []int{m.Visible}, &m.VisibleBias},
		{"hidden_bias", []int{m.Hidden}, &m.HiddenBias},
		{"base_rates", []int{m.Visible}, &m.BaseRates},
	}
}

// Tensors returns the model as the content of a file. The slices belong to the model.
// Tensors refuses a model that [LoadModel] would refuse.
func (m *Model) Tensors() (store.Safetensors, error) {
	f := store.Safetensors{Metadata: map[string]string{}}
	if err := m.checkValues(); err != nil {
		return f, err
	}
	for _, t := range m.fileTensors() {
		if *t.data != nil {
			f.Tensors = append(f.Tensors, store.Tensor{Name: t.name, Shape: t.shape, Data: *t.data})
		}
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
// says what was found and what was wanted.
func FromTensors(f store.Safetensors) (*Model, error) {
	weights, err := f.Tensor("weights")
	if err != nil {
		return nil, err
	}
	if len(weights.Shape) != 2 {
		return nil, fmt.Errorf("tensor %q: shape %v, want two dimensions", weights.Name, weights.Shape)
	}
	m := &Model{Visible: weights.Shape[0], Hidden: weights.Shape[1]}
	for _, t := range m.fileTensors() {
		if _, err := f.Tensor(t.name); err != nil && t.data == &m.BaseRates {
			continue
		}
		if *t.data, err = store.Elements[float32](f, t.name, t.shape...); err != nil {
			return nil, err
		}
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

// checkValues returns an error unless the model has units, all slices have the
// length of their shape, and hold finite numbers, and the base rates are
// in [0,1].
func (m *Model) checkValues() error {
	if m.Visible < 1 || m.Hidden < 1 {
		return fmt.Errorf("%d visible and %d hidden units, want at least 1 of each", m.Visible, m.Hidden)
	}
	for _, t := range m.fileTensors() {
		low, high, want := -math.MaxFloat32, math.MaxFloat32, "a finite number"
		if t.data == &m.BaseRates {
			if m.BaseRates == nil {
				continue
			}
			low, high, want = 0, 1, "a number in [0,1]"
		}
		length := 1
		for _, n := range t.shape {
			length *= n
		}
		if len(*t.data) != length {
			return fmt.Errorf("tensor %q: %d elements, want %d", t.name, len(*t.data), length)
		}
		for i, x := range *t.data {
			if x := float64(x); !(x >= low && x <= high) {
				return fmt.Errorf("tensor %q: element %d is %v, want %s", t.name, i, x, want)
			}
		}
	}
	return nil
}
