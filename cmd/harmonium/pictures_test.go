package main

import (
	"image"
	"image/color"
	"image/png"
	"math"
	"os"
	"path/filepath"
	"testing"

	"harmonium/rbm"
)

// cell returns the grey in the middle of value i of the picture of width·height values in a line and a column of a sheet.
func cell(picture image.Image, line, column, width, height, i int) uint8 {
	zoom := (minPictureSide + max(width, height) - 1) / max(width, height)
	x := column*(zoom*width+pictureGap) + pictureGap + i%width*zoom + zoom/2
	y := line*(zoom*height+pictureGap) + pictureGap + i/width*zoom + zoom/2
	return picture.At(x, y).(color.Gray).Y
}

// readPNG decodes a PNG file.
func readPNG(t *testing.T, path string) image.Image {
	t.Helper()
	file, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	picture, err := png.Decode(file)
	if err != nil {
		t.Fatal(err)
	}
	return picture
}

// wantCells compares the first greys of the picture in a line and a column of a sheet.
func wantCells(t *testing.T, picture image.Image, line, column, width, height int, want ...uint8) {
	t.Helper()
	for i, grey := range want {
		if got := cell(picture, line, column, width, height, i); got != grey {
			t.Errorf("line %d, column %d, value %d: got %d, want %d", line, column, i, got, grey)
		}
	}
}

// TestWriteFilters: the filters of three units, two in a line, are scaled by their largest weight w to greys
// 255·(1+w/largest)/2, rounded, the strongest unit first and the dead one last.
func TestWriteFilters(t *testing.T) {
	m, err := rbm.NewModel(6, 3)
	if err != nil {
		t.Fatal(err)
	}
	copy(m.Weights, []float32{ // unit 0 is weak, 1 dead, 2 strong
		0.1, 0, 0,
		-0.1, 0, 0,
		0, 0, 4,
		0, 0, -2,
		0, 0, 0,
		0.05, 0, 0,
	})
	path := filepath.Join(t.TempDir(), "filters.png")
	if err := writeFilters(path, m, 0, 3, 2); err != nil {
		t.Fatal(err)
	}
	picture := readPNG(t, path)
	wantCells(t, picture, 0, 0, 3, 2, 128, 128, 255, 64, 128, 128)
	wantCells(t, picture, 0, 1, 3, 2, 255, 0, 128, 128, 128, 191)
	wantCells(t, picture, 1, 0, 3, 2, 128, 128, 128, 128, 128, 128)
	wantCells(t, picture, 1, 1, 3, 2, gapGrey, gapGrey)
	// Three values across are zoomed to 48 pixels, two down to 32, and a gap of 2 is on each side of a picture.
	if got, want := picture.Bounds().Size(), image.Pt(2*50+2, 2*34+2); got != want {
		t.Errorf("size: got %v, want %v", got, want)
	}
}

// TestWriteFiltersOfMany: of 256 units whose norms fall with their number, 100 evenly spread ones are shown.
func TestWriteFiltersOfMany(t *testing.T) {
	const hidden = 256
	m, err := rbm.NewModel(2, hidden)
	if err != nil {
		t.Fatal(err)
	}
	for j := range hidden {
		m.Weights[j] = float32(hidden - j)
		m.Weights[hidden+j] = float32(hidden-j) * float32(j) / hidden // j/256 of the largest, which tells the unit
	}
	path := filepath.Join(t.TempDir(), "filters.png")
	if err := writeFilters(path, m, 0, 2, 1); err != nil {
		t.Fatal(err)
	}
	picture := readPNG(t, path)
	for k := range maxFilters {
		unit := k * hidden / maxFilters
		want := uint8(math.Round(255 * (1 + float64(unit)/hidden) / 2))
		if got := cell(picture, k/10, k%10, 2, 1, 1); got != want {
			t.Errorf("picture %d: got %d, want %d of unit %d", k, got, want, unit)
		}
	}
}

// TestWriteSamples: five values fill a picture of 3 by 2 but for a corner.
func TestWriteSamples(t *testing.T) {
	path := filepath.Join(t.TempDir(), "samples.png")
	rows := []float32{0, 1, 0.5, 0, 1, 1, 0, 0.2, 1, 0}
	if err := writeSamples(path, rows, 2, 0, 0); err != nil {
		t.Fatal(err)
	}
	picture := readPNG(t, path)
	wantCells(t, picture, 0, 0, 3, 2, 0, 255, 128, 0, 255, gapGrey)
	wantCells(t, picture, 0, 1, 3, 2, 255, 0, 51, 255, 0, gapGrey)
}

// TestWriteSamplesRefusesTooMany: one picture more than a sheet may have is an error, and writes no file.
func TestWriteSamplesRefusesTooMany(t *testing.T) {
	path := filepath.Join(t.TempDir(), "samples.png")
	if err := writeSamples(path, make([]float32, maxPictures+1), maxPictures+1, 1, 1); err == nil {
		t.Error("got no error")
	}
	if _, err := os.Stat(path); !os.IsNotExist(err) {
		t.Errorf("file: got %v, want none", err)
	}
}

// TestPictureSize: the size of a picture is the size in the provenance if it has as many values as the row, else a
// square if there is one, else none.
func TestPictureSize(t *testing.T) {
	for _, test := range []struct {
		visible       int
		provenance    string
		width, height int
	}{
		{784, "", 28, 28},
		{783, "", 0, 0},
		{784, "14x56", 14, 56},
		{6, "3x2", 3, 2},
		{6, "3x3", 0, 0},
		{6, "-3x-2", 0, 0},
		{9, "wide", 3, 3},
	} {
		known := map[string]string{provenancePicture: test.provenance}
		m := &rbm.Model{Visible: rbm.Layer{Bias: make([]float32, test.visible)}, Provenance: known}
		if width, height := pictureSize(m); width != test.width || height != test.height {
			t.Errorf("%d units, %q: got %d x %d, want %d x %d",
				test.visible, test.provenance, width, height, test.width, test.height)
		}
	}
}

// TestWriteSamplesBeyond: real numbers below 0 are black, and above 1 white.
func TestWriteSamplesBeyond(t *testing.T) {
	path := filepath.Join(t.TempDir(), "samples.png")
	if err := writeSamples(path, []float32{-0.2, 0, 1, 1.7}, 1, 2, 2); err != nil {
		t.Fatal(err)
	}
	wantCells(t, readPNG(t, path), 0, 0, 2, 2, 0, 0, 255, 255)
}
