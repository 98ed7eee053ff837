package report

import (
	"fmt"
	"html"
	"strings"
)

const (
	barPitch = 17  // pixels from one bar to the next
	barsLeft = 104 // pixels left of the bars, which take the names of columns
	barsTop  = 14  // pixels above the legend
)

// bar is a column with its means over the data and over the samples, both in [0,1].
type bar struct {
	name          string
	data, samples float64
}

// bars draws a horizontal bar for the data of each column and a marker for the samples.
func bars(title string, list []bar) string {
	if len(list) == 0 {
		return ""
	}
	height := barsTop + 26 + len(list)*barPitch + lowerMargin
	x := axis{0, 1, barsLeft, chartWidth - 20}
	y := axis{0, 1, float64(height - lowerMargin), barsTop + 24} // only its pixels are used
	var b strings.Builder
	begin(&b, chartWidth, height, fmt.Sprintf("%s. %d columns", title, len(list)))
	fmt.Fprintf(&b, `<rect class="fill s0" x="%d" y="%d" width="16" height="9"/><text class="name s0" x="%d" y="%d">data</text>`, barsLeft, barsTop, barsLeft+22, barsTop+9)
	fmt.Fprintf(&b, `<path class="mark s1" d="%s"/><text class="name s1" x="%d" y="%d">samples</text>`, marker(3, barsLeft+84, barsTop+5), barsLeft+94, barsTop+9)
	for _, t := range x.ticks(5) {
		fmt.Fprintf(&b, `<path class="grid" d="M%.1f %.1fV%.1f"/><text class="tick" x="%.1f" y="%.1f" text-anchor="middle">%s</text>`,
			x.at(t), y.from, y.to, x.at(t), y.from+17, number(t))
	}
	var names []string
	for _, r := range list {
		names = append(names, r.name)
	}
	names = shorten(names, nameLetters)
	for i, r := range list {
		top := y.to + 4 + float64(i*barPitch)
		fmt.Fprintf(&b, `<text class="tick" x="%d" y="%.1f" text-anchor="end">%s</text>`, barsLeft-6, top+9, html.EscapeString(names[i]))
		fmt.Fprintf(&b, `<rect class="fill s0" x="%d" y="%.1f" width="%.1f" height="10"><title>%s: data %s, samples %s</title></rect>`,
			barsLeft, top, max(0.5, x.at(r.data)-x.from), html.EscapeString(r.name), number(r.data), number(r.samples))
		fmt.Fprintf(&b, `<path class="mark s1 outlined" d="%s"/>`, marker(3, x.at(r.samples), top+5))
	}
	fmt.Fprintf(&b, `<text class="tick" x="%.1f" y="%.1f" text-anchor="middle">share of rows with the upper value</text></svg>`, (x.from+x.to)/2, y.from+36)
	return b.String()
}
