package report

import (
	"fmt"
	"html"
	"image"
	"image/color"
	"strings"
)

// heat draws a matrix of values (lines, columns) as a map, a pixel each, with the names of its columns, and the
// names of its lines if there are any.
type heat struct {
	title, x, y string
	values      []float32
	columns     int
	names       []string // of the columns
	lines       []string // names of the lines; nil for none
	paint       func(float32) color.Color
}

// Names that a map shows, at most: more would overlap.
const (
	mostColumnNames = 24
	mostLineNames   = 20
)

func (c heat) svg() string {
	lines := len(c.values) / max(1, c.columns)
	if lines == 0 {
		return ""
	}
	img := image.NewRGBA(image.Rect(0, 0, c.columns, lines))
	for i, v := range c.values {
		img.Set(i%c.columns, i/c.columns, c.paint(v))
	}
	const top = 14
	left, lower := 34.0, 80.0 // margins; the slanted names of columns take 55 pixels of the lower one
	if c.lines != nil {
		left = 64
	}
	cell := max(6, min(16, 200/float64(lines))) // height of a line, from 6 to 16 pixels
	width, height := float64(chartWidth)-left-10, cell*float64(lines)
	whole := int(height + lower + top)
	var b strings.Builder
	begin(&b, chartWidth, whole, fmt.Sprintf("%s. %d lines and %d columns", c.title, lines, c.columns))
	fmt.Fprintf(&b, `<image class="pixels" x="%.1f" y="%d" width="%.1f" height="%.1f" preserveAspectRatio="none" href="%s"/>`,
		left, top, width, height, source(img))
	fmt.Fprintf(&b, `<path class="axis" d="M%.1f %dh%.1fv%.1fh%.1fz"/>`, left, top, width, height, -width)
	every := (c.columns + mostColumnNames - 1) / mostColumnNames
	names := shorten(c.names, 8) // 8 letters are as long as the lower margin has room for
	for i := 0; i < c.columns; i += every {
		x := left + (float64(i)+0.5)*width/float64(c.columns)
		fmt.Fprintf(&b, `<text class="tick" transform="translate(%.1f %.1f) rotate(-60)" text-anchor="end">%s</text>`,
			x+4, top+height+10, html.EscapeString(names[i]))
	}
	step := (lines + mostLineNames - 1) / mostLineNames
	for i := 0; i < len(c.lines); i += step {
		fmt.Fprintf(&b, `<text class="tick" x="%.1f" y="%.1f" text-anchor="end">%s</text>`, left-4, top+(float64(i)+0.5)*cell+4, html.EscapeString(c.lines[i]))
	}
	fmt.Fprintf(&b, `<text class="tick" x="%.1f" y="%d" text-anchor="middle">%s</text>`, left+width/2, whole-6, html.EscapeString(c.x))
	fmt.Fprintf(&b, `<text class="tick" transform="translate(12 %.1f) rotate(-90)" text-anchor="middle">%s</text></svg>`, top+height/2, html.EscapeString(c.y))
	return b.String()
}
