package store

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"syscall"
	"testing"

	"harmonium/store/storetest"
)

// writeText returns a write function that writes text and then returns result, which is nil or an error.
func writeText(text string, result error) func(io.Writer) error {
	return func(w io.Writer) error {
		if _, err := io.WriteString(w, text); err != nil {
			return err
		}
		return result
	}
}

func TestWriteAtomicReplaces(t *testing.T) {
	folder := t.TempDir()
	path := filepath.Join(folder, "a.txt")
	for _, text := range []string{"a first, longer text", "second", ""} {
		if err := WriteAtomic(path, writeText(text, nil)); err != nil {
			t.Fatal(err)
		}
		storetest.WantFiles(t, folder, map[string]string{"a.txt": text})
	}
}

func TestWriteAtomicFailureKeepsOldFile(t *testing.T) {
	full := errors.New("no space left on device")
	// More than the 64 KiB of the buffer, so that bytes reach the temporary file before the write function fails.
	long := string(make([]byte, 1<<20))
	for _, old := range []map[string]string{{}, {"a.txt": "old"}} {
		folder := t.TempDir()
		path := filepath.Join(folder, "a.txt")
		for name, text := range old {
			if err := os.WriteFile(filepath.Join(folder, name), []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		err := WriteAtomic(path, writeText(long, full))
		if want := "store: write " + path + ": no space left on device"; err == nil || err.Error() != want {
			t.Errorf("got error %v, want %s", err, want)
		}
		if !errors.Is(err, full) {
			t.Errorf("error %v does not wrap its cause", err)
		}
		storetest.WantFiles(t, folder, old)
	}
}

func TestWriteAtomicPanicLeavesNothing(t *testing.T) {
	folder := t.TempDir()
	defer func() {
		if recover() == nil {
			t.Error("the panic of the write function was swallowed")
		}
		storetest.WantFiles(t, folder, nil)
	}()
	_ = WriteAtomic(filepath.Join(folder, "a.txt"), func(io.Writer) error { panic("oh") })
}

func TestWriteAtomicErrors(t *testing.T) {
	folder := t.TempDir()
	file := filepath.Join(folder, "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for path, cause := range map[string]string{
		folder:                               "is a directory",
		filepath.Join(folder, "none", "a"):   "no such file or directory",
		filepath.Join(file, "below a file"):  "not a directory",
		filepath.Join(folder, "a") + "\x00b": "invalid argument",
	} {
		err := WriteAtomic(path, writeText("text", nil))
		if want := "store: write " + path + ": " + cause; err == nil || err.Error() != want {
			t.Errorf("got error %v, want %s", err, want)
		}
	}
	storetest.WantFiles(t, folder, map[string]string{"file": ""})
}

func TestWriteAtomicFollowsLink(t *testing.T) {
	folder, elsewhere := t.TempDir(), t.TempDir()
	target, link := filepath.Join(elsewhere, "target"), filepath.Join(folder, "link")
	if err := os.WriteFile(target, []byte("old"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(target, link); err != nil {
		t.Fatal(err)
	}
	if err := WriteAtomic(link, writeText("new", nil)); err != nil {
		t.Fatal(err)
	}
	storetest.WantFiles(t, elsewhere, map[string]string{"target": "new"})
	if got, err := os.Readlink(link); err != nil || got != target {
		t.Errorf("link points to %q (%v), want %q", got, err, target)
	}
}

// TestWriteAtomicKeepsMode: a private file stays private.
func TestWriteAtomicKeepsMode(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a")
	for _, mode := range []os.FileMode{0o600, 0o644, 0o660} {
		if err := os.WriteFile(path, nil, 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Chmod(path, mode); err != nil {
			t.Fatal(err)
		}
		if err := WriteAtomic(path, writeText("new", nil)); err != nil {
			t.Fatal(err)
		}
		info, err := os.Stat(path)
		if err != nil {
			t.Fatal(err)
		}
		if got := info.Mode(); got != mode {
			t.Errorf("mode %v became %v", mode, got)
		}
	}
}

// TestWriteAtomicLinks: chains of links and links to no file yet are followed, ".." in a link is relative to the
// folder that really holds the link, and loops are refused.
func TestWriteAtomicLinks(t *testing.T) {
	folder := t.TempDir()
	link := func(to, name string) string {
		path := filepath.Join(folder, name)
		if err := os.Symlink(to, path); err != nil {
			t.Fatal(err)
		}
		return path
	}
	link("target", "near")
	far := link("near", "far")
	if err := WriteAtomic(far, writeText("new", nil)); err != nil {
		t.Fatal(err)
	}
	if got, err := os.ReadFile(filepath.Join(folder, "target")); err != nil || string(got) != "new" {
		t.Errorf("the target holds %q (%v), want new", got, err)
	}
	if _, err := os.Readlink(far); err != nil {
		t.Errorf("the link is gone: %v", err)
	}
	deep := filepath.Join(folder, "a", "b")
	if err := os.MkdirAll(deep, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink("../above", filepath.Join(deep, "link")); err != nil {
		t.Fatal(err)
	}
	if err := WriteAtomic(filepath.Join(link(deep, "short"), "link"), writeText("new", nil)); err != nil {
		t.Fatal(err)
	}
	if got, err := os.ReadFile(filepath.Join(folder, "a", "above")); err != nil || string(got) != "new" {
		t.Errorf("the target above the folder of a link holds %q (%v), want new", got, err)
	}
	if err := WriteAtomic(link("loop", "loop"), writeText("x", nil)); !errors.Is(err, syscall.ELOOP) {
		t.Errorf("a loop of links: %v, want %v", err, syscall.ELOOP)
	}
}

// TestWriteAtomicNamesPathOnce: an error of the disk names the path once, although package os names it too and the
// write function wraps that error. /dev/full refuses what the buffer passes on, here 64 KiB of the 1 MiB.
func TestWriteAtomicNamesPathOnce(t *testing.T) {
	if _, err := os.Stat("/dev/full"); err != nil {
		t.Skip(err)
	}
	err := WriteAtomic("/dev/full", func(w io.Writer) error {
		if _, err := w.Write(make([]byte, 1<<20)); err != nil {
			return fmt.Errorf("rows: %w", err)
		}
		return nil
	})
	if want := "store: write /dev/full: rows: no space left on device"; err == nil || err.Error() != want {
		t.Errorf("got error %v, want %s", err, want)
	}
}

// TestWriteAtomicDevice: a device is written to and stays a device; /dev/full refuses every write.
func TestWriteAtomicDevice(t *testing.T) {
	const full = "/dev/full"
	if _, err := os.Stat(full); err != nil {
		t.Skip(err)
	}
	err := WriteAtomic(full, writeText("text", nil))
	if want := "store: write /dev/full: no space left on device"; err == nil || err.Error() != want {
		t.Errorf("got error %v, want %s", err, want)
	}
	if info, err := os.Stat(full); err != nil || info.Mode()&os.ModeDevice == 0 {
		t.Errorf("%s is no device any more: %v %v", full, info, err)
	}
}
