package main

import (
	"image/color"
	"math"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
)

// metricsOf makes a run folder with the given metrics.
func metricsOf(t *testing.T, lines string) string {
	t.Helper()
	folder := filepath.Join(t.TempDir(), "run")
	if err := os.MkdirAll(folder, 0o777); err != nil {
		t.Fatal(err)
	}
	write(t, folder, fileMetrics, lines)
	return folder
}

// TestReadCurve: the upper bound of log Z gives the lower bound of a likelihood. Lines without
// a likelihood and a torn last line are skipped.
func TestReadCurve(t *testing.T) {
	folder := metricsOf(t, `{"epoch":1,"update":10}
{"epoch":2,"update":20,"log_z_online":100,"log_z_online_low":99,"log_z_online_high":102,"log_likelihood_train":-90,"log_likelihood_valid":-91}
{"epoch":3,"update":30,"split":"test","log_likelihood":-88,"log_likelihood_low":-89,"log_likelihood_high":null,"log_z_online":100,"log_z_online_low":null,"log_z_online_high":101,"log_likelihood_train":-87}
{"epoch":4,"upd`)
	got, err := readCurve(runFolder(folder))
	if err != nil {
		t.Fatal(err)
	}
	want := curve{
		name: "run", split: "test",
		train:     []likelihoodAt{{20, -90, -92, -89}, {30, -87, -88, math.Inf(1)}},
		valid:     []likelihoodAt{{update: 20, value: -91}},
		evaluated: []likelihoodAt{{30, -88, -89, math.Inf(1)}},
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v, want %+v", got, want)
	}
}

// TestCurveRange: a first estimate far below is left out, and a band without a bound reaches
// the top.
func TestCurveRange(t *testing.T) {
	c := curve{train: []likelihoodAt{{10, -500, -501, -499}, {20, -92, -93, -91}, {30, -91, -92, -90}, {40, -90, -91, math.Inf(1)}}}
	p := plot.New()
	setRange(p, []curve{c})
	// The median is -91, the top -90, and six times their distance below the median is -97.
	if margin := 7. / 20; p.Y.Min != -97-margin || p.Y.Max != -90+margin || p.X.Min != 0 || p.X.Max < 40 {
		t.Errorf("the picture is %v to %v by %v to %v", p.X.Min, p.X.Max, p.Y.Min, p.Y.Max)
	}
	for _, v := range []float64{0, -90, -2.5e31} {
		setRange(p, []curve{{train: []likelihoodAt{{10, v, v, v}}}})
		if !(p.Y.Min < v && v < p.Y.Max) {
			t.Errorf("the picture of %v alone is from %v to %v", v, p.Y.Min, p.Y.Max)
		}
	}
	want := plotter.XYs{{X: 10, Y: -499}, {X: 20, Y: -91}, {X: 30, Y: -90}, {X: 40, Y: -80}, {X: 40, Y: -91}, {X: 30, Y: -92}, {X: 20, Y: -93}, {X: 10, Y: -100}}
	if got := band(c.train, -100, -80); !reflect.DeepEqual(got, want) {
		t.Errorf("band: got %v, want %v", got, want)
	}
	setRange(p, []curve{{evaluated: []likelihoodAt{{5, -3, -3, -3}}}})
	if !(p.Y.Min < -3 && -3 < p.Y.Max) {
		t.Errorf("one likelihood of -3 is in a picture from %v to %v", p.Y.Min, p.Y.Max)
	}
}

func TestCurveDraws(t *testing.T) {
	slow(t)
	t.Chdir(t.TempDir())
	mustRun(t, with(bars, "--epochs", "6", "--eval", "2", "--online-every", "1", "--valid", "0.2", "--out", "one")...)
	mustRun(t, with(bars, "--epochs", "6", "--algorithm", "cd", "--out", "two")...)
	if got := mustRun(t, "curve", "one", "two/", "--out", "both.png"); got != "learning curves of 2 runs: both.png\n" {
		t.Errorf("it prints %q", got)
	}
	colors := map[color.Color]bool{}
	picture := readPNG(t, "both.png")
	for y := range picture.Bounds().Dy() {
		for x := range picture.Bounds().Dx() {
			colors[color.NRGBAModel.Convert(picture.At(x, y))] = true
		}
	}
	for i := range 2 {
		if !colors[curveColors[i]] {
			t.Errorf("run %d has no pixel of its color", i+1)
		}
	}
}

func TestCurveRefuses(t *testing.T) {
	quiet, broken := metricsOf(t, `{"epoch":1,"update":10}`+"\n"), metricsOf(t, "{\n")
	folder := t.TempDir()
	for _, test := range []struct {
		code int
		want string
		args string
	}{
		{exitUsage, "curve: 0 arguments, want RUN...", ""},
		{exitUsage, `extension ".jpg", want .png`, quiet + " --out curve.jpg"},
		{exitFailure, "no log-likelihood in it", quiet},
		{exitFailure, "line 1", broken},
		{exitFailure, "absent", "absent"},
	} {
		refusesIn(t, folder, test.code, test.want, append([]string{"curve"}, strings.Fields(test.args)...)...)
	}
}
