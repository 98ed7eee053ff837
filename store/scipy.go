package store

import (
	"fmt"
	"io"
)

// isSciPy reports whether the archive is a sparse matrix, as scipy.sparse.save_npz writes one.
func (z *npz) isSciPy() bool {
	return z.members["format"] != nil && z.members["shape"] != nil && z.members["data"] != nil
}

// sciPy reads a sparse matrix of SciPy: format is csr, csc or coo; shape has two numbers; data holds
// the values of the entries. For csr, indices has their columns and indptr the start of each row;
// for csc it is the other way round; for coo, row and col have their places.
// Source: SciPy 1.10, scipy/sparse/_matrix_io.py.
func (z *npz) sciPy() (Table, error) {
	const longest = 16 // characters of a format, which has three
	format, err := z.text("format", longest)
	if err != nil {
		return Table{}, err
	}
	shape, err := z.indices("shape")
	if err != nil {
		return Table{}, err
	}
	if len(shape) != 2 {
		return Table{}, fmt.Errorf("a sparse array of %d dimensions, want 2", len(shape))
	}
	data, err := z.read("data")
	if err != nil {
		return Table{}, err
	}
	m := sparse{n: int(shape[0]), v: int(shape[1]), values: data.Array().Data}
	switch format {
	case "csr":
		m.place, err = z.compressed(m.n, m.v, len(m.values), false)
	case "csc":
		m.place, err = z.compressed(m.v, m.n, len(m.values), true)
	case "coo":
		m.place, err = z.coordinates(m.n, m.v, len(m.values))
	default:
		return Table{}, fmt.Errorf("a sparse matrix of format %s, want csr, csc or coo%s", quote(format),
			z.from.python("import scipy.sparse as s; s.save_npz({.npz},s.load_npz({}).tocsr())"))
	}
	if err != nil {
		return Table{}, err
	}
	t, err := m.table()
	t.Format = "sparse matrix of SciPy (" + format + ")"
	return t, err
}

// compressed returns the places of the entries of a csr matrix or, if transposed, a csc matrix with `major` rows
// or columns and minor columns or rows.
func (z *npz) compressed(major, minor, entries int, transposed bool) (func(int) (int, int), error) {
	starts, err := z.indices("indptr")
	if err != nil {
		return nil, err
	}
	if err := checkStarts(starts, major, entries); err != nil {
		return nil, fmt.Errorf("array \"indptr\": %w", err)
	}
	indices, err := z.indicesBelow("indices", minor, entries)
	return compressed(starts, indices, transposed), err
}

// coordinates returns the places of the entries of a coo matrix.
func (z *npz) coordinates(n, v, entries int) (func(int) (int, int), error) {
	rows, err := z.indicesBelow("row", n, entries)
	if err != nil {
		return nil, err
	}
	columns, err := z.indicesBelow("col", v, entries)
	return func(i int) (int, int) { return int(rows[i]), int(columns[i]) }, err
}

// indicesBelow reads one index below limit for each entry.
func (z *npz) indicesBelow(name string, limit, entries int) ([]int32, error) {
	out, err := z.indices(name)
	if err != nil {
		return nil, err
	}
	if err := checkIndices(out, limit, entries); err != nil {
		return nil, fmt.Errorf("array %s: %w", quote(name), err)
	}
	return out, nil
}

// indices reads integers, an array of one dimension.
func (z *npz) indices(name string) (out []int32, err error) {
	if z.members[name] == nil {
		return nil, fmt.Errorf("a sparse matrix without the array %s", quote(name))
	}
	err = z.open(name, func(r io.Reader) error {
		s := &stream{r: r}
		h, e, n, err := readNPYStart(s, z.from.at(name))
		if err != nil {
			return err
		}
		if len(h.shape) != 1 {
			return fmt.Errorf("shape %s, want one dimension", FormatShape(h.shape))
		}
		if out, err = e.indices(s, n); err != nil {
			return err
		}
		return s.end()
	})
	return out, err
}
