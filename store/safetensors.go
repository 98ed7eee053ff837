package store

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"math"
	"os"
	"slices"
	"strings"
	"unicode/utf8"

	"harmonium/memory"
)

// A safetensors file (https://github.com/huggingface/safetensors, "Format") is, all
// little-endian:
//
//	8 bytes   N, an unsigned integer
//	N bytes   the header, one JSON object in UTF-8, padded with spaces to a multiple of 8 bytes
//	the rest  the elements of the tensors, row-major, one tensor after the other without gaps
//
// The header holds under each tensor's name
//
//	{"dtype":"F32","shape":[784,500],"data_offsets":[begin,end]}
//
// with byte offsets from the end of the header, end exclusive, and under "__metadata__" an
// object of strings. Three of the strings must be in every file that is read:
//
//	format          "harmonium"
//	format_version  "1" or "2", see Version2
//	sha256          SHA-256 of all bytes after the header, in hexadecimal
//
// Every file that is written also has header_sha256, the SHA-256 of the header without this string.
// A file that is read may lack it, as files of earlier versions do.
//
// The same tensors and metadata give the same bytes: tensors stand in the order
// given, metadata in the order of their keys.
const (
	formatName = "harmonium"

	keyMetadata = "__metadata__"
	keyFormat   = "format"
	keyVersion  = "format_version"
	keySum      = "sha256"

	// maxHeader is the reference implementation's limit for N.
	maxHeader = 100_000_000
)

// The versions of the format. Both have the layout above.
const (
	Version1 = "1"
	Version2 = "2" // the metadata change the meaning of the tensors: a program must understand them or refuse the file
)

var versions = []string{Version1, Version2}

// Safetensors is the content of a safetensors file. Metadata excludes the keys format,
// format_version, sha256 and header_sha256: they are written and checked, not kept.
type Safetensors struct {
	Version  string // Version1 or Version2; empty is written as Version1
	Tensors  []Tensor
	Metadata map[string]string

	// Unsummed reports that the file had no header_sha256, so that damage to its metadata may be
	// unnoticed. Files that are written have this sum.
	Unsummed bool
}

// Tensor is an array of any rank, row-major.
type Tensor struct {
	Name  string
	Shape []int
	Data  any // []float32, []float64, []int32 or []uint8
}

// Element is the type of the elements of a tensor.
type Element interface {
	float32 | float64 | int32 | uint8
}

// Elements returns the elements of the tensor called name. It is an error if there is no
// such tensor or if it has another element type or shape. The slice belongs to f.
func Elements[T Element](f Safetensors, name string, shape ...int) ([]T, error) {
	t, err := f.Tensor(name)
	if err != nil {
		return nil, err
	}
	data, ok := t.Data.([]T)
	if !ok {
		return nil, fmt.Errorf("tensor %q: dtype %s, want %s", name, dtypeOf(t.Data), dtypeOf(data))
	}
	if !slices.Equal(t.Shape, shape) {
		return nil, fmt.Errorf("tensor %q: shape %v, want %v", name, t.Shape, shape)
	}
	return data, nil
}

// Has reports whether there is a tensor called name.
func (f Safetensors) Has(name string) bool {
	_, err := f.Tensor(name)
	return err == nil
}

// Tensor returns the tensor called name, or an error if there is none.
func (f Safetensors) Tensor(name string) (Tensor, error) {
	i := slices.IndexFunc(f.Tensors, func(t Tensor) bool { return t.Name == name })
	if i < 0 {
		return Tensor{}, fmt.Errorf("tensor %q is missing", name)
	}
	return f.Tensors[i], nil
}

// WriteSafetensors writes f to path by [WriteAtomic].
func WriteSafetensors(path string, f Safetensors) error {
	return WriteAtomic(path, func(w io.Writer) error {
		header, body, err := encodeTensors(f)
		if err != nil {
			return err
		}
		if _, err := w.Write(header); err != nil {
			return err
		}
		_, err = w.Write(body)
		return err
	})
}

// ReadSafetensors reads a file that WriteSafetensors wrote. It refuses every other file with
// an error of one line that names the path, what was found and what was expected. The tensors
// are in the order of their bytes.
func ReadSafetensors(path string) (Safetensors, error) {
	file, err := os.Open(path)
	if err != nil {
		return Safetensors{}, fmt.Errorf("store: read %s: %w", path, withoutPath(err))
	}
	defer file.Close()
	all, err := readAfterStart(file)
	if err != nil {
		return Safetensors{}, fmt.Errorf("store: read %s: %w", path, withoutPath(err))
	}
	f, err := decodeTensors(all)
	if err != nil {
		return Safetensors{}, fmt.Errorf("store: read %s: %w", path, err)
	}
	return f, nil
}

// readAfterStart reads the whole file if its first bytes are the start of a safetensors file.
// Of another file, which may be of any size, it reads only the first bytes.
func readAfterStart(file *os.File) ([]byte, error) {
	start := make([]byte, 9) // the length of the header, and at least one byte of it
	n, err := io.ReadFull(file, start)
	switch start = start[:n]; {
	case errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF):
		return start, nil
	case err != nil:
		return nil, err
	case bytes.HasPrefix(start, []byte("PK\x03\x04")):
		return nil, errors.New("a zip archive, such as NPZ, want a safetensors file")
	}
	if length := binary.LittleEndian.Uint64(start); length == 0 || length > maxHeader {
		return nil, fmt.Errorf("begins with the bytes % x, want a safetensors file", start[:8])
	}
	var all bytes.Buffer
	if info, err := file.Stat(); err == nil && info.Mode().IsRegular() {
		if err := memory.Check("the file with its tensors", 2*float64(info.Size())); err != nil { // its bytes, and the tensors
			return nil, err
		}
		all.Grow(int(info.Size()) + bytes.MinRead)
	}
	all.Write(start)
	_, err = all.ReadFrom(file)
	return all.Bytes(), err
}

// tensorEntry is the entry of one tensor in the header.
type tensorEntry struct {
	name    string
	DType   string    `json:"dtype"`
	Shape   []uint64  `json:"shape"`
	Offsets [2]uint64 `json:"data_offsets"`
}

// encodeTensors returns the bytes of a file up to the end of the header, and the bytes
// behind it.
func encodeTensors(f Safetensors) (header, body []byte, err error) {
	for key, value := range f.Metadata {
		if !utf8.ValidString(key) || !utf8.ValidString(value) {
			return nil, nil, fmt.Errorf("metadata %q: %q, want UTF-8", key, value)
		}
	}
	entries := make([]tensorEntry, len(f.Tensors))
	for i, t := range f.Tensors {
		switch isNamed := func(other Tensor) bool { return other.Name == t.Name }; {
		case !utf8.ValidString(t.Name):
			return nil, nil, fmt.Errorf("tensor %q, want a name in UTF-8", t.Name)
		case t.Name == keyMetadata || slices.ContainsFunc(f.Tensors[:i], isNamed):
			return nil, nil, fmt.Errorf("tensor %q, want another name: it is in use", t.Name)
		}
		begin := uint64(len(body))
		if body, err = binary.Append(body, binary.LittleEndian, t.Data); err != nil {
			return nil, nil, fmt.Errorf("tensor %q: %w", t.Name, err)
		}
		shape := make([]uint64, len(t.Shape))
		for j, n := range t.Shape {
			shape[j] = uint64(n)
		}
		entries[i] = tensorEntry{t.Name, dtypeOf(t.Data), shape, [2]uint64{begin, uint64(len(body))}}
	}
	if err := checkLayout(entries, uint64(len(body))); err != nil {
		return nil, nil, err
	}
	version := cmp.Or(f.Version, Version1)
	if !slices.Contains(versions, version) {
		return nil, nil, fmt.Errorf("%s is %q, want one of %q", keyVersion, version, versions)
	}
	return encodeHeader(entries, version, f.Metadata, body), body, nil
}

// encodeHeader returns the bytes of a file up to the end of the header.
func encodeHeader(entries []tensorEntry, version string, metadata map[string]string, body []byte) []byte {
	all := map[string]string{}
	maps.Copy(all, metadata)
	all[keyFormat], all[keyVersion], all[keySum] = formatName, version, sumOf(body)
	text := headerText(entries, withHeaderSum(entries, all))
	text += strings.Repeat(" ", (8-len(text)%8)%8)
	return append(binary.LittleEndian.AppendUint64(nil, uint64(len(text))), text...)
}

// jsonOf returns the JSON of a value made of strings and integers, which cannot fail.
func jsonOf(value any) string {
	text, _ := json.Marshal(value)
	return string(text)
}

// decodeTensors is the inverse of encodeTensors. For tensors it allocates at most the size of the file,
// whatever the header claims.
func decodeTensors(file []byte) (Safetensors, error) {
	var f Safetensors
	if len(file) < 8 {
		return f, fmt.Errorf("%d bytes, want 8 for the length of the header", len(file))
	}
	length, rest := binary.LittleEndian.Uint64(file), file[8:]
	if limit := min(maxHeader, uint64(len(rest))); length > limit {
		return f, fmt.Errorf("header of %d bytes, want at most %d", length, limit)
	}
	body := rest[length:]
	entries, metadata, err := decodeHeader(rest[:length])
	if err != nil {
		return f, fmt.Errorf("header: %w", err)
	}
	if err := checkFormat(metadata); err != nil {
		return f, err
	}
	if err := checkLayout(entries, uint64(len(body))); err != nil {
		return f, err
	}
	if got, want := sumOf(body), metadata[keySum]; got != want {
		return f, fmt.Errorf("%s of the tensors is %q, want %q", keySum, got, want)
	}
	summed, err := checkHeaderSum(entries, metadata)
	if err != nil {
		return f, err
	}
	f.Unsummed = !summed
	for _, e := range entries {
		f.Tensors = append(f.Tensors, e.decode(body[e.Offsets[0]:e.Offsets[1]]))
	}
	f.Version = metadata[keyVersion]
	maps.DeleteFunc(metadata, func(key, _ string) bool {
		return key == keyFormat || key == keyVersion || key == keySum || key == keyHeaderSum
	})
	f.Metadata = metadata
	return f, nil
}

// decodeHeader returns the tensors in the order of their bytes, and the
// metadata.
func decodeHeader(text []byte) (entries []tensorEntry, metadata map[string]string, err error) {
	if !utf8.Valid(text) {
		return nil, nil, errors.New("not UTF-8")
	}
	metadata = map[string]string{}
	decoder := json.NewDecoder(bytes.NewReader(text))
	err = decodeObject(decoder, func(key string) error {
		if key == keyMetadata {
			return decodeObject(decoder, func(key string) error {
				var value string
				err := decoder.Decode(&value)
				metadata[key] = value
				return err
			})
		}
		e, err := decodeEntry(decoder, key)
		entries = append(entries, e)
		return err
	})
	if err != nil {
		return nil, nil, err
	}
	if _, err := decoder.Token(); err != io.EOF {
		return nil, nil, errors.New("something follows the JSON object")
	}
	slices.SortStableFunc(entries, func(a, b tensorEntry) int {
		return cmp.Or(cmp.Compare(a.Offsets[0], b.Offsets[0]), cmp.Compare(a.Offsets[1], b.Offsets[1]))
	})
	return entries, metadata, nil
}

// decodeEntry reads the entry of the tensor called name.
func decodeEntry(decoder *json.Decoder, name string) (tensorEntry, error) {
	e := tensorEntry{name: name}
	var offsets []uint64
	targets := map[string]any{"dtype": &e.DType, "shape": &e.Shape, "data_offsets": &offsets}
	err := decodeObject(decoder, func(key string) error {
		target, ok := targets[key]
		if !ok {
			return errors.New("want dtype, shape and data_offsets only")
		}
		return decoder.Decode(target)
	})
	switch {
	case err != nil:
		return e, err
	case e.Shape == nil:
		return e, errors.New("no shape")
	case len(offsets) != 2:
		return e, fmt.Errorf("%d data_offsets, want 2", len(offsets))
	}
	e.Offsets = [2]uint64(offsets)
	return e, nil
}

// decodeObject reads a JSON object and calls member after each key, to read the value. A
// repeated key is an error.
func decodeObject(decoder *json.Decoder, member func(key string) error) error {
	start, err := decoder.Token()
	if err != nil {
		return err
	}
	if start != json.Delim('{') {
		return fmt.Errorf("found %.20q, want a JSON object", fmt.Sprint(start))
	}
	seen := map[string]bool{}
	for decoder.More() {
		token, err := decoder.Token()
		if err != nil {
			return err
		}
		key := token.(string) // the decoder lets nothing else be a key
		if seen[key] {
			return fmt.Errorf("%q comes twice, want it once", key)
		}
		seen[key] = true
		if err := member(key); err != nil {
			return fmt.Errorf("%q: %w", key, err)
		}
	}
	_, err = decoder.Token()
	return err
}

// checkFormat returns an error unless the metadata name the format and a known version.
func checkFormat(metadata map[string]string) error {
	for _, want := range []struct {
		key    string
		values []string
	}{{keyFormat, []string{formatName}}, {keyVersion, versions}} {
		got, ok := metadata[want.key]
		if slices.Contains(want.values, got) {
			continue
		}
		wanted := fmt.Sprintf("%q", want.values[0])
		for _, value := range want.values[1:] {
			wanted += fmt.Sprintf(" or %q", value)
		}
		if !ok {
			return fmt.Errorf("metadata have no %s, want %s", want.key, wanted)
		}
		return fmt.Errorf("%s is %q, want %s", want.key, got, wanted)
	}
	return nil
}

// checkLayout returns an error unless the entries, in the order of their bytes,
// fill `body` bytes without gap or overlap, each with the size that its element type
// and shape require.
func checkLayout(entries []tensorEntry, body uint64) error {
	var next uint64
	for _, e := range entries {
		begin, end := e.Offsets[0], e.Offsets[1]
		size, err := e.size()
		switch {
		case err != nil:
			return fmt.Errorf("tensor %q: %w", e.name, err)
		case begin != next:
			return fmt.Errorf("tensor %q begins at byte %d, want %d", e.name, begin, next)
		case end < begin || end-begin != size:
			return fmt.Errorf("tensor %q ends at byte %d, want %d for shape %v of %s",
				e.name, end, begin+size, e.Shape, e.DType)
		}
		next = end
	}
	if body != next {
		return fmt.Errorf("%d bytes of tensors, want %d", body, next)
	}
	return nil
}

// size returns the number of bytes that the element type and shape require.
func (e tensorEntry) size() (uint64, error) {
	one := allocate(e.DType, 1)
	if one == nil {
		return 0, fmt.Errorf("dtype %q, want F32, F64, I32 or U8", e.DType)
	}
	size := uint64(binary.Size(one))
	for _, n := range e.Shape {
		if n > math.MaxInt64/max(size, 1) {
			return 0, fmt.Errorf("shape %v is too large", e.Shape)
		}
		size *= n
	}
	return size, nil
}

// decode returns the tensor of an entry that checkLayout has accepted. b holds exactly the
// elements of the shape, so that decoding cannot fail.
func (e tensorEntry) decode(b []byte) Tensor {
	t := Tensor{Name: e.name, Shape: make([]int, len(e.Shape))}
	for i, n := range e.Shape {
		t.Shape[i] = int(n)
	}
	t.Data = allocate(e.DType, len(b)/binary.Size(allocate(e.DType, 1)))
	_, _ = binary.Decode(b, binary.LittleEndian, t.Data)
	return t
}

// allocate returns n zero elements of a type, nil for an unknown type.
func allocate(dtype string, n int) any {
	switch dtype {
	case "F32":
		return make([]float32, n)
	case "F64":
		return make([]float64, n)
	case "I32":
		return make([]int32, n)
	case "U8":
		return make([]uint8, n)
	}
	return nil
}

// dtypeOf is the inverse of allocate.
func dtypeOf(data any) string {
	switch data.(type) {
	case []float32:
		return "F32"
	case []float64:
		return "F64"
	case []int32:
		return "I32"
	case []uint8:
		return "U8"
	}
	return fmt.Sprintf("%T", data)
}

// sumOf returns the SHA-256 of b in hexadecimal.
func sumOf(b []byte) string {
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:])
}
