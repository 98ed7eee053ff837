package rbm

import (
	"errors"
	"fmt"
	"io"

	"harmonium/engine"
	"harmonium/store"
)

// ExportNPZ writes the model to a NumPy archive: the float32 arrays "weights"
// (V,H), "visible_bias" (V), "hidden_bias" (H) and, where the model has them, the other tensors of a model file,
// such as "base_rates" (V) and the couplings "lateral" (V,V). Units of other kinds than the default are named by
// the texts "visible_units" and "hidden_units". The provenance is not written (chosen). The same model gives
// the same bytes. The file is written by [store.WriteAtomic].
//
// ExportNPZ refuses a model that [ImportNPZ] would refuse.
func (m *Model) ExportNPZ(path string) error {
	f, err := m.Tensors()
	if err != nil {
		return fmt.Errorf("rbm: write %s: %w", path, err)
	}
	var names []string
	arrays := map[string]store.Array{}
	for _, t := range f.Tensors {
		names = append(names, t.Name)
		arrays[t.Name] = store.Array{Shape: t.Shape, Data: t.Data.([]float32)}
	}
	texts := map[string]string{}
	if !m.Visible.Units.Default() || !m.Hidden.Units.Default() {
		for _, key := range []string{keyVisibleUnits, keyHiddenUnits} {
			names = append(names, key)
			texts[key] = f.Metadata[key]
		}
	}
	return store.WriteAtomic(path, func(w io.Writer) error { return store.WriteNPZ(w, names, arrays, texts) })
}

// ImportNPZ reads a model from a NumPy archive with the arrays that
// [Model.ExportNPZ] writes or, if there are no "weights", with the attributes
// of scikit-learn's BernoulliRBM: "components_" (H,V), the transposed weights,
// "intercept_visible_" (V) and "intercept_hidden_" (H). Other arrays, which may
// be of any type, are ignored. Numbers are rounded to float32.
//
// ImportNPZ refuses a missing array, an array of another shape, and the values that [LoadModel]
// refuses. The error names the file, what was found and what was expected.
func ImportNPZ(path string) (*Model, error) {
	names := []string{"components_", "intercept_visible_", "intercept_hidden_"}
	for _, t := range (&Model{}).fileTensors(0, 0) {
		names = append(names, t.name)
	}
	arrays, texts, err := store.ReadNPZTexts(path, names, []string{keyVisibleUnits, keyHiddenUnits})
	if err != nil {
		return nil, err // names the file
	}
	m, err := modelOf(arrays, texts)
	if err != nil {
		return nil, fmt.Errorf("rbm: read %s: %w", path, err)
	}
	return m, nil
}

// modelOf returns the model in the arrays of an archive. It hands them to FromTensors as the content of a model
// file, with the version that such a file would have.
func modelOf(arrays map[string]store.Array, texts map[string]string) (*Model, error) {
	_, ours := arrays["weights"]
	_, scikit := arrays["components_"]
	if !ours && !scikit {
		return nil, errors.New("no array \"weights\" or \"components_\", want one of them")
	}
	if !ours {
		if err := renameScikit(arrays); err != nil {
			return nil, err
		}
	}
	f := store.Safetensors{Version: store.Version1}
	// Couplings require version 2, which names the units. An archive names them only if some are of another kind
	// than the default.
	if weights := arrays["weights"]; ours && len(arrays["lateral"].Shape) > 0 && len(weights.Shape) == 2 {
		f.Version, f.Metadata = store.Version2, map[string]string{}
		for i, key := range []string{keyVisibleUnits, keyHiddenUnits} {
			f.Metadata[key] = engine.Units{{To: weights.Shape[i]}}.String() // of the default kind
		}
	}
	if len(texts) > 0 {
		f.Version, f.Metadata = store.Version2, texts
	}
	for name, a := range arrays {
		f.Tensors = append(f.Tensors, store.Tensor{Name: name, Shape: a.Shape, Data: a.Data})
	}
	return FromTensors(f)
}

// renameScikit adds the attributes of a BernoulliRBM under this package's
// names.
func renameScikit(arrays map[string]store.Array) error {
	for _, name := range [][2]string{
		{"components_", "weights"},
		{"intercept_visible_", "visible_bias"},
		{"intercept_hidden_", "hidden_bias"},
	} {
		a, ok := arrays[name[0]]
		if !ok {
			return fmt.Errorf("array %q is missing", name[0])
		}
		arrays[name[1]] = a
	}
	components := arrays["components_"]
	if len(components.Shape) != 2 {
		return fmt.Errorf("array %q: shape %v, want two dimensions", "components_", components.Shape)
	}
	arrays["weights"] = transpose(components)
	return nil
}

// transpose returns aᵀ (J,I) for a (I,J).
func transpose(a store.Array) store.Array {
	rows, columns := a.Shape[0], a.Shape[1]
	t := store.Array{Shape: []int{columns, rows}, Data: make([]float32, len(a.Data))}
	for i := range rows {
		for j := range columns {
			t.Data[j*rows+i] = a.Data[i*columns+j]
		}
	}
	return t
}
