package main

import (
	"archive/zip"
	"bufio"
	"fmt"
	"io"
	"os"
	"strings"
)

// writeRows writes rows of grey bytes as an NPY file, whose rows can stay in it, and as an NPZ file, which
// is read into memory. The rows are sorted: the even columns are bright in the first half of the rows, and
// the odd columns in the second half: a model of one block alone would differ much from a model of all.
func writeRows(file, packed string, rows int) error {
	if err := write(file, func(w io.Writer) error { return writeNPY(w, rows) }); err != nil {
		return err
	}
	return write(packed, func(w io.Writer) error {
		z := zip.NewWriter(w)
		array, err := z.CreateHeader(&zip.FileHeader{Name: "rows.npy", Method: zip.Store})
		if err == nil {
			err = writeNPY(array, rows)
		}
		if err != nil {
			return err
		}
		return z.Close()
	})
}

func write(path string, f func(io.Writer) error) error {
	file, err := os.Create(path)
	if err != nil {
		return err
	}
	defer file.Close()
	buffered := bufio.NewWriterSize(file, 1<<20)
	if err := f(buffered); err != nil {
		return err
	}
	if err := buffered.Flush(); err != nil {
		return err
	}
	return file.Close()
}

func writeNPY(w io.Writer, rows int) error {
	header := fmt.Sprintf("{'descr': '|u1', 'fortran_order': False, 'shape': (%d, %d), }", rows, columns)
	header += strings.Repeat(" ", 117-len(header)) + "\n" // 128 bytes, with the 10 bytes before it
	if _, err := fmt.Fprintf(w, "\x93NUMPY\x01\x00%c%c%s", len(header), 0, header); err != nil {
		return err
	}
	row := make([]byte, columns)
	for n := range rows {
		bright := 2 * n / rows // 0 in the first half of the rows, and then 1
		for j := range row {
			row[j] = byte(n + 31*j) // all levels, in no simple order
			if j%2 != bright {
				row[j] /= 8
			}
		}
		if _, err := w.Write(row); err != nil {
			return err
		}
	}
	return nil
}
