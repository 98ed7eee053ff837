package main

import (
	"archive/tar"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
)

// entry is a file of an archive.
type entry struct {
	name    string // with slashes
	mode    int64
	content []byte
}

// writeTar writes an archive of files.
func writeTar(w io.Writer, entries []entry) error {
	t := tar.NewWriter(w)
	for _, e := range entries {
		if err := t.WriteHeader(&tar.Header{Name: e.name, Mode: e.mode, Size: int64(len(e.content))}); err != nil {
			return err
		}
		if _, err := t.Write(e.content); err != nil {
			return err
		}
	}
	return t.Close()
}

// readTar writes the files of an archive to a folder.
func readTar(r io.Reader, folder string) error {
	for t := tar.NewReader(r); ; {
		h, err := t.Next()
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
		if !filepath.IsLocal(h.Name) {
			return fmt.Errorf("the archive has a file %q outside of itself", h.Name)
		}
		path := filepath.Join(folder, h.Name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			return err
		}
		f, err := os.OpenFile(path, os.O_CREATE|os.O_TRUNC|os.O_WRONLY, os.FileMode(h.Mode))
		if err != nil {
			return err
		}
		_, err = io.Copy(f, t)
		if err := errors.Join(err, f.Close()); err != nil {
			return err
		}
	}
}

// window is the distance in bytes over which squeeze finds repetitions. It is larger than all parts together,
// since the programs have much in common, above all the embedded MNIST.
const window = 512 << 20

// squeeze compresses an archive of files.
func squeeze(w io.Writer, entries []entry) error {
	z, err := zstd.NewWriter(w, zstd.WithEncoderLevel(zstd.SpeedBestCompression), zstd.WithWindowSize(window))
	if err != nil {
		return err
	}
	return errors.Join(writeTar(z, entries), z.Close())
}

// unsqueeze is the inverse of squeeze.
func unsqueeze(path, folder string) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	z, err := zstd.NewReader(f, zstd.WithDecoderMaxWindow(window), zstd.WithDecoderConcurrency(1))
	if err != nil {
		return err
	}
	defer z.Close()
	return readTar(z, folder)
}

// pack writes the outer archive, which tar and gzip read.
func pack(w io.Writer, entries []entry) error {
	z, err := gzip.NewWriterLevel(w, gzip.BestSpeed) // most of the content is compressed already
	if err != nil {
		return err
	}
	return errors.Join(writeTar(z, entries), z.Close())
}

// unpack is the inverse of pack.
func unpack(path, folder string) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		return err
	}
	return readTar(z, folder)
}
