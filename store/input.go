package store

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
)

// StandardInput is the path of standard input for [ReadTable].
const StandardInput = "-"

// maxPiped is the largest number of bytes that are read from standard input or a pipe, into memory. Chosen: more is
// faster and safer to read from a file.
const maxPiped = 4 << 30

// WithFile calls f with the content of a regular file. Errors do not name the path: the caller adds it.
func WithFile(path string, f func(src io.ReaderAt, size int64) error) error {
	return pathless(openRegular(path, f))
}

// pathless is withoutPath for an error that may be wrapped. It drops the wrapping too.
func pathless(err error) error {
	if pathError := (*fs.PathError)(nil); errors.As(err, &pathError) {
		return pathError.Err
	}
	return err
}

func openRegular(path string, f func(src io.ReaderAt, size int64) error) error {
	info, err := os.Stat(path) // before opening, which would wait on a pipe
	if err != nil {
		return err
	}
	switch {
	case info.IsDir():
		return errors.New("a directory, want a file")
	case !info.Mode().IsRegular():
		return errors.New("a device or pipe, want a regular file")
	}
	file, err := os.Open(path)
	if err != nil {
		return err
	}
	defer file.Close()
	return f(file, info.Size())
}

// ReadTable reads the table of a path: a file, whose first bytes determine the format; a folder of
// pictures; [StandardInput]; or a pipe. The content of a pipe is read into memory, 4 GiB at most.
// Errors do not name the path: the caller adds it.
func ReadTable(path string, o Options) (t Table, err error) {
	if info, err := os.Stat(path); err == nil && info.IsDir() {
		return readPictures(path)
	}
	if o.Name = path; path == StandardInput {
		o.Name = "FILE"
	}
	err = withInput(path, o.Piped, func(src io.ReaderAt, size int64) error {
		t, err = Decode(src, size, o)
		return err
	})
	return t, err
}

// Piped keeps what was read from standard input and from pipes, by path, so that it can be read again.
type Piped struct{ contents map[string][]byte }

// keep keeps the content of a path. Nothing is kept in a nil Piped.
func (p *Piped) keep(path string, content []byte) {
	if p == nil {
		return
	}
	if p.contents == nil {
		p.contents = map[string][]byte{}
	}
	p.contents[path] = content
}

// withInput calls f with the content of a file, of standard input or of a pipe, whose content it keeps in piped or takes
// from there.
func withInput(path string, piped *Piped, f func(src io.ReaderAt, size int64) error) error {
	if piped != nil && piped.contents[path] != nil {
		content := piped.contents[path]
		return f(bytes.NewReader(content), int64(len(content)))
	}
	if path == StandardInput {
		return withPipe(os.Stdin, path, piped, f)
	}
	if info, err := os.Stat(path); err != nil || info.Mode()&fs.ModeNamedPipe == 0 {
		return WithFile(path, f)
	}
	file, err := os.Open(path)
	if err != nil {
		return err
	}
	defer file.Close()
	return withPipe(file, path, piped, f)
}

// withPipe calls f with all that comes from the pipe of a path, and keeps it in piped, or with the content of a
// redirected file.
func withPipe(file *os.File, path string, piped *Piped, f func(src io.ReaderAt, size int64) error) error {
	info, err := file.Stat()
	if err != nil {
		return err
	}
	switch mode := info.Mode(); {
	case mode.IsRegular():
		return f(file, info.Size())
	case mode&fs.ModeCharDevice != 0:
		return errors.New("a terminal or device, want a pipe or a redirected file")
	}
	content, err := readAll(file, maxPiped)
	if err != nil {
		return err
	}
	if len(content) > maxPiped {
		return fmt.Errorf("more than %d bytes from a pipe, want a file", int64(maxPiped))
	}
	piped.keep(path, content)
	return f(bytes.NewReader(content), int64(len(content)))
}
