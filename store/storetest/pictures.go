package storetest

import (
	"bytes"
	"image"
	"image/gif"
	"image/jpeg"
	"image/png"

	"golang.org/x/image/bmp"
	"golang.org/x/image/tiff"
)

// Picture encodes a picture in the format of an ending of names: png, jpg, gif, bmp or tif.
func Picture(ending string, p image.Image) string {
	var file bytes.Buffer
	var err error
	switch ending {
	case "png":
		err = png.Encode(&file, p)
	case "jpg":
		err = jpeg.Encode(&file, p, &jpeg.Options{Quality: 100})
	case "gif":
		err = gif.Encode(&file, p, nil)
	case "bmp":
		err = bmp.Encode(&file, p)
	case "tif":
		err = tiff.Encode(&file, p, nil)
	}
	if err != nil {
		panic(err)
	}
	return file.String()
}

// Grey returns a picture of the given grey levels, three in each row.
func Grey(levels ...uint8) *image.Gray {
	return &image.Gray{Pix: levels, Stride: 3, Rect: image.Rect(0, 0, 3, len(levels)/3)}
}
