package main

import (
	"fmt"
	"image"
	"image/png"
	"io"
	"math"

	"harmonium/rbm"
	"harmonium/rbm/report"
	"harmonium/store"
)

const (
	maxFilters  = 100   // a sheet of 10 by 10; chosen, as a screen shows no more at once
	maxPictures = 10000 // chosen: 10,000 digits of 28x28 pixels are an image of 34 MB before compression

	minPictureSide = 48   // pixels of the longer side, to which small pictures are zoomed; chosen
	pictureGap     = 2    // pixels between two pictures
	gapGrey        = 0x40 // darker than a filter's zero, brighter than a sample's
)

// writeFilters writes the weights of hidden units as a grid of pictures to a PNG file: grey
// is 0, white positive and black negative. Each picture has its own scale, its largest
// |weight|, since strong units would hide the strokes of the weak ones. Weights to the columns of a label count in the
// scale but are not shown.
//
// If there are more than 100 hidden units, it draws 100, spread evenly over their order by
// norm, so that dead units show beside strong ones. The strongest come first. levels is the number of states of a pixel
// with a column for each, and a pixel then shows how its weights rise with the level (see report.Rises); it is 0 for one
// column a pixel. Width and height are the size of a row as a picture, or 0 (see newSheet).
func writeFilters(path string, m *rbm.Model, levels, width, height int) error {
	units := report.SpreadByNorm(m.HiddenNorms(), maxFilters)
	s := newSheet(len(units), m.Visible.Len()/max(levels, 1), width, height)
	weights := make([]float32, m.Visible.Len())
	for k, unit := range units {
		for i := range weights {
			weights[i] = m.Weights[i*m.Hidden.Len()+unit]
		}
		pixels := weights // of this unit, until the weights of the next one replace them
		if levels > 0 {
			pixels = report.Rises(weights, levels)
		}
		var largest float32
		for _, w := range pixels {
			largest = max(largest, w, -w)
		}
		if largest == 0 {
			largest = 1
		}
		for i, w := range pixels {
			pixels[i] = (1 + w/largest) / 2
		}
		s.paint(k, pixels)
	}
	return s.write(path)
}

// writeSamples writes n rows of values in [0,1], (n, V), as a grid of grey pictures to
// a PNG file, row by row. Width and height are the size of a row as a picture, or 0 (see
// newSheet). Values behind the picture, which are of a label, are left out. It returns an error for more than
// 10,000 rows.
func writeSamples(path string, rows []float32, n, width, height int) error {
	if n > maxPictures {
		return fmt.Errorf("write %s: %d pictures, want at most %d in a PNG file", path, n, maxPictures)
	}
	visible := len(rows) / n
	s := newSheet(n, visible, width, height)
	for k := range n {
		s.paint(k, rows[k*visible:(k+1)*visible])
	}
	return s.write(path)
}

// sheet is a near-square grid of pictures of the same size.
type sheet struct {
	image         *image.Gray
	width, height int // size of a picture before the zoom
	zoom          int // pixels per value, in both directions
	columns       int
}

// newSheet returns a sheet for n pictures. If width is 0, a row of values is no picture: the
// values fill the lines of a near-square grid, and the rest of its last line keeps the color
// of the gap.
func newSheet(n, values, width, height int) *sheet {
	if width == 0 {
		width = int(math.Ceil(math.Sqrt(float64(values))))
		height = (values + width - 1) / width
	}
	s := &sheet{width: width, height: height}
	longer := max(width, height)
	s.zoom = max(1, (minPictureSide+longer-1)/longer)
	s.columns = int(math.Ceil(math.Sqrt(float64(n))))
	lines := (n + s.columns - 1) / s.columns
	s.image = image.NewGray(image.Rect(0, 0,
		s.columns*(s.zoom*width+pictureGap)+pictureGap,
		lines*(s.zoom*height+pictureGap)+pictureGap))
	for i := range s.image.Pix {
		s.image.Pix[i] = gapGrey
	}
	return s
}

// paint fills picture k with greys, from black for 0 to white for 1. Real states may lie beyond either.
func (s *sheet) paint(k int, values []float32) {
	left := k%s.columns*(s.zoom*s.width+pictureGap) + pictureGap
	top := k/s.columns*(s.zoom*s.height+pictureGap) + pictureGap
	for i, x := range values[:min(len(values), s.width*s.height)] {
		grey := uint8(math.Round(255 * float64(min(max(x, 0), 1))))
		for y := range s.zoom {
			start := s.image.PixOffset(left+i%s.width*s.zoom, top+i/s.width*s.zoom+y)
			for x := range s.zoom {
				s.image.Pix[start+x] = grey
			}
		}
	}
}

func (s *sheet) write(path string) error {
	return store.WriteAtomic(path, func(w io.Writer) error { return png.Encode(w, s.image) })
}

// provenancePicture is the key in the provenance of a model for the size of its rows as
// pictures, such as "28x28".
const provenancePicture = "picture"

// pictureSize returns the size of a row of the model as a picture: the size in its
// provenance, else a square if the number of values is a square number, else 0 and 0.
func pictureSize(m *rbm.Model) (width, height int) {
	values := pictureValues(m)
	fmt.Sscanf(m.Provenance[provenancePicture], "%dx%d", &width, &height)
	if width > 0 && height > 0 && width*height == values {
		return width, height
	}
	if side := int(math.Sqrt(float64(values))); side*side == values {
		return side, side
	}
	return 0, 0
}

// pictureValues returns the number of values in a row that may be a picture: all but the values of the label,
// and none of a table.
func pictureValues(m *rbm.Model) int {
	if s, err := schemaOf(m); s != nil && err == nil {
		return s.Plain
	}
	return m.Visible.Len() / max(levelsOf(m), 1)
}
