package main

import (
	"bytes"
	"fmt"
	"image/color"
	"math"
	"os"
	"path/filepath"
	"reflect"
	"slices"
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
		split:     "test",
		train:     []likelihoodAt{{20, -90, -92, -89}, {30, -87, -88, math.Inf(1)}},
		valid:     []likelihoodAt{{update: 20, value: -91}},
		evaluated: []likelihoodAt{{30, -88, -89, math.Inf(1)}},
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v, want %+v", got, want)
	}
}

// TestCurveRange: a first estimate far below is left out of a long run, but not of a short one. A band is cut at the
// bottom and the top of the picture. A value alone is inside its picture.
func TestCurveRange(t *testing.T) {
	c := curve{train: []likelihoodAt{{10, -500, -501, -499}, {20, -92, -93, -91}, {30, -91, -92, -90}, {40, -90, -91, math.Inf(1)}}}
	long := curve{train: append(slices.Repeat(c.train[1:], 4), c.train[0])}
	p := plot.New()
	setRange(p, []curve{long})
	// The median is -91, the top -90, and report.AxisBottom is six times their distance below the median: -97.
	if margin := 7. / 20; p.Y.Min != -97-margin || p.Y.Max != -90+margin || p.X.Min != 0 || p.X.Max < 40 {
		t.Errorf("the picture is %v to %v by %v to %v", p.X.Min, p.X.Max, p.Y.Min, p.Y.Max)
	}
	if setRange(p, []curve{c}); p.Y.Min > -500 {
		t.Errorf("the picture of a short run begins at %v, want it below -500", p.Y.Min)
	}
	for _, v := range []float64{0, -90, -2.5e31} {
		setRange(p, []curve{{train: []likelihoodAt{{10, v, v, v}}}})
		if !(p.Y.Min < v && v < p.Y.Max) {
			t.Errorf("the picture of %v alone is from %v to %v", v, p.Y.Min, p.Y.Max)
		}
	}
	want := plotter.XYs{{X: 10, Y: -499}, {X: 20, Y: -91}, {X: 30, Y: -90}, {X: 40, Y: -80}, {X: 40, Y: -91}, {X: 30, Y: -92},
		{X: 20, Y: -93}, {X: 10, Y: -100}}
	if got := band(c.train, -100, -80); !reflect.DeepEqual(got, want) {
		t.Errorf("band: got %v, want %v", got, want)
	}
	setRange(p, []curve{{evaluated: []likelihoodAt{{5, -3, -3, -3}}}})
	if !(p.Y.Min < -3 && -3 < p.Y.Max) {
		t.Errorf("one likelihood of -3 is in a picture from %v to %v", p.Y.Min, p.Y.Max)
	}
}

// TestCurveDraws: each format holds each run in its color, and its name.
func TestCurveDraws(t *testing.T) {
	t.Chdir(t.TempDir())
	for i, name := range []string{"one", "two"} {
		os.Mkdir(name, 0o777)
		write(t, name, fileMetrics, fmt.Sprintf(`{"update":10,"log_likelihood_train":-%d,"log_likelihood_valid":-4}
{"update":20,"log_likelihood_train":-2.5,"log_likelihood":-3,"log_likelihood_low":-3.1,"log_likelihood_high":-2.9,"split":"test"}
`, i+3))
	}
	for _, file := range []string{"both.png", "both.svg", "both.PDF"} {
		got, want := mustRun(t, "curve", "one", "two/", "--out", file, "--size", "16x9.5"), "learning curves of 2 runs: "+file+"\n"
		if got != want {
			t.Errorf("it prints %q, want %q", got, want)
		}
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
	svg := string(readBytes(t, "both.svg"))
	// 16 cm are 453.5 points; the last two are the first colors of the palette.
	for _, want := range []string{`width="453`, "one train", "one valid", "two test (points)", "#005FA3", "#A84300"} {
		if !strings.Contains(svg, want) {
			t.Errorf("the SVG has no %s", want)
		}
	}
	if pdf := readBytes(t, "both.PDF"); !bytes.HasPrefix(pdf, []byte("%PDF-")) || !bytes.Contains(pdf, []byte("%%EOF")) {
		t.Error("the PDF is none")
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
		{exitUsage, `extension ".jpg", want .png, .svg, .pdf`, quiet + " --out curve.jpg"},
		{exitUsage, "--size 20, want WIDTHxHEIGHT", quiet + " --size 20"},
		{exitUsage, "--size 3x20, want WIDTHxHEIGHT", quiet + " --size 3x20"},
		{exitUsage, "--size 20x1e9, want WIDTHxHEIGHT", quiet + " --size 20x1e9"},
		{exitUsage, "--size NaNx9, want WIDTHxHEIGHT", quiet + " --size NaNx9"},
		{exitFailure, "no log-likelihood in it", quiet},
		{exitFailure, "line 1", broken},
		{exitFailure, "absent", "absent"},
	} {
		refusesIn(t, folder, test.code, test.want, append([]string{"curve"}, strings.Fields(test.args)...)...)
	}
}
