package main

import (
	"fmt"
	"io"

	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
	"gonum.org/v1/plot/vg/vgimg"
	"gonum.org/v1/plot/vg/vgpdf"
	"gonum.org/v1/plot/vg/vgsvg"
)

// figureExtensions are the formats of a figure.
var figureExtensions = []string{".png", ".svg", ".pdf"}

// Sides of a figure, in centimetres. Both are chosen; the pixels of a PNG of 200 x 200 cm, at 96 to an inch, take 230 MB.
const leastSide, mostSide = 4, 200

// parseSize reads a size in centimetres, such as 20x11.
func parseSize(text string) (width, height vg.Length, err error) {
	var w, h float64
	var rest string // a third item is an error
	n, _ := fmt.Sscanf(text, "%fx%f%s", &w, &h, &rest)
	if n != 2 || !(w >= leastSide && w <= mostSide && h >= leastSide && h <= mostSide) {
		return 0, 0, usagef("--size %s, want WIDTHxHEIGHT in centimetres, each from %d to %d, such as 20x11", shellWord(text),
			leastSide, mostSide)
	}
	return vg.Length(w) * vg.Centimeter, vg.Length(h) * vg.Centimeter, nil
}

// formatOfFigure returns the extension of a path, or .svg for standard output.
func formatOfFigure(path string) string {
	if path == standardOutput {
		return ".svg"
	}
	return extension(path)
}

// writeFigure draws a figure in the format of an extension.
func writeFigure(w io.Writer, format string, width, height vg.Length, paint func(draw.Canvas)) error {
	var canvas interface {
		vg.CanvasSizer
		io.WriterTo
	}
	switch format {
	case ".svg":
		canvas = vgsvg.New(width, height)
	case ".pdf":
		canvas = vgpdf.New(width, height)
	default:
		canvas = vgimg.PngCanvas{Canvas: vgimg.New(width, height)}
	}
	paint(draw.New(canvas))
	_, err := canvas.WriteTo(w)
	return err
}
