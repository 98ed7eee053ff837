// Pictures makes the pictures of README.md from a run on MNIST: test digits beside samples
// of the model, and filters, each a sheet of the first six by six.
//
//	go run ./cmd/harmonium train --out runs/mnist
//	go run ./bench/pictures runs/mnist
//
// With -page it makes the picture of a run's report.html, for which it starts Debian's
// chromium-headless-shell:
//
//	go run ./cmd/harmonium train --hidden 100 --algorithm pcd --updates 4000 --valid 0.1 --out runs/small
//	go run ./bench/pictures -page runs/small
package main

import (
	"flag"
	"fmt"
	"image"
	"image/color"
	"image/draw"
	"image/png"
	"math"
	"os"
	"path/filepath"

	"harmonium/dataset"
)

const (
	shown  = 6  // pictures in a row and in a column
	side   = 28 // of a digit
	zoom   = 2  // pixels for each value, as in the run's own sheets
	gap    = 2  // pixels between two pictures
	pitch  = gap + zoom*side
	sheet  = gap + shown*pitch
	middle = 24 // pixels between the digits and the samples
)

func main() {
	out := flag.String("out", "bench/results", "folder for the pictures")
	onlyPage := flag.Bool("page", false, "make readme-report.png of the run's page, and no other picture")
	flag.Parse()
	if flag.NArg() != 1 {
		fmt.Fprintf(os.Stderr, "pictures: %d arguments, want the folder of a run on MNIST\n", flag.NArg())
		os.Exit(2)
	}
	var err error
	if *onlyPage {
		err = page(flag.Arg(0), filepath.Join(*out, "readme-report.png"))
	} else {
		err = write(flag.Arg(0), *out)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "pictures:", err)
		os.Exit(1)
	}
}

// write makes the pictures of a run.
func write(run, out string) error {
	samples, err := corner(filepath.Join(run, "samples.png"))
	if err != nil {
		return err
	}
	filters, err := corner(filepath.Join(run, "filters.png"))
	if err != nil {
		return err
	}
	set, err := dataset.Open("mnist", dataset.Options{})
	if err != nil {
		return err
	}
	if err := save(filepath.Join(out, "readme-samples.png"), beside(digits(set.Test), samples)); err != nil {
		return err
	}
	return save(filepath.Join(out, "readme-filters.png"), filters)
}

// corner returns the upper left corner of a run's sheet: `shown` pictures of each of the first `shown` rows.
func corner(path string) (*image.Gray, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	whole, err := png.Decode(file)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	if size := whole.Bounds().Size(); size.X < sheet || size.Y < sheet || (size.X-gap)%pitch != 0 {
		return nil, fmt.Errorf("%s: %d x %d pixels, want a sheet of pictures of %d x %d", path, size.X, size.Y, side, side)
	}
	part := image.NewGray(image.Rect(0, 0, sheet, sheet))
	draw.Draw(part, part.Bounds(), whole, image.Point{}, draw.Src)
	return part, nil
}

// digits returns a sheet of the first rows of MNIST, on the grey ground of the run's own sheets.
func digits(rows *dataset.Rows) *image.Gray {
	s := image.NewGray(image.Rect(0, 0, sheet, sheet))
	draw.Draw(s, s.Bounds(), image.NewUniform(color.Gray{Y: 0x40}), image.Point{}, draw.Src)
	values := make([]float32, rows.V)
	for k := range shown * shown {
		rows.Row(values, k)
		left, top := gap+k%shown*pitch, gap+k/shown*pitch
		for y := range zoom * side {
			for x := range zoom * side {
				grey := math.Round(255 * float64(values[y/zoom*side+x/zoom]))
				s.SetGray(left+x, top+y, color.Gray{Y: uint8(grey)})
			}
		}
	}
	return s
}

// beside returns two sheets on white, side by side.
func beside(a, b *image.Gray) *image.Gray {
	both := image.NewGray(image.Rect(0, 0, 2*sheet+middle, sheet))
	draw.Draw(both, both.Bounds(), image.White, image.Point{}, draw.Src)
	draw.Draw(both, a.Bounds(), a, image.Point{}, draw.Src)
	draw.Draw(both, b.Bounds().Add(image.Pt(sheet+middle, 0)), b, image.Point{}, draw.Src)
	return both
}

func save(path string, picture image.Image) (err error) {
	file, err := os.Create(path)
	if err != nil {
		return err
	}
	defer func() {
		if closed := file.Close(); err == nil {
			err = closed
		}
	}()
	encoder := png.Encoder{CompressionLevel: png.BestCompression}
	return encoder.Encode(file, picture)
}
