package main

import (
	"fmt"
	"math"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"harmonium/engine"
	"harmonium/rbm"
)

// TestConvert: a model that went through an NPZ file is the same, but for its provenance.
func TestConvert(t *testing.T) {
	folder := t.TempDir()
	model := saveModel(t, folder, ramp)
	npz, back := filepath.Join(folder, "a.npz"), filepath.Join(folder, "back.safetensors")
	mustRun(t, "convert", model, npz)
	mustRun(t, "convert", npz, back)
	want, err := rbm.LoadModel(model)
	if err != nil {
		t.Fatal(err)
	}
	want.Provenance = nil
	if got, err := rbm.LoadModel(back); err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("got %v (%v), want %v", got, err, want)
	}
}

// TestConvertGauge: convert --gauge zero-sum writes the model that Model.ZeroSum makes of one with a categorical
// unit and bits, which it leaves as they are.
func TestConvertGauge(t *testing.T) {
	folder := t.TempDir()
	model := saveModel(t, folder, func(m *rbm.Model) {
		ramp(m)
		m.Visible.Bias[0] = 0.7 // the biases of the categorical unit do not sum to zero
		var err error
		text := fmt.Sprintf("categorical/2:1,bernoulli:%d", m.Visible.Len()-2)
		if m.Visible.Units, err = engine.ParseUnits(text, m.Visible.Len()); err != nil {
			t.Fatal(err)
		}
	})
	out := filepath.Join(folder, "out.safetensors")
	mustRun(t, "convert", model, out, "--gauge", "zero-sum")
	want, err := rbm.LoadModel(model)
	if err != nil {
		t.Fatal(err)
	}
	want.ZeroSum()
	got, err := rbm.LoadModel(out)
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("got %v (%v), want %v", got, err, want)
	}
	// Two biases below 1 that are each rounded by 2⁻²⁵ at most.
	if sum := got.Visible.Bias[0] + got.Visible.Bias[1]; math.Abs(float64(sum)) > 0x1p-24 {
		t.Errorf("the biases of a unit sum to %v", sum)
	}
}

// TestTrainGauge: train --gauge zero-sum ends with biases and weights that sum to zero over the states of a unit. It
// refuses models without such units, and couplings.
func TestTrainGauge(t *testing.T) {
	t.Chdir(t.TempDir())
	writeText(t, "rows.csv", strings.Repeat("red,1\ngreen,0\nblue,1\nred,0\n", 5))
	train := []string{"train", "--hidden", "2", "--updates", "20", "--eval", "never", "--device", "cpu", "--threads", "1",
		"--gauge", "zero-sum", "--out"}
	mustRun(t, with(train, "run", "--data", "rows.csv")...)
	m, err := rbm.LoadModel("run/model.safetensors")
	if err != nil {
		t.Fatal(err)
	}
	// Of the three colors: the biases, and the weights to the first hidden unit.
	for _, states := range [][]float32{m.Visible.Bias[:3], {m.Weights[0], m.Weights[2], m.Weights[4]}} {
		// Three values below 4 that are each rounded by 2⁻²³ at most.
		if sum := float64(states[0]) + float64(states[1]) + float64(states[2]); math.Abs(sum) > 3*0x1p-23 || states[0] == 0 {
			t.Errorf("%v sum to %v, want 0 with a first value that is not 0", states, sum)
		}
	}
	writeText(t, "bits.csv", strings.Repeat("1,0\n0,1\n1,1\n", 5))
	refuses(t, exitUsage, "--gauge zero-sum, want as-is without units of several columns (categorical/Q)",
		with(train, "no", "--data", "bits.csv")...)
	refuses(t, exitUsage, "--gauge zero-sum, want as-is with couplings", with(train, "no", "--data", "rows.csv", "--lateral")...)
}

func TestConvertNeverOverwrites(t *testing.T) {
	folder := t.TempDir()
	model := saveModel(t, folder, ramp)
	out := write(t, folder, "a.npz", "precious")
	link := filepath.Join(folder, "link.npz")
	if err := os.Symlink(filepath.Join(folder, "nowhere"), link); err != nil {
		t.Fatal(err)
	}
	refusesIn(t, folder, exitFailure, "a.npz is there already; --force replaces it", "convert", model, out)
	refusesIn(t, folder, exitFailure, "link.npz is there already; --force replaces it", "convert", model, link)
	mustRun(t, "convert", model, out, "--force")
	if _, err := rbm.ImportNPZ(out); err != nil {
		t.Error(err)
	}
}

func TestConvertRefuses(t *testing.T) {
	folder := t.TempDir()
	model := saveModel(t, folder, ramp)
	npz := filepath.Join(folder, "a.npz")
	mustRun(t, "convert", model, npz)
	text := write(t, folder, "text", "no model")
	empty := write(t, folder, "empty", "")
	out := filepath.Join(folder, "out.safetensors")
	outNPZ := filepath.Join(folder, "out.npz")
	for _, test := range []struct {
		code int
		want string
		args []string
	}{
		{exitUsage, "IN OUT", []string{model}},
		{exitUsage, `extension ".h5", want .safetensors, .npz`, []string{model, filepath.Join(folder, "a.h5")}},
		{exitUsage, "same format", []string{model, out}},
		{exitUsage, "same format", []string{npz, outNPZ}},
		{exitFailure, "text", []string{text, out}},
		{exitFailure, "empty", []string{empty, outNPZ}},
		{exitFailure, "absent", []string{filepath.Join(folder, "absent"), outNPZ}},
		{exitFailure, "model.safetensors", []string{t.TempDir(), outNPZ}},
		{exitFailure, "no such file or directory", []string{model, filepath.Join(folder, "absent", "a.npz")}},
	} {
		refusesIn(t, folder, test.code, test.want, append([]string{"convert"}, test.args...)...)
	}
}
