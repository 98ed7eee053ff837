package store

import (
	"archive/zip"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
)

// npz is a zip of NPY files. An array has the name of its file without the ending ".npy".
// Other members are not arrays.
type npz struct {
	names   []string             // of the arrays, in the order of the archive
	members map[string]*zip.File // by name of the array
	budget  *budget
	from    origin
}

// ReadNPZ reads arrays of an NPZ file, each like ReadNPY. It reads the arrays of the given names
// that the file holds or, without names, all arrays. Other arrays may be of any type.
func ReadNPZ(path string, names ...string) (arrays map[string]Array, err error) {
	err = withNPZ(path, func(z *npz) error {
		arrays, err = z.arrays(names)
		return err
	})
	return arrays, err
}

// ReadNPZTexts reads arrays, as ReadNPZ does, and the texts with the given names, as far as the file holds them.
func ReadNPZTexts(path string, names, textNames []string) (arrays map[string]Array, texts map[string]string, err error) {
	err = withNPZ(path, func(z *npz) error {
		if arrays, err = z.arrays(names); err != nil {
			return err
		}
		texts, err = z.texts(textNames)
		return err
	})
	return arrays, texts, err
}

// withNPZ calls f with the archive in a file, and adds the file to errors.
func withNPZ(path string, f func(z *npz) error) error {
	err := WithFile(path, func(src io.ReaderAt, size int64) error {
		z, err := readNPZ(src, size)
		if err != nil {
			return err
		}
		return f(z)
	})
	if err != nil {
		return fmt.Errorf("store: %s: %w", path, err)
	}
	return nil
}

// readNPZ lists the arrays of a file that is not within another one.
func readNPZ(src io.ReaderAt, size int64) (*npz, error) {
	archive, err := zip.NewReader(src, size)
	if err != nil {
		return nil, fmt.Errorf("bad NPZ: %w", err)
	}
	return openNPZ(archive, newBudget(size), origin{})
}

// arrays reads the arrays of the given names or, without names, all arrays.
func (z *npz) arrays(names []string) (map[string]Array, error) {
	if len(z.names) == 0 {
		return nil, errors.New("no arrays, want at least one")
	}
	arrays := map[string]Array{}
	for _, name := range z.names {
		if len(names) > 0 && !slices.Contains(names, name) {
			continue
		}
		t, err := z.read(name)
		if err != nil {
			return nil, err
		}
		arrays[name] = t.Array()
	}
	return arrays, nil
}

// openNPZ lists the arrays of an archive, which may hold none.
func openNPZ(archive *zip.Reader, b *budget, from origin) (*npz, error) {
	z := &npz{members: map[string]*zip.File{}, budget: b, from: from}
	for _, member := range archive.File {
		name, ok := strings.CutSuffix(member.Name, ".npy")
		if !ok {
			continue
		}
		if z.members[name] != nil {
			return nil, fmt.Errorf("array %s occurs twice, want different names", quote(name))
		}
		z.members[name] = member
		z.names = append(z.names, name)
	}
	return z, nil
}

// table reads the array of the key or, without one, a sparse matrix or the only array of rows.
func (z *npz) table(key string) (t Table, err error) {
	if key == "" && z.isSciPy() {
		return z.sciPy()
	}
	if z.members["coords"] != nil && z.members["data"] != nil && key == "" {
		return Table{}, z.from.refuse("a sparse array of the package sparse", // {} is the file, see origin.python
			"import sparse,scipy.sparse as s; s.save_npz({.npz},sparse.load_npz({}).tocsr())")
	}
	if key == "" {
		if key, err = z.onlyRows(); err != nil {
			return Table{}, err
		}
	}
	if z.members[key] == nil {
		return Table{}, fmt.Errorf("no array %s, want one of %s", quote(key), quoteList(z.names))
	}
	t, err = z.read(key)
	t.Keyed, t.Key = true, key
	return t, err
}

// onlyRows returns the name of the only array of two or three dimensions.
func (z *npz) onlyRows() (string, error) {
	var found []string
	for _, name := range z.names {
		shape, err := z.shape(name)
		if err != nil {
			return "", err
		}
		if shape = squeeze(shape); len(shape) == 2 || len(shape) == 3 {
			found = append(found, name)
		}
	}
	switch len(found) {
	case 0:
		return "", fmt.Errorf("no array of 2 or 3 dimensions among %s, want one", quoteList(z.names))
	case 1:
		return found[0], nil
	}
	return "", fmt.Errorf("%d arrays of 2 or 3 dimensions, want one of them as FILE:ARRAY: %s", len(found), quoteList(found))
}

// shape reads the shape of an array, without its elements.
func (z *npz) shape(name string) (shape []int, err error) {
	err = z.open(name, func(r io.Reader) error {
		h, err := readNPYHeader(&stream{r: r})
		shape = h.shape
		return err
	})
	return shape, err
}

// read reads an array.
func (z *npz) read(name string) (t Table, err error) {
	err = z.open(name, func(r io.Reader) error {
		t, err = decodeNPY(&stream{r: r, known: z.known(name)}, z.from.at(name))
		return err
	})
	return t, err
}

// known returns the size of a member that is not compressed, or 0 if it is compressed or if the size that the
// archive claims is larger than the whole file.
func (z *npz) known(name string) int {
	member := z.members[name]
	if member.Method != zip.Store || member.UncompressedSize64 > uint64(z.budget.file) {
		return 0
	}
	return int(member.UncompressedSize64)
}

// open calls f with the unpacked member and prefixes every error with its name.
func (z *npz) open(name string, f func(io.Reader) error) error {
	member, err := z.members[name].Open()
	if err != nil {
		return fmt.Errorf("array %s: %w", quote(name), err)
	}
	defer member.Close()
	if err := f(&unpacker{r: member, format: "zip", budget: z.budget}); err != nil {
		return fmt.Errorf("array %s: %w", quote(name), err)
	}
	return nil
}

// quoteList quotes the first few names.
func quoteList(names []string) string {
	const limit = 8
	quoted := make([]string, 0, limit+1)
	for i, name := range names {
		if i == limit {
			quoted = append(quoted, "...")
			break
		}
		quoted = append(quoted, quote(name))
	}
	return strings.Join(quoted, ", ")
}

// WriteNPZ writes the named arrays and texts in the order of the names, not compressed. Equal arrays give
// equal bytes: there are no time stamps. It refuses a name without an array, and arrays that
// WriteNPY refuses.
func WriteNPZ(w io.Writer, names []string, arrays map[string]Array, texts map[string]string) error {
	if err := encodeNPZ(w, names, arrays, texts); err != nil {
		return fmt.Errorf("store: write NPZ: %w", err)
	}
	return nil
}

func encodeNPZ(w io.Writer, names []string, arrays map[string]Array, texts map[string]string) error {
	archive := zip.NewWriter(w)
	for _, name := range names {
		member, err := archive.CreateHeader(&zip.FileHeader{Name: name + ".npy", Method: zip.Store})
		if err != nil {
			return fmt.Errorf("array %q: %w", name, err)
		}
		text, isText := texts[name]
		a, ok := arrays[name]
		switch {
		case isText:
			err = encodeNPYText(member, text)
		case ok:
			err = encodeNPY(member, a)
		default:
			return fmt.Errorf("no array %q", name)
		}
		if err != nil {
			return fmt.Errorf("array %q: %w", name, err)
		}
	}
	return archive.Close()
}
