package store

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"syscall"
)

// WriteAtomic replaces the file at path by the output of write, as a whole or
// not at all: the bytes go to a temporary file in the same folder, which is
// fsynced and renamed over path; then the folder is fsynced. If anything fails
// before the rename, the temporary file is removed and an existing file at path
// stays unchanged. A symbolic link is followed, also one to a file that does not exist yet, and a
// file that is replaced keeps its permissions.
//
// An existing path that is not a regular file (a device, a pipe) cannot be
// replaced and is written directly.
//
// The writer passed to write is buffered. The error names path and cause.
func WriteAtomic(path string, write func(io.Writer) error) error {
	if err := replaceFile(path, write); err != nil {
		return fmt.Errorf("store: write %s: %w", path, withoutPath(err))
	}
	return nil
}

func replaceFile(path string, write func(io.Writer) error) error {
	path, err := followLinks(path)
	if err != nil {
		return err
	}
	info, err := os.Stat(path)
	replaces := err == nil
	if replaces && !info.Mode().IsRegular() {
		return writeDirectly(path, write)
	}
	folder, name := filepath.Split(path)
	temporary := folder + fmt.Sprintf(".%s.%016x", name, rand.Uint64())
	file, err := os.OpenFile(temporary, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o666)
	if err != nil {
		return err
	}
	defer os.Remove(temporary) // no longer exists after the rename
	defer file.Close()
	if replaces {
		if err := file.Chmod(info.Mode().Perm()); err != nil {
			return err
		}
	}
	if err := writeBuffered(file, write); err != nil {
		return err
	}
	if err := file.Sync(); err != nil {
		return err
	}
	if err := file.Close(); err != nil {
		return err
	}
	if err := os.Rename(temporary, path); err != nil {
		return err
	}
	return syncFolder(folder + ".") // folder may be empty
}

// followLinks returns the path that links at path lead to, whether there is a file or not.
func followLinks(path string) (string, error) {
	for range 40 { // as many as Linux follows
		target, err := os.Readlink(path)
		if err != nil {
			return path, nil // no link
		}
		if !filepath.IsAbs(target) {
			folder, _ := filepath.Split(path)
			target = folder + target // Join would drop "x/.." also where x is a link
		}
		path = target
	}
	return "", syscall.ELOOP
}

func writeDirectly(path string, write func(io.Writer) error) error {
	file, err := os.OpenFile(path, os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	defer file.Close()
	return writeBuffered(file, write)
}

func writeBuffered(w io.Writer, write func(io.Writer) error) error {
	buffer := bufio.NewWriterSize(unnamed{w}, 64<<10)
	if err := write(buffer); err != nil {
		return err
	}
	return buffer.Flush()
}

// unnamed writes to a file. Its errors do not name the file, also where a caller wraps them.
type unnamed struct{ io.Writer }

func (u unnamed) Write(p []byte) (int, error) {
	n, err := u.Writer.Write(p)
	return n, withoutPath(err)
}

// syncFolder makes the rename of a file in folder durable. Some file systems
// cannot sync a folder and return EINVAL; on those there is nothing more to do.
func syncFolder(folder string) error {
	d, err := os.Open(folder)
	if err != nil {
		return err
	}
	defer d.Close()
	if err := d.Sync(); err != nil && !errors.Is(err, syscall.EINVAL) {
		return err
	}
	return nil
}

// withoutPath strips the operation and the path, such as the temporary file's, that package os adds to the cause
// of an error.
func withoutPath(err error) error {
	switch e := err.(type) {
	case *fs.PathError:
		return e.Err
	case *os.LinkError:
		return e.Err
	}
	return err
}
