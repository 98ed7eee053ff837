package main

import (
	"image"
	"image/color"
	"image/png"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestWrite: the picture of samples has digits on the left and the run's samples, which are of one shade here, on the
// right, and the picture of filters has the run's filters. Between 5 and 20 % of a sheet of digits is bright: chosen
// around the 13 % of ink that MNIST has.
func TestWrite(t *testing.T) {
	run, out := t.TempDir(), t.TempDir()
	for name, shade := range map[string]uint8{"samples.png": 100, "filters.png": 200} {
		whole := image.NewGray(image.Rect(0, 0, gap+10*pitch, gap+10*pitch))
		for i := range whole.Pix {
			whole.Pix[i] = shade
		}
		if err := save(filepath.Join(run, name), whole); err != nil {
			t.Fatal(err)
		}
	}
	if err := write(run, out); err != nil {
		t.Fatal(err)
	}
	samples, filters := open(t, filepath.Join(out, "readme-samples.png")), open(t, filepath.Join(out, "readme-filters.png"))
	if got, want := samples.Bounds().Size(), image.Pt(2*sheet+middle, sheet); got != want {
		t.Errorf("samples of %v pixels, want %v", got, want)
	}
	bright := 0
	for y := range sheet {
		for x := range sheet {
			if grey(samples, x, y) > 200 {
				bright++
			}
			if got := grey(samples, sheet+middle+x, y); got != 100 {
				t.Fatalf("sample pixel %d, %d is %d, want 100", x, y, got)
			}
			if got := grey(filters, x, y); got != 200 {
				t.Fatalf("filter pixel %d, %d is %d, want 200", x, y, got)
			}
		}
	}
	if share := float64(bright) / sheet / sheet; share < 0.05 || share > 0.2 {
		t.Errorf("%.3f of the digits' pixels are bright, want 0.05 to 0.2", share)
	}
}

func TestWriteRefuses(t *testing.T) {
	run := t.TempDir()
	if err := write(run, run); err == nil {
		t.Error("an empty run: no error")
	}
	if err := save(filepath.Join(run, "samples.png"), image.NewGray(image.Rect(0, 0, 700, 700))); err != nil {
		t.Fatal(err)
	}
	if err := write(run, run); err == nil || !strings.Contains(err.Error(), "samples.png: 700 x 700 pixels") {
		t.Errorf("a sheet of other pictures: error %v, want one that names its size", err)
	}
}

func open(t *testing.T, path string) image.Image {
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

func grey(picture image.Image, x, y int) uint8 {
	return color.GrayModel.Convert(picture.At(x, y)).(color.Gray).Y
}
