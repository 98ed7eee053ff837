package report

import (
	"fmt"
	"image/color"
)

// shade is a color on the light and on the dark page, as #rrggbb.
type shade struct{ light, dark string }

// The shades of a page. Those of texts and series have a contrast of at least 4.5 to the page and to panels, light and
// dark, which a test computes. The grid is fainter, and so are clouds of points, which are drawn at three quarters.
var (
	pageShade  = shade{"#ffffff", "#14171a"}
	textShade  = shade{"#1b1f23", "#e8eaed"}
	quietShade = shade{"#57606a", "#a7b0ba"} // axes, captions
	panelShade = shade{"#f5f6f7", "#1d2126"} // behind tables and verdicts
	gridShade  = shade{"#dfe2e5", "#343a41"}
	goodShade  = shade{"#00694f", "#56d6b0"}
	badShade   = shade{"#a33400", "#ff9a5c"} // on the light page redder than the vermilion of a series (chosen)

	// seriesShades come from the colors of Okabe and Ito (2008), which readers with color blindness
	// can distinguish, darkened or lightened to the contrast of text.
	seriesShades = []shade{
		{"#005fa3", "#6cb8ff"}, // blue
		{"#a84300", "#ff9a5c"}, // vermilion
		{"#00694f", "#56d6b0"}, // bluish green
		{"#86378a", "#e59be0"}, // reddish purple
		{"#6f5400", "#e6c34d"}, // yellow
		{"#33393f", "#d5d9dd"}, // grey
	}
)

// dashes are the patterns of lines, in the order of the series.
var dashes = []string{"", "7 3", "2 3", "9 3 2 3", "12 4", "4 2"}

// dashOf returns the attribute of the dashes of series k.
func dashOf(k int) string {
	if d := dashes[k%len(dashes)]; d != "" {
		return fmt.Sprintf(` stroke-dasharray="%s"`, d)
	}
	return ""
}

// variables returns the shades of a theme, light or dark, as CSS variables.
func variables(theme func(shade) string) string {
	text := fmt.Sprintf("--page:%s;--text:%s;--quiet:%s;--panel:%s;--grid:%s;--good:%s;--bad:%s;",
		theme(pageShade), theme(textShade), theme(quietShade), theme(panelShade), theme(gridShade), theme(goodShade), theme(badShade))
	for i, s := range seriesShades {
		text += fmt.Sprintf("--s%d:%s;", i, theme(s))
	}
	return text
}

func light(s shade) string { return s.light }
func dark(s shade) string  { return s.dark }

// Colors returns the colors of series on white, in their order.
func Colors() []color.NRGBA {
	list := make([]color.NRGBA, len(seriesShades))
	for k, s := range seriesShades {
		c := color.NRGBA{A: 0xff}
		fmt.Sscanf(s.light, "#%02x%02x%02x", &c.R, &c.G, &c.B)
		list[k] = c
	}
	return list
}

// marker returns the SVG path of the marker of series k around a point, in pixels: the outline of an area, which is
// filled.
func marker(k int, x, y float64) string {
	const r = 3.5
	switch k % 6 {
	case 0: // circle
		return fmt.Sprintf("M%.1f %.1fa%g %g 0 1 0 %g 0a%g %g 0 1 0 %g 0z", x-r, y, r, r, 2*r, r, r, -2*r)
	case 1: // square
		return fmt.Sprintf("M%.1f %.1fh%gv%gh%gz", x-3, y-3, 6., 6., -6.)
	case 2: // triangle
		return fmt.Sprintf("M%.1f %.1fl%g %gh%gz", x, y-4, 4., 7., -8.)
	case 3: // diamond
		return fmt.Sprintf("M%.1f %.1fl4 4l-4 4l-4 -4z", x, y-4)
	case 4: // upside-down triangle
		return fmt.Sprintf("M%.1f %.1fl%g %gh%gz", x, y+4, 4., -7., -8.)
	}
	return fmt.Sprintf("M%.1f %.1fl1.5 -1.5 2 2 2 -2 1.5 1.5 -2 2 2 2 -1.5 1.5 -2 -2 -2 2 -1.5 -1.5 2 -2z", x-3.5, y-2) // cross
}
