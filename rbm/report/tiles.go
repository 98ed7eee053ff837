package report

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"html"
	"image"
	"image/color"
	"image/png"
	"math"
)

// sheet draws rows of values (n,width·height) as a grid of pictures, one value a pixel, with a transparent pixel
// between two pictures.
func sheet(rows []float32, width, height, columns int, paint func(float32) color.Color) *image.RGBA {
	size := width * height
	n := len(rows) / size
	lines := (n + columns - 1) / columns
	sheet := image.NewRGBA(image.Rect(0, 0, columns*(width+1)-1, lines*(height+1)-1))
	for k := range n {
		left, top := k%columns*(width+1), k/columns*(height+1)
		for i, v := range rows[k*size : (k+1)*size] {
			sheet.Set(left+i%width, top+i/width, paint(v))
		}
	}
	return sheet
}

// grey maps [0,1] to black to white.
func grey(v float32) color.Color {
	return color.Gray{uint8(math.Round(255 * float64(min(max(v, 0), 1))))}
}

// diverging maps [-1,1] from orange over white to blue, two colors of seriesShades, which readers with color blindness
// can distinguish.
func diverging(v float32) color.Color {
	v = min(max(v, -1), 1)
	end := [3]float32{0x00, 0x5f, 0xa3}
	if v < 0 {
		end, v = [3]float32{0xa8, 0x43, 0x00}, -v
	}
	mix := func(i int) uint8 { return uint8(255 - v*(255-end[i])) }
	return color.RGBA{mix(0), mix(1), mix(2), 255}
}

// picture returns an image element that a browser enlarges without smoothing.
func picture(img image.Image, label string) string {
	return fmt.Sprintf(`<img class="pixels" src="%s" width="%d" height="%d" alt="%s">`,
		source(img), img.Bounds().Dx(), img.Bounds().Dy(), html.EscapeString(label))
}

// source returns a picture as a data URI.
func source(img image.Image) string {
	var b bytes.Buffer
	if err := png.Encode(&b, img); err != nil {
		panic(err) // a buffer in memory takes everything
	}
	return "data:image/png;base64," + base64.StdEncoding.EncodeToString(b.Bytes())
}
