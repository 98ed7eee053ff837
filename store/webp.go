package store

import (
	"bytes"
	"errors"
	"image"
	"image/color"
	"io"
	"math"

	"golang.org/x/image/riff"
	"golang.org/x/image/vp8"
	"golang.org/x/image/vp8l"
)

// configOfWebP returns the size of the picture in a WebP file. image.DecodeConfig may return another size, which
// the file names before the picture and which the reader does not compare with the picture's.
func configOfWebP(content []byte) (image.Config, error) {
	_, chunks, err := riff.NewReader(bytes.NewReader(content))
	if err != nil {
		return image.Config{}, err
	}
	for {
		id, length, chunk, err := chunks.Next()
		if err == io.EOF {
			return image.Config{}, errors.New("webp: no picture")
		}
		if err != nil {
			return image.Config{}, err
		}
		switch string(id[:]) {
		case "VP8L":
			return vp8l.DecodeConfig(chunk)
		case "VP8 ":
			d := vp8.NewDecoder()
			d.Init(chunk, int(length))
			header, err := d.DecodeFrameHeader()
			return image.Config{Width: header.Width, Height: header.Height}, err
		}
	}
}

// videoLevels returns a function that returns the grey level of a pixel of a lossy WebP picture, or nil for
// another picture. The brightness in a lossy WebP is from 16 for black to 235 for white, but its reader returns it
// as if it were from 0 to 255, as in a JPEG.
func videoLevels(picture image.Image) func(x, y int) uint8 {
	var p *image.YCbCr
	switch q := picture.(type) {
	case *image.YCbCr:
		p = q
	case *image.NYCbCrA:
		p = &q.YCbCr
	default:
		return nil
	}
	return func(x, y int) uint8 {
		c := p.YCbCrAt(x, y)
		return greyOf(rgbOfVideo(float64(c.Y)-16, float64(c.Cb)-128, float64(c.Cr)-128))
	}
}

// rgbOfVideo returns the colour of a brightness y from 0 to 219 and of differences cb and cr from -112
// to 112.
// Source: Rec. ITU-R BT.601-7, 2.5.1 to 2.5.4.
func rgbOfVideo(y, cb, cr float64) color.NRGBA {
	level := func(x float64) uint8 { return uint8(math.Round(min(max(255*x, 0), 255))) }
	y, cb, cr = y/219, cb/224, cr/224
	red, blue := y+1.402*cr, y+1.772*cb
	return color.NRGBA{level(red), level((y - 0.299*red - 0.114*blue) / 0.587), level(blue), 255}
}
