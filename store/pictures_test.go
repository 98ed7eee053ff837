package store

import (
	"image"
	"image/color"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"harmonium/store/storetest"
)

// Pictures that Pillow 9.4 wrote: 2 x 1 pixels of the level 200, and, with losses, 16 x 16 pixels of a red, of black
// and of white.
const (
	webpLossless = "RIFF\x1e\x00\x00\x00WEBPVP8L\x11\x00\x00\x00/\x01\x00\x00\x00\x07P\xe4\"\x17\xb9\xff\x81\x88\xe8\x7f\x00\x00"
	webpLossy    = "RIFF:\x00\x00\x00WEBPVP8 .\x00\x00\x00\x90\x01\x00\x9d\x01*\x10\x00\x10\x00\x01@&%\xa0\x02t\xba\x00\x03\x98\x00\xfe\xf5\x89\x1f" +
		"\xe3y\xbc\xd6\xb5\xbf\xfd\xfbK\xff\x02w\xff\x02w\xfd\x0c\x00\x00\x00"
	webpBlack = "RIFF&\x00\x00\x00WEBPVP8 \x1a\x00\x00\x000\x01\x00\x9d\x01*\x10\x00\x10\x00\x00\xc0\x12%\xa4\x00\x03p\x00\xfe\xfe" +
		"\xee\xaa\x00\x00\x00"
	webpWhite = "RIFF&\x00\x00\x00WEBPVP8 \x1a\x00\x00\x000\x01\x00\x9d\x01*\x10\x00\x10\x00\x00\xc0\x12%\xa4\x00\x03p\x00\xfe\xfe" +
		"\xddx\x00\x00\x00"
)

// webpHuge is webpLossless with a header that claims 16384 x 16384 pixels: two fields of 14 bits, each one less than
// the size, which follow the byte "/".
var webpHuge = strings.Replace(webpLossless, "/\x01\x00\x00\x00", "/\xff\xff\xff\x0f", 1)

// writeFiles puts files, by name, into a new folder.
func writeFiles(t *testing.T, files map[string]string) string {
	t.Helper()
	folder := t.TempDir()
	for name, content := range files {
		path := filepath.Join(folder, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return folder
}

// TestDecodePicture: every format gives the grey levels of the picture. A JPEG of quality 100 may round the level of a
// uniform picture by one.
func TestDecodePicture(t *testing.T) {
	levels := []uint8{0, 255, 128, 7, 0, 255}
	for _, ending := range []string{"png", "bmp", "tif"} {
		got, width, err := decodePicture([]byte(storetest.Picture(ending, storetest.Grey(levels...))))
		if err != nil || width != 3 || !slices.Equal(got, levels) {
			t.Errorf("%s: got %v of width %d, %v, want %v", ending, got, width, err, levels)
		}
	}
	for _, ending := range []string{"jpg", "gif"} {
		got, width, err := decodePicture([]byte(storetest.Picture(ending, storetest.Grey(255, 255, 255))))
		if err != nil || width != 3 || slices.Min(got) < 254 {
			t.Errorf("%s: got %v of width %d, %v, want white", ending, got, width, err)
		}
	}
	got, width, err := decodePicture([]byte(webpLossless))
	if err != nil || width != 2 || !slices.Equal(got, []uint8{200, 200}) {
		t.Errorf("webp: got %v of width %d, %v, want 2 of 200", got, width, err)
	}
	// The levels that Pillow reads. This package may differ by one: it rounds red, green and blue by at most 0.5 each,
	// which moves their mean with the weights of greyOf, whose sum is 1, by at most 0.5, and then rounds the mean. So does
	// Pillow, and two integers less than 1 from the same number differ by at most 1.
	for _, test := range []struct {
		name, file string
		low, high  int
	}{{"red", webpLossy, 68, 69}, {"black", webpBlack, 0, 0}, {"white", webpWhite, 255, 255}} {
		got, width, err = decodePicture([]byte(test.file))
		if err != nil || width != 16 || len(got) != 256 {
			t.Errorf("webp of %s: got %d pixels of width %d, %v, want 256 of 16", test.name, len(got), width, err)
		} else if low, high := int(slices.Min(got)), int(slices.Max(got)); low < test.low-1 || high > test.high+1 {
			t.Errorf("webp of %s: got levels %d to %d, want %d to %d ± 1", test.name, low, high, test.low, test.high)
		}
	}
}

// TestGrey: the level of a colour is its weighted mean, and is the same where the colour is in a palette.
func TestGrey(t *testing.T) {
	tests := []struct {
		c    color.Color
		want uint8
	}{
		{color.NRGBA{255, 0, 0, 255}, 76},    // 0.299·255 = 76.245
		{color.NRGBA{0, 255, 0, 255}, 150},   // 149.685
		{color.NRGBA{0, 0, 255, 255}, 29},    // 29.07
		{color.NRGBA{255, 255, 255, 9}, 255}, // nearly transparent, which does not count
		{color.Gray{77}, 77},
	}
	for _, test := range tests {
		single := image.NewPaletted(image.Rect(0, 0, 1, 1), color.Palette{test.c})
		if got := greyOf(test.c); got != test.want || levels(single)(0, 0) != test.want {
			t.Errorf("%v: got %d, want %d", test.c, got, test.want)
		}
	}
}

// TestReadPictures: a folder gives its pictures in the order of their paths, without hidden and other files, and the
// names of folders in it as labels.
func TestReadPictures(t *testing.T) {
	black, white := storetest.Picture("png", storetest.Grey(0, 0, 0)), storetest.Picture("bmp", storetest.Grey(255, 255, 255))
	want := Table{Shape: []int{3, 1, 3}, Bytes: []uint8{0, 0, 0, 255, 255, 255, 0, 0, 0}}
	flat := writeFiles(t, map[string]string{"1.png": black, "2.BMP": white, "3.png": black, "readme.txt": "-", ".4.png": "-"})
	got, err := ReadTable(flat, Options{})
	if err != nil || !sameTable(got, want) || got.Labels != nil {
		t.Errorf("got %v %v, want %v", got, err, want)
	}
	link := filepath.Join(t.TempDir(), "link")
	if err := os.Symlink(flat, link); err != nil {
		t.Fatal(err)
	}
	if got, err = ReadTable(link, Options{}); err != nil || !sameTable(got, want) {
		t.Errorf("a link to the folder: got %v %v, want %v", got, err, want)
	}
	classes := writeFiles(t, map[string]string{"a/2.png": black, "b/c/1.bmp": white, "b/d.png": black})
	got, err = ReadTable(classes, Options{})
	if err != nil || !sameTable(got, want) || !slices.Equal(got.Labels, []string{"a", "b", "b"}) {
		t.Errorf("got %v %v, want %v with labels a, b, b", got, err, want)
	}
}

func TestReadPicturesErrors(t *testing.T) {
	small, large := storetest.Picture("png", storetest.Grey(0, 0, 0)), storetest.Picture("png", storetest.Grey(0, 0, 0, 0, 0, 0))
	tests := []struct {
		files map[string]string
		want  string
	}{
		{nil, "a folder without pictures, want PNG, JPEG, GIF, BMP, TIFF or WebP in it, or a file"},
		{map[string]string{"a.csv": "0,1\n"}, "a folder without pictures, want PNG, JPEG, GIF, BMP, TIFF or WebP in it, or a file"},
		{map[string]string{"a.png": small, "b/a.png": small},
			"a folder with pictures both in it and in its folders, want one or the other"},
		{map[string]string{"a.png": small, "b.png": large}, `"b.png": 3 x 2 pixels, want 3 x 1 as in "a.png"`},
		{map[string]string{"a.png": small[:50]}, `"a.png": a bad picture: png: invalid format: unexpected EOF`},
		{map[string]string{"a.png": "0,1\n"}, `"a.png": a bad picture: image: unknown format`},
		{map[string]string{"a.webp": webpHuge}, `"a.webp": 16384 x 16384 pixels, want at most 4194304 in all`},
	}
	for _, test := range tests {
		if _, err := ReadTable(writeFiles(t, test.files), Options{}); err == nil || err.Error() != test.want {
			t.Errorf("got %v, want %s", err, test.want)
		}
	}
}
