package store

import (
	"archive/zip"
	"bytes"
	"errors"
	"fmt"
	"io"
	"path"
	"slices"
	"strings"
)

func isZip(head []byte) bool {
	return bytes.HasPrefix(head, []byte("PK\x03\x04")) || bytes.HasPrefix(head, []byte("PK\x05\x06"))
}

// zip reads an archive: an NPZ file, or one file with a table.
func (d *decoder) zip(src io.ReaderAt, size int64, layers int) (Table, error) {
	archive, err := zip.NewReader(src, size)
	if err != nil {
		return Table{}, fmt.Errorf("bad zip: %w", err)
	}
	if err := d.foreignZip(archive.File); err != nil {
		return Table{}, err
	}
	z, err := openNPZ(archive, d.budget, d.from)
	if err != nil {
		return Table{}, err
	}
	if len(z.names) > 0 {
		return z.table(d.Key)
	}
	member, err := onlyFile(archive.File)
	if err != nil {
		return Table{}, err
	}
	d.from.layers = append(d.from.layers, "zip")
	t, err := d.member(member, layers)
	if err != nil {
		return Table{}, fmt.Errorf("%s in the zip: %w", quote(member.Name), err)
	}
	return t, nil
}

// onlyFile returns the only file of an archive, not counting folders, hidden files and the additions of macOS.
func onlyFile(files []*zip.File) (*zip.File, error) {
	var found []string
	var only *zip.File
	for _, file := range files {
		isFolder, isHidden := strings.HasSuffix(file.Name, "/"), strings.HasPrefix(path.Base(file.Name), ".")
		if isFolder || isHidden || strings.HasPrefix(file.Name, "__MACOSX/") {
			continue
		}
		found, only = append(found, file.Name), file
	}
	switch len(found) {
	case 0:
		return nil, errors.New("a zip without files, want one with a table")
	case 1:
		return only, nil
	}
	if !slices.ContainsFunc(found, func(name string) bool { return !isPictureName(name) }) {
		return nil, fmt.Errorf("a zip of %d pictures, want a folder with them", len(found))
	}
	return nil, fmt.Errorf("a zip of %d files, want one with a table: %s", len(found), quoteList(found))
}

// member reads the table in a file of an archive that has been unpacked `layers` times.
func (d *decoder) member(file *zip.File, layers int) (Table, error) {
	const encrypted = 1 // bit of the flags
	if file.Flags&encrypted != 0 {
		return Table{}, errors.New("encrypted, want a zip without a password")
	}
	r, err := file.Open()
	if err != nil {
		return Table{}, err
	}
	defer r.Close()
	return d.unpacked(&unpacker{r: r, format: "zip", budget: d.budget}, layers+1)
}
