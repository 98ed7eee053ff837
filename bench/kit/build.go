package main

import (
	"bytes"
	"context"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"harmonium/store"
)

//go:embed peers.py
var peersScript []byte

const (
	kitFolder = "harmonium-kit"               // the one folder in the archive
	partsFile = "parts.tar.zst"               // in kitFolder: the programs and data that a run unpacks
	mostBytes = 60_000_000                    // largest size of the archive, above which build fails; chosen: it has 40 MB
	binFolder = "bin"                         // in the parts
	trainer   = binFolder + "/harmonium-cuda" // in the parts: cmd/harmonium with CUDA
)

// tested are the packages whose tests use a GPU. For each of them the kit has the binary of the tests, which
// also holds the benchmarks.
var tested = []string{"kernels", "engine", "rbm/train", "rbm/likelihood", "rbm/sample", "bench"}

// testBinary returns the path of the tests of a package in the parts.
func testBinary(of string) string { return path.Join(of, path.Base(of)+".test") }

// manifest is manifest.json of the parts: what the kit was built from. The page of a run shows it.
type manifest struct {
	Commit string    `json:"commit"`
	Built  time.Time `json:"built"`
	Go     string    `json:"go"`
}

// script is the file harmonium-kit/run, which a user of the archive starts.
const script = `#!/bin/sh
# Measures harmonium on this machine: ./run --help
exec "$(dirname "$0")/kit" run "$@"
`

// build writes the archive.
func build(ctx context.Context, file string) error {
	root, err := output(ctx, "", nil, "go", "list", "-m", "-f", "{{.Dir}}")
	if err != nil {
		return err
	}
	folder, err := os.MkdirTemp("", "kit")
	if err != nil {
		return err
	}
	defer os.RemoveAll(folder)
	kit, parts, err := compile(ctx, root, folder)
	if err != nil {
		return err
	}
	var squeezed bytes.Buffer
	if err := squeeze(&squeezed, parts); err != nil {
		return err
	}
	err = store.WriteAtomic(file, func(w io.Writer) error {
		return pack(w, []entry{
			{kitFolder + "/run", 0o755, []byte(script)},
			{kitFolder + "/kit", 0o755, kit},
			{kitFolder + "/" + partsFile, 0o644, squeezed.Bytes()},
		})
	})
	if err != nil {
		return err
	}
	written, err := os.Stat(file)
	if err != nil {
		return err
	}
	fmt.Printf("%s: %.1f MB\n", file, float64(written.Size())/1e6)
	if written.Size() > mostBytes {
		return fmt.Errorf("%s has %d bytes, want at most %d", file, written.Size(), mostBytes)
	}
	return nil
}

// compile builds in folder, and returns this program, which needs no libraries, and the files that it unpacks.
func compile(ctx context.Context, root, folder string) (kit []byte, parts []entry, err error) {
	const stripped = "-ldflags=-s -w"
	at := func(name string) string { return filepath.Join(folder, filepath.FromSlash(name)) }
	if _, err := output(ctx, root, []string{"CGO_ENABLED=0"}, "go", "build", stripped, "-o", at("kit"), "./bench/kit"); err != nil {
		return nil, nil, err
	}
	if kit, err = os.ReadFile(at("kit")); err != nil {
		return nil, nil, err
	}
	gpu := []string{"CGO_ENABLED=1", "CGO_LDFLAGS=" + os.Getenv("CGO_LDFLAGS")}
	if os.Getenv("CGO_LDFLAGS") == "" {
		gpu[1] += "-L/usr/lib/x86_64-linux-gnu/stubs -L/usr/local/cuda/lib64/stubs" // Debian's toolkit, and NVIDIA's
	}
	programs := []string{trainer}
	if _, err := output(ctx, root, gpu, "go", "build", "-tags=gpu", stripped, "-o", at(trainer), "./cmd/harmonium"); err != nil {
		return nil, nil, err
	}
	for _, p := range tested {
		if _, err := output(ctx, root, gpu, "go", "test", "-c", "-tags=gpu", stripped, "-o", at(testBinary(p)), "./"+p); err != nil {
			return nil, nil, err
		}
		data, err := folderEntries(root, path.Join(p, "testdata"))
		if err != nil {
			return nil, nil, err
		}
		programs, parts = append(programs, testBinary(p)), append(parts, data...)
	}
	m := manifest{Commit: commit(ctx, root), Built: time.Now().UTC()}
	if m.Go, err = output(ctx, root, nil, "go", "version"); err != nil {
		return nil, nil, err
	}
	for _, p := range programs {
		content, err := os.ReadFile(at(p))
		if err != nil {
			return nil, nil, err
		}
		parts = append(parts, entry{p, 0o755, content})
	}
	text, err := json.MarshalIndent(m, "", "\t")
	if err != nil {
		return nil, nil, err
	}
	return kit, append(parts, entry{"manifest.json", 0o644, text}, entry{"peers.py", 0o644, peersScript}), nil
}

// folderEntries returns the files below a folder of the module, by name; none if there is no such folder.
func folderEntries(root, folder string) ([]entry, error) {
	var entries []entry
	err := filepath.WalkDir(filepath.Join(root, folder), func(path string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		content, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		name, err := filepath.Rel(root, path)
		entries = append(entries, entry{filepath.ToSlash(name), 0o644, content})
		return err
	})
	if errors.Is(err, os.ErrNotExist) {
		return nil, nil
	}
	slices.SortFunc(entries, func(a, b entry) int { return strings.Compare(a.name, b.name) })
	return entries, err
}

// commit returns the commit of the working folder, with "+changes" if files differ from it.
func commit(ctx context.Context, root string) string {
	hash, err := output(ctx, root, nil, "git", "rev-parse", "HEAD")
	if err != nil {
		return "unknown"
	}
	if changes, err := output(ctx, root, nil, "git", "status", "--porcelain", "--untracked-files=no"); err != nil || changes != "" {
		hash += "+changes"
	}
	return hash
}

// output runs a program in a folder, with variables added to its environment, and returns what it prints.
func output(ctx context.Context, folder string, environment []string, name string, arguments ...string) (string, error) {
	c := exec.CommandContext(ctx, name, arguments...)
	c.Dir, c.Env = folder, append(os.Environ(), environment...)
	var errs bytes.Buffer
	c.Stderr = &errs
	out, err := c.Output()
	if err != nil {
		return "", fmt.Errorf("%s %s: %w\n%s", name, strings.Join(arguments, " "), err, errs.Bytes())
	}
	return strings.TrimSpace(string(out)), nil
}
