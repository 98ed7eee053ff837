package store

import (
	"bytes"
	"errors"
	"fmt"
	"image"
	"image/color"
	_ "image/gif" // the formats of pictures register themselves
	_ "image/jpeg"
	_ "image/png"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	_ "golang.org/x/image/bmp"
	_ "golang.org/x/image/tiff"
	_ "golang.org/x/image/webp"

	"harmonium/memory"
)

// maxPixels limits the pixels of a picture, whose header may lie: decoders allocate for the whole picture at once,
// up to 8 bytes a pixel. Chosen: 2048 x 2048 pixels, which are 32 MiB. With a unit for each of them, a
// model with 512 hidden units already has more weights than its device takes, 2³¹-1.
const maxPixels = 1 << 22

// pictureEndings are the endings of the files of a folder that are read.
var pictureEndings = []string{".png", ".jpg", ".jpeg", ".gif", ".bmp", ".tif", ".tiff", ".webp"}

func isPictureName(path string) bool {
	return slices.Contains(pictureEndings, strings.ToLower(filepath.Ext(path)))
}

// readPictures reads the pictures below a folder, (N, h, w), in the order of their paths. All have the size of
// the first. If they are in folders within it, the names of these folders are the labels. Hidden files, files with
// other endings and links to folders are left out.
func readPictures(root string) (Table, error) {
	files, err := picturesIn(root)
	if err != nil {
		return Table{}, err
	}
	var t Table
	var first string
	var width, height int
	var read int64 // bytes of the files so far
	for _, file := range files {
		content, err := os.ReadFile(filepath.Join(root, file))
		if err != nil {
			return Table{}, fmt.Errorf("%s: %w", quote(file), withoutPath(err))
		}
		grey, w, err := decodePicture(content)
		if err != nil {
			return Table{}, fmt.Errorf("%s: %w", quote(file), err)
		}
		h := len(grey) / w
		if first == "" {
			first, width, height = file, w, h
		}
		if w != width || h != height {
			return Table{}, fmt.Errorf("%s: %d x %d pixels, want %d x %d as in %s", quote(file), w, h, width, height, quote(first))
		}
		if need := len(t.Bytes) + len(grey); need > cap(t.Bytes) { // append adds a quarter
			if err := memory.Check("the pictures", 1.25*float64(need)); err != nil {
				return Table{}, err
			}
		}
		t.Bytes = append(t.Bytes, grey...)
		if read += int64(len(content)); int64(len(t.Bytes)) > newBudget(read).total {
			return Table{}, fmt.Errorf("%s: the pictures unpack to more than %d bytes, want at most %d times their size",
				quote(file), newBudget(read).total, maxRatio)
		}
		if class, _, ok := strings.Cut(filepath.ToSlash(file), "/"); ok {
			t.Labels = append(t.Labels, class)
		}
	}
	t.Shape = []int{len(files), height, width}
	t.Format = fmt.Sprintf("pictures of %d x %d pixels", width, height)
	return t, nil
}

// picturesIn returns the paths of the pictures, below root, in order.
func picturesIn(root string) (files []string, err error) {
	if root, err = filepath.EvalSymlinks(root); err != nil { // the walk does not follow a link at its root
		return nil, withoutPath(err)
	}
	inside := 0 // pictures in folders within root
	err = filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		hidden := strings.HasPrefix(entry.Name(), ".") && path != root
		if entry.IsDir() && hidden {
			return fs.SkipDir
		}
		if entry.IsDir() || hidden || !isPictureName(path) {
			return nil
		}
		file, err := filepath.Rel(root, path)
		if strings.Contains(filepath.ToSlash(file), "/") {
			inside++
		}
		files = append(files, file)
		return err
	})
	switch {
	case err != nil:
		return nil, withoutPath(err)
	case len(files) == 0:
		return nil, errors.New("a folder without pictures, want PNG, JPEG, GIF, BMP, TIFF or WebP in it, or a file")
	case inside > 0 && inside < len(files):
		return nil, errors.New("a folder with pictures both in it and in its folders, want one or the other")
	}
	slices.Sort(files)
	return files, nil
}

// decodePicture returns the grey levels of a picture, row after row.
func decodePicture(content []byte) (grey []uint8, width int, err error) {
	config, format, err := image.DecodeConfig(bytes.NewReader(content))
	if err != nil {
		return nil, 0, fmt.Errorf("a bad picture: %w", plain(err))
	}
	if format == "webp" { // whose header may name another size first
		if config, err = configOfWebP(content); err != nil {
			return nil, 0, fmt.Errorf("a bad picture: %w", plain(err))
		}
	}
	if config.Width < 1 || config.Height < 1 || config.Height > maxPixels/config.Width {
		return nil, 0, fmt.Errorf("%d x %d pixels, want at most %d in all", config.Width, config.Height, maxPixels)
	}
	picture, _, err := image.Decode(bytes.NewReader(content))
	if err != nil {
		return nil, 0, fmt.Errorf("a bad picture: %w", plain(err))
	}
	bounds := picture.Bounds()
	if bounds.Empty() {
		return nil, 0, errors.New("a picture without pixels")
	}
	grey = make([]uint8, 0, bounds.Dx()*bounds.Dy())
	level := levels(picture)
	if video := videoLevels(picture); format == "webp" && video != nil { // lossy WebP has brightnesses from 16 to 235
		level = video
	}
	for y := bounds.Min.Y; y < bounds.Max.Y; y++ {
		for x := bounds.Min.X; x < bounds.Max.X; x++ {
			grey = append(grey, level(x, y))
		}
	}
	return grey, bounds.Dx(), nil
}

// levels returns a function that returns the grey level of a pixel.
func levels(picture image.Image) func(x, y int) uint8 {
	switch p := picture.(type) {
	case *image.Gray:
		return func(x, y int) uint8 { return p.GrayAt(x, y).Y }
	case *image.Paletted:
		table := make([]uint8, len(p.Palette))
		for i, c := range p.Palette {
			table[i] = greyOf(c)
		}
		return func(x, y int) uint8 {
			if i := int(p.ColorIndexAt(x, y)); i < len(table) {
				return table[i]
			}
			return 0
		}
	}
	return func(x, y int) uint8 { return greyOf(picture.At(x, y)) }
}

// greyOf returns 0.299 R + 0.587 G + 0.114 B of a colour in 8 bits, rounded (Rec. ITU-R BT.601). It
// leaves out how transparent the colour is.
func greyOf(c color.Color) uint8 {
	n := color.NRGBAModel.Convert(c).(color.NRGBA)
	return uint8((299*int(n.R) + 587*int(n.G) + 114*int(n.B) + 500) / 1000)
}
