package report

import (
	"fmt"
	"html"
	"strings"
)

// mostMarkers is the largest number of points of a cloud that have markers. More points are dots, as their markers would
// cover each other.
const mostMarkers = 300

// cloud is a set of points of one color.
type cloud struct {
	name string
	k    int // number of its color and marker
	x, y []float64
}

// scatter is a plot of clouds. With a diagonal, where x is y, both axes have the same range.
type scatter struct {
	title, x, y, label string
	clouds             []cloud
	diagonal           bool
}

func (c scatter) svg() string {
	var xs, ys []float64
	for _, cloud := range c.clouds {
		xs, ys = append(xs, cloud.x...), append(ys, cloud.y...)
	}
	if len(xs) == 0 {
		return ""
	}
	if c.diagonal {
		xs = append(xs, ys...)
		ys = xs
	}
	x, y := spread(xs, leftMargin, chartWidth-rightMargin), spread(ys, chartHeight-lowerMargin, topMargin)
	var b strings.Builder
	begin(&b, chartWidth, chartHeight, c.title+". "+c.label)
	drawAxes(&b, x, y, c.x, c.y)
	if c.diagonal {
		fmt.Fprintf(&b, `<path class="axis" stroke-dasharray="4 4" d="M%.1f %.1fL%.1f %.1f"/>`, x.from, y.from, x.to, y.to)
		fmt.Fprintf(&b, `<text class="tick" x="%.1f" y="%.1f">equal</text>`, x.to+8, y.to+4)
	}
	for i, cloud := range c.clouds {
		var d strings.Builder
		class := "mark"
		if len(cloud.x) > mostMarkers {
			class = "dots"
		}
		for n := range cloud.x {
			if class == "dots" { // a line of length 0 with a round cap
				fmt.Fprintf(&d, "M%.1f %.1fh0", x.at(cloud.x[n]), y.at(cloud.y[n]))
			} else {
				d.WriteString(marker(cloud.k, x.at(cloud.x[n]), y.at(cloud.y[n])))
			}
		}
		fmt.Fprintf(&b, `<path class="%s faint s%d" d="%s"/>`, class, cloud.k, d.String())
		if len(c.clouds) > 1 {
			top := legendLine(i)
			fmt.Fprintf(&b, `<path class="mark s%d" d="%s"/><text class="name s%d" x="%d" y="%.0f">%s</text>`,
				cloud.k, marker(cloud.k, chartWidth-rightMargin+14, top-4), cloud.k, chartWidth-rightMargin+24, top, html.EscapeString(cloud.name))
		}
	}
	b.WriteString("</svg>")
	return b.String()
}
