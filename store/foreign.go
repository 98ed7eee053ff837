package store

import (
	"archive/zip"
	"bytes"
	"encoding/binary"
	"errors"
	"regexp"
	"slices"
	"strings"
)

// foreignHead is the number of first bytes that foreign reads: the 8 bytes of the signature of HDF5 lie at
// byte 0, 512, 1024 or 2048.
const foreignHead = 2048 + 8

// foreign returns an error if a file begins as one of a format that is recognized but cannot be read. The
// error names the format and, for most, a command that converts the file.
func foreign(head []byte, from origin) error {
	for at := 0; at+len(hdf5Magic) <= len(head); at = max(512, 2*at) {
		if bytes.HasPrefix(head[at:], []byte(hdf5Magic)) {
			if bytes.HasPrefix(head, []byte("MATLAB 7.3")) { // which stores columns first
				return from.refuse("MATLAB 7.3 (HDF5)", strings.Replace(hdf5Line, "x[()]", "x[()].T", 1))
			}
			return from.refuse("HDF5", hdf5Line)
		}
	}
	// Safetensors has a limit of 100,000,000 for the length of the header; text here gives a larger number.
	if length := head[:min(len(head), 8)]; len(head) > 9 && string(head[8:10]) == `{"` &&
		binary.LittleEndian.Uint64(length) < 1<<27 {
		return from.refuse("safetensors", "import numpy; from safetensors.numpy import load_file; numpy.savez({.npz},**load_file({}))")
	}
	if isMAT4(head) {
		return from.refuse("MATLAB 4", "import scipy.io,numpy; numpy.savez({.npz},**scipy.io.loadmat({}))")
	}
	for _, f := range foreignFormats {
		if len(head) < f.offset || !bytes.HasPrefix(head[f.offset:], []byte(f.magic)) {
			continue
		}
		if f.binary && isText(head[:min(len(head), 64)]) {
			continue
		}
		return from.refuse(f.name, f.line)
	}
	return nil
}

// isMAT4 reports whether a file begins as an array of MATLAB 4: five integers, which are the type,
// rows, columns, whether the numbers are complex, and the length of the name; then the name, which
// ends with a zero.
func isMAT4(head []byte) bool {
	if len(head) < 21 {
		return false
	}
	var order binary.ByteOrder = binary.LittleEndian
	if head[2] != 0 || head[3] != 0 { // the type is small
		order = binary.BigEndian
	}
	// The type has the decimal digits M0PT: M is 1 for big-endian files, P from 0 to 5 the kind of the numbers,
	// T from 0 to 2 whether the array is full, text or sparse.
	kind, complex, length := order.Uint32(head), order.Uint32(head[12:]), order.Uint32(head[16:])
	if order == binary.BigEndian {
		kind -= 1000
	}
	const longest = 64 // bytes of a name with its zero: MATLAB allows 63 letters
	if kind > 52 || kind%10 > 2 || complex > 1 || length < 2 || int(length) > min(longest, len(head)-20) {
		return false
	}
	name := head[20 : 20+length]
	return bytes.IndexByte(name, 0) == int(length)-1 && isText(name[:length-1])
}

// foreignZip returns an error if an archive is a file of a foreign format, see foreign.
func (d *decoder) foreignZip(files []*zip.File) error {
	has := func(suffix string) bool {
		return slices.ContainsFunc(files, func(f *zip.File) bool { return strings.HasSuffix(f.Name, suffix) })
	}
	switch {
	case has("xl/workbook.xml"), has("xl/workbook.bin"):
		return d.from.refuse("an Excel file", excelLine)
	case has("content.xml") && has("mimetype"):
		return d.from.refuse("an OpenDocument file", excelLine)
	case has("/data.pkl"):
		return d.from.refuse("a PyTorch file", torchLine)
	}
	return nil
}

// origin says where content comes from: the path of a file, how it is packed, an array in it.
type origin struct {
	name   string   // path of the file, or "" if unknown
	layers []string // compressions of the file, the outer ones first
	key    string   // name of the array, or ""
}

// at returns the origin of an array in the file. A name that a shell or Python could misread is replaced
// by KEY.
func (o origin) at(key string) origin {
	if o.key = key; !plainPath.MatchString(key) {
		o.key = "KEY"
	}
	return o
}

// refuse returns the error of a foreign format. line is the argument of python or, if it begins with a semicolon,
// the end of the error itself; it may be empty.
func (o origin) refuse(name, line string) error {
	if line != "" && line[0] != ';' {
		line = o.python(line)
	}
	return errors.New(name + ", " + wantFormats + line)
}

// plainPath has no letter that a shell or Python reads in another way.
var plainPath = regexp.MustCompile(`^[\pL\pN_./ +=@%:,~-]{1,120}$`)

// openers are the modules by which Python opens a packed file.
var openers = map[string]string{"gzip": "gzip", "bzip2": "bz2", "xz": "lzma"}

// python returns the end of an error, with the command that converts the file: by a line of Python, or of a shell
// if "$ " precedes it. In the line, {} stands for the path, or for the opened file if it is compressed; {open} for
// the opened file; and {.npy}, {.npz} and {.csv} for the path with that ending. Without a path it returns "".
func (o origin) python(line string) string {
	if o.name == "" {
		return ""
	}
	name, intro := o.name, "; convert it by: "
	if !plainPath.MatchString(name) {
		name = "FILE"
	}
	path, open := "'"+name+"'", "open('"+name+"','rb')"
	command, isCommand := strings.CutPrefix(line, "$ ") // tar and R unpack by themselves
	if module := openers[strings.Join(o.layers, "+")]; module != "" && !isCommand {
		path = module + ".open('" + name + "')"
		open, line = path, "import "+module+"; "+line
	} else if module == "" && len(o.layers) > 0 {
		name, intro = "FILE", "; unpack it to a FILE, and convert that by: "
		path, open = "'FILE'", "open('FILE','rb')"
	}
	fill := strings.NewReplacer("{}", path, "{open}", open,
		"{.npy}", "'"+name+".npy'", "{.npz}", "'"+name+".npz'", "{.csv}", "'"+name+".csv'")
	if isCommand {
		return intro + fill.Replace(command)
	}
	return intro + `python3 -c "` + fill.Replace(line) + `"`
}
