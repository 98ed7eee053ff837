package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"go/parser"
	"go/token"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

const moduleRoot = "../.."

// A room is a package of the module with its floor. Beside the standard library it may import
// the named rooms of lower floors, the named rooms of its own floor, and libraries with the
// packages below them.
type room struct {
	path      string // below the module
	floor     int
	rooms     []string
	sideways  []string
	libraries []string
	gpu       []string // libraries of files *_gpu.go only
	cgo       bool     // and unsafe
}

var (
	gorgonia = []string{"gorgonia.org/gorgonia", "gorgonia.org/tensor"}
	models   = []string{"rbm/report", "rbm/train", "rbm/likelihood", "rbm/sample", "rbm", "rbm/estimate", "engine", "dataset",
		"store", "memory", "ranks"}
	commands = []string{"github.com/spf13/cobra", "github.com/spf13/pflag", "golang.org/x/term", "gonum.org/v1/plot"}
	codecs   = []string{"github.com/klauspost/compress", "github.com/ulikunitz/xz", "golang.org/x/image"}
	benches  = slices.Concat(commands, gorgonia, []string{"gonum.org/v1/gonum"})
)

// rooms are all packages of the module: floor 5 starts and prices, floor 4 is what one does
// with a model, floor 3 the model, its theory, graphs of it and statistics without it, floor 2
// batched graphs on a device and rows from files, floor 1 inner loops, files and processes.
var rooms = []room{
	{path: "cmd/harmonium", floor: 5, rooms: models, libraries: commands},
	{path: "bench", floor: 5, rooms: models, libraries: benches},
	{path: "bench/compare", floor: 5, rooms: models, sideways: []string{"bench"}, libraries: benches},
	{path: "bench/likelihood", floor: 5, rooms: models, sideways: []string{"bench"}, libraries: benches},
	{path: "bench/crash", floor: 5},
	{path: "bench/kit", floor: 5, rooms: []string{"rbm/estimate", "store"}, libraries: []string{"github.com/klauspost/compress"}},
	{path: "bench/blocks", floor: 5, rooms: []string{"store"}},
	{path: "bench/holes", floor: 5, rooms: []string{"dataset", "store"}},
	{path: "bench/faults", floor: 5},
	{path: "bench/processes", floor: 5, rooms: []string{"rbm/estimate"}},
	{path: "bench/pictures", floor: 5, rooms: []string{"dataset"}},
	{path: "bench/defaults", floor: 5, rooms: models},
	{path: "bench/tables", floor: 5, rooms: models, libraries: benches},
	{path: "bench/couplings", floor: 5, rooms: models, libraries: benches},

	{path: "rbm/train", floor: 4, libraries: append([]string{"gonum.org/v1/gonum"}, gorgonia...),
		rooms:    []string{"rbm", "rbm/estimate", "rbm/internal/graph", "engine", "dataset", "store", "memory", "ranks"},
		sideways: []string{"rbm/likelihood", "rbm/sample"}},
	{path: "rbm/likelihood", floor: 4, libraries: gorgonia,
		rooms:    []string{"rbm", "rbm/estimate", "rbm/internal/graph", "engine", "dataset", "memory", "ranks"},
		sideways: []string{"rbm/sample"}},
	{path: "rbm/sample", floor: 4, libraries: gorgonia, rooms: []string{"rbm", "rbm/estimate", "rbm/internal/graph", "engine",
		"dataset", "memory", "ranks"}},
	{path: "rbm/report", floor: 4, rooms: []string{"rbm", "rbm/estimate", "engine", "dataset"},
		sideways: []string{"rbm/likelihood", "rbm/sample"}},
	{path: "rbm/internal/rbmtest", floor: 4, libraries: append([]string{"gonum.org/v1/gonum"}, gorgonia...),
		rooms: []string{"rbm", "rbm/estimate", "rbm/internal/graph", "engine", "dataset", "ranks", "ranks/rankstest"}},

	{path: "rbm", floor: 3, rooms: []string{"engine", "dataset", "store", "ranks"}, sideways: []string{"rbm/estimate"},
		libraries: []string{"gonum.org/v1/gonum"}},
	{path: "rbm/internal/graph", floor: 3, rooms: []string{"engine", "dataset", "ranks"}, sideways: []string{"rbm"},
		libraries: gorgonia},
	{path: "rbm/estimate", floor: 3, libraries: []string{"gonum.org/v1/gonum"}},

	{path: "engine", floor: 2, rooms: []string{"kernels", "ranks", "memory"},
		libraries: append([]string{"github.com/chewxy/hm"}, gorgonia...)},
	{path: "dataset", floor: 2, rooms: []string{"store", "memory"}},

	{path: "kernels", floor: 1, libraries: []string{"golang.org/x/sys/cpu"}, gpu: []string{"gorgonia.org/cu"}, cgo: true},
	{path: "kernels/cudasim", floor: 1},
	{path: "memory", floor: 1},
	{path: "store", floor: 1, sideways: []string{"memory"}, libraries: codecs},
	{path: "store/storetest", floor: 1, libraries: codecs},
	{path: "ranks", floor: 1, cgo: true},
	{path: "ranks/rankstest", floor: 1, sideways: []string{"ranks"}},
}

// findRoom returns the room of an import path of the module.
func findRoom(path string) (r room, ok bool) {
	below, ok := strings.CutPrefix(path, "harmonium/")
	i := slices.IndexFunc(rooms, func(r room) bool { return r.path == below })
	if !ok || i < 0 {
		return room{}, false
	}
	return rooms[i], true
}

// forbids reports whether a file of the room must not import a path.
func (r room) forbids(file, imported string) bool {
	first, _, _ := strings.Cut(imported, "/")
	switch {
	case imported == "C" || imported == "unsafe":
		return !r.cgo
	case first == "harmonium":
		to, ok := findRoom(imported)
		if !ok {
			return true
		}
		return !(to.floor < r.floor && slices.Contains(r.rooms, to.path)) &&
			!(to.floor == r.floor && slices.Contains(r.sideways, to.path))
	case !strings.Contains(first, "."): // of the standard library
		return false
	}
	allowed := r.libraries
	if strings.HasSuffix(file, "_gpu.go") {
		allowed = slices.Concat(allowed, r.gpu)
	}
	return !slices.ContainsFunc(allowed, func(a string) bool { return imported == a || strings.HasPrefix(imported, a+"/") })
}

// listedPackage is what "go list -json" says of a package.
type listedPackage struct {
	ImportPath, Dir                   string
	GoFiles, CgoFiles, IgnoredGoFiles []string
}

func listPackages(t *testing.T) []listedPackage {
	t.Helper()
	list := exec.Command("go", "list", "-json", "./...")
	list.Dir = moduleRoot
	output, err := list.Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	var packages []listedPackage
	decoder := json.NewDecoder(strings.NewReader(string(output)))
	for {
		var p listedPackage
		if err := decoder.Decode(&p); errors.Is(err, io.EOF) {
			return packages
		} else if err != nil {
			t.Fatal(err)
		}
		packages = append(packages, p)
	}
}

// checkImports returns a line for each import of a package's files, under any build
// tag but in no test, that its room forbids.
func checkImports(r room, p listedPackage) (forbidden []string, err error) {
	for _, file := range slices.Concat(p.GoFiles, p.CgoFiles, p.IgnoredGoFiles) {
		if strings.HasSuffix(file, "_test.go") {
			continue
		}
		parsed, err := parser.ParseFile(token.NewFileSet(), filepath.Join(p.Dir, file), nil, parser.ImportsOnly)
		if err != nil {
			return nil, err
		}
		for _, spec := range parsed.Imports {
			imported, err := strconv.Unquote(spec.Path.Value)
			if err != nil {
				return nil, err
			}
			if r.forbids(file, imported) {
				forbidden = append(forbidden, fmt.Sprintf("%s imports %s in %s", p.ImportPath, imported, file))
			}
		}
	}
	return forbidden, nil
}

// TestFloors holds every package to its room, and the table to the packages.
func TestFloors(t *testing.T) {
	for _, r := range rooms { // by their files: go list leaves out a package of another build tag
		if files, err := filepath.Glob(filepath.Join(moduleRoot, r.path, "*.go")); err != nil || files == nil {
			t.Errorf("room %s has no Go files (%v), want a package", r.path, err)
		}
	}
	for _, p := range listPackages(t) {
		r, ok := findRoom(p.ImportPath)
		if !ok {
			t.Errorf("package %s is no room of the table", p.ImportPath)
			continue
		}
		forbidden, err := checkImports(r, p)
		if err != nil {
			t.Error(err)
		}
		for _, line := range forbidden {
			t.Errorf("%s, which it may not", line)
		}
	}
}

// TestRoomsAreInOrder: the table itself lets imports go down, or sideways where it says so.
func TestRoomsAreInOrder(t *testing.T) {
	for _, r := range rooms {
		for _, list := range []struct {
			paths []string
			fits  func(floor int) bool
		}{
			{r.rooms, func(floor int) bool { return floor < r.floor }},
			{r.sideways, func(floor int) bool { return floor == r.floor }},
		} {
			for _, path := range list.paths {
				if to, ok := findRoom("harmonium/" + path); !ok || !list.fits(to.floor) {
					t.Errorf("%s on floor %d names %s, which is on floor %d", r.path, r.floor, path, to.floor)
				}
			}
		}
	}
}

func TestRoomForbids(t *testing.T) {
	for _, test := range []struct {
		room, file, imported string
		want                 bool
	}{
		{"kernels", "host.go", "math", false},
		{"kernels", "host_cgo.go", "C", false},
		{"kernels", "launch_gpu.go", "gorgonia.org/cu", false},
		{"kernels", "launch_gpu.go", "gorgonia.org/cu/blas", false},
		{"kernels", "host.go", "gorgonia.org/cu", true},
		{"kernels", "host.go", "gorgonia.org/tensor", true},
		{"kernels", "host.go", "harmonium/engine", true},
		{"store", "npz.go", "archive/zip", false},
		{"store", "npz.go", "harmonium/kernels", true},
		{"store", "npz.go", "harmonium/dataset", true},
		{"store", "npz.go", "gorgonia.org/tensor", true},
		{"engine", "host.go", "harmonium/kernels", false},
		{"engine", "host.go", "gorgonia.org/cu", true},
		{"engine", "host.go", "harmonium/dataset", true},
		{"engine", "host.go", "harmonium/store", true},
		{"engine", "host.go", "unsafe", true},
		{"dataset", "set.go", "harmonium/store", false},
		{"dataset", "set.go", "harmonium/dataset/mnist", true},
		{"dataset", "set.go", "harmonium/engine", true},
		{"rbm/estimate", "mean.go", "harmonium/rbm", true},
		{"rbm", "model.go", "harmonium/rbm/estimate", false},
		{"rbm", "model.go", "harmonium/rbm/internal/graph", true},
		{"rbm", "model.go", "harmonium/engine", false},
		{"rbm", "model.go", "harmonium/kernels", true},
		{"rbm/internal/graph", "builder.go", "harmonium/rbm", false},
		{"rbm/internal/graph", "builder.go", "harmonium/rbm/train", true},
		{"rbm/sample", "chains.go", "harmonium/rbm/internal/graph", false},
		{"rbm/sample", "chains.go", "harmonium/rbm/likelihood", true},
		{"rbm/likelihood", "reverse.go", "harmonium/rbm/sample", false},
		{"rbm/likelihood", "reverse.go", "harmonium/rbm/train", true},
		{"rbm/train", "online.go", "harmonium/rbm/likelihood", false},
		{"rbm/train", "online.go", "harmonium/rbm/internal/rbmtest", true},
		{"rbm/train", "drift.go", "gonum.org/v1/gonum/stat", false},
		{"rbm/train", "drift.go", "harmonium/kernels", true},
		{"rbm/train", "drift.go", "github.com/spf13/cobra", true},
		{"rbm/report", "looks.go", "harmonium/rbm/sample", false},
		{"rbm/report", "looks.go", "harmonium/rbm/train", true},
		{"cmd/harmonium", "main.go", "harmonium/rbm/train", false},
		{"cmd/harmonium", "main.go", "harmonium/rbm/internal/graph", true},
		{"cmd/harmonium", "main.go", "harmonium/kernels", true},
		{"cmd/harmonium", "main.go", "harmonium/rbmish", true},
		{"cmd/harmonium", "main.go", "C", true},
		{"bench", "plot.go", "gonum.org/v1/plot", false},
		{"bench/compare", "run.go", "harmonium/bench", false},
		{"bench/compare", "run.go", "harmonium/bench/likelihood", true},
	} {
		r, ok := findRoom("harmonium/" + test.room)
		if got := r.forbids(test.file, test.imported); !ok || got != test.want {
			t.Errorf("%s in %s of %s: forbidden is %v, want %v", test.imported, test.file, test.room, got, test.want)
		}
	}
}

// maxLines is the length of the longest source file that is no test.
const maxLines = 500

// longFiles returns a line for each source file below a folder that is no test and has more
// lines than allowed.
func longFiles(root string) (long []string, err error) {
	err = filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if entry.IsDir() {
			if path != root && strings.HasPrefix(entry.Name(), ".") {
				return fs.SkipDir
			}
			return nil
		}
		if !slices.Contains([]string{".go", ".c", ".cc", ".h", ".cu"}, filepath.Ext(path)) || strings.HasSuffix(path, "_test.go") {
			return nil
		}
		content, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		if lines := bytes.Count(content, []byte("\n")); lines > maxLines {
			long = append(long, fmt.Sprintf("%s has %d lines, want at most %d", path, lines, maxLines))
		}
		return nil
	})
	return long, err
}

func TestFilesAreShort(t *testing.T) {
	long, err := longFiles(moduleRoot)
	if err != nil {
		t.Fatal(err)
	}
	for _, line := range long {
		t.Error(line)
	}
}

func TestLongFiles(t *testing.T) {
	folder := t.TempDir()
	for name, lines := range map[string]int{
		"fits.go": maxLines, "long.go": maxLines + 1, "long.c": 2 * maxLines, "long_test.go": 2 * maxLines, "long.md": 2 * maxLines,
		filepath.Join("below", "long.cu"): maxLines + 1, filepath.Join(".git", "long.h"): maxLines + 1,
	} {
		path := filepath.Join(folder, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, bytes.Repeat([]byte("\n"), lines), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	got, err := longFiles(folder)
	want := []string{
		filepath.Join(folder, "below", "long.cu") + " has 501 lines, want at most 500",
		filepath.Join(folder, "long.c") + " has 1000 lines, want at most 500",
		filepath.Join(folder, "long.go") + " has 501 lines, want at most 500",
	}
	if err != nil || !slices.Equal(got, want) {
		t.Errorf("got %q %v, want %q", got, err, want)
	}
}

// TestTopLevel: the top level of the repository holds the allowed entries and what git ignores.
func TestTopLevel(t *testing.T) {
	allowed := strings.Fields(`go.mod go.sum README.md CONTRIBUTING.md CHANGELOG.md LICENSE NOTICE
		Dockerfile.cuda .ci .git .gitignore kernels memory store ranks engine dataset rbm cmd bench`)
	content, err := os.ReadFile(filepath.Join(moduleRoot, ".gitignore"))
	if err != nil {
		t.Fatal(err)
	}
	ignored := strings.Fields(string(content))
	entries, err := os.ReadDir(moduleRoot)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		matches := func(pattern string) bool {
			match, err := path.Match(strings.Trim(pattern, "/"), e.Name())
			return match && err == nil
		}
		if !slices.Contains(allowed, e.Name()) && !slices.ContainsFunc(ignored, matches) {
			t.Errorf("top level: found %s, want one of %q", e.Name(), allowed)
		}
	}
}
