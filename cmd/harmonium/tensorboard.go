package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"image/png"
	"io"
	"io/fs"
	"maps"
	"os"
	"slices"

	"harmonium/rbm"
	"harmonium/store"
)

// board writes a run's event file for TensorBoard. A nil board writes nothing.
type board struct {
	file   *os.File
	events *store.Events
}

// openBoard opens the event file of a run that goes on after an update, and removes the events of later
// updates from it.
func openBoard(folder runFolder, update int) (*board, error) {
	file, err := os.OpenFile(folder.file(fileEvents), os.O_RDWR|os.O_CREATE, 0o666)
	if err != nil {
		return nil, err
	}
	end, err := store.EventsUpTo(file, update) // of the last event that stays, in bytes
	if err == nil {
		err = file.Truncate(end)
	}
	if err == nil {
		_, err = file.Seek(end, io.SeekStart)
	}
	b := &board{file, store.NewEvents(file)}
	if err == nil && end == 0 {
		err = b.events.Begin()
	}
	if err != nil {
		file.Close()
		return nil, fmt.Errorf("%s: %w", folder.file(fileEvents), err)
	}
	return b, nil
}

func (b *board) close() {
	if b != nil {
		b.file.Close()
	}
}

// add writes all numbers of a record but its update as scalars of that update, by their names in metrics.jsonl, and
// histograms of the parameters if there is a model.
func (b *board) add(r epochRecord, m *rbm.Model) error {
	if b == nil {
		return nil
	}
	line, err := json.Marshal(r)
	if err != nil {
		return err
	}
	var fields map[string]json.RawMessage
	if err := json.Unmarshal(line, &fields); err != nil {
		return err
	}
	var values []store.Value
	for _, name := range slices.Sorted(maps.Keys(fields)) {
		var x *float64
		if name != "update" && json.Unmarshal(fields[name], &x) == nil && x != nil {
			values = append(values, store.Value{Tag: name, Scalar: x})
		}
	}
	if m != nil {
		for _, p := range parametersOf(m) {
			values = append(values, store.Value{Tag: p.tag, Histogram: p.values})
		}
	}
	return b.events.Add(r.Update, values...)
}

// parameter is a kind of parameter of a model.
type parameter struct {
	tag, name string
	values    []float32
}

// parametersOf lists the kinds of parameters that a model has.
func parametersOf(m *rbm.Model) []parameter {
	var all []parameter
	for _, p := range []parameter{
		{"weights", "weights", m.Weights}, {"lateral", "couplings", m.Couplings()},
		{"visible_bias", "visible biases", m.Visible.Bias}, {"hidden_bias", "hidden biases", m.Hidden.Bias},
	} {
		if len(p.values) > 0 {
			all = append(all, p)
		}
	}
	return all
}

// addPictures writes the pictures of a run folder.
func (b *board) addPictures(folder runFolder, update int) error {
	if b == nil {
		return nil
	}
	for _, p := range []struct{ tag, name string }{{"filters", fileFilters}, {"samples", fileSamples}} {
		content, err := os.ReadFile(folder.file(p.name))
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return err
		}
		size, err := png.DecodeConfig(bytes.NewReader(content))
		if err != nil {
			return fmt.Errorf("%s: %w", folder.file(p.name), err)
		}
		if err := b.events.Add(update, store.Value{Tag: p.tag, PNG: content, Width: size.Width, Height: size.Height}); err != nil {
			return err
		}
	}
	return nil
}
