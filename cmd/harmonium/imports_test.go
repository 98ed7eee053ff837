package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"go/parser"
	"go/token"
	"io"
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

// A room is a top-level package with those below it, and what it may import beside its
// own and the standard library. Where a path is allowed, so are the packages below it.
type room struct {
	name    string
	imports []string
	gpu     []string // in files *_gpu.go only
	cgo     bool     // and unsafe
}

// rooms are ordered by floor: imports go down only.
var rooms = []room{
	{name: "kernels", imports: []string{"golang.org/x/sys/cpu"}, gpu: []string{"gorgonia.org/cu"}, cgo: true},
	{name: "engine", imports: []string{"harmonium/kernels", "gorgonia.org/gorgonia", "gorgonia.org/tensor", "github.com/chewxy/hm"}},
	{name: "store"},
	{name: "dataset", imports: []string{"harmonium/store"}},
	{name: "rbm", imports: []string{"harmonium/engine", "harmonium/dataset", "harmonium/store", "gorgonia.org/gorgonia", "gorgonia.org/tensor", "gonum.org/v1/gonum"}},
	{name: "cmd", imports: commandImports},
	{name: "bench", imports: append([]string{"gonum.org/v1", "gorgonia.org/gorgonia", "gorgonia.org/tensor"}, commandImports...)},
}

var commandImports = []string{
	"harmonium/rbm", "harmonium/engine", "harmonium/dataset", "harmonium/store",
	"github.com/spf13/cobra", "github.com/spf13/pflag", "github.com/schollz/progressbar/v3", "golang.org/x/term", "gonum.org/v1/plot",
}

// refuses returns whether a file of the room must not import a path.
func (r room) refuses(file, imported string) bool {
	allowed := append([]string{"harmonium/" + r.name}, r.imports...)
	if strings.HasSuffix(file, "_gpu.go") {
		allowed = append(allowed, r.gpu...)
	}
	if slices.ContainsFunc(allowed, func(a string) bool { return imported == a || strings.HasPrefix(imported, a+"/") }) {
		return false
	}
	first, _, _ := strings.Cut(imported, "/")
	switch {
	case imported == "C" || imported == "unsafe":
		return !r.cgo
	case first == "harmonium":
		return true
	}
	return strings.Contains(first, ".") // not of the standard library
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
// tag but in no test, that its room refuses.
func checkImports(r room, p listedPackage) (refused []string, err error) {
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
			if r.refuses(file, imported) {
				refused = append(refused, fmt.Sprintf("%s imports %s in %s", p.ImportPath, imported, file))
			}
		}
	}
	return refused, nil
}

func TestImports(t *testing.T) {
	for _, p := range listPackages(t) {
		below, _ := strings.CutPrefix(p.ImportPath, "harmonium/")
		name, _, _ := strings.Cut(below, "/")
		i := slices.IndexFunc(rooms, func(r room) bool { return r.name == name })
		if i < 0 {
			t.Errorf("package %s is in no room", p.ImportPath)
			continue
		}
		refused, err := checkImports(rooms[i], p)
		if err != nil {
			t.Error(err)
		}
		for _, line := range refused {
			t.Errorf("%s, which %s may not", line, name)
		}
	}
}

func TestRoomRefuses(t *testing.T) {
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
		{"engine", "host.go", "harmonium/kernels", false},
		{"engine", "host.go", "gorgonia.org/cu", true},
		{"engine", "host.go", "harmonium/dataset", true},
		{"engine", "host.go", "unsafe", true},
		{"dataset", "npz.go", "archive/zip", false},
		{"dataset", "npz.go", "harmonium/dataset/mnist", false},
		{"dataset", "npz.go", "gorgonia.org/tensor", true},
		{"rbm", "graph.go", "gonum.org/v1/gonum/stat", false},
		{"rbm", "graph.go", "harmonium/kernels", true},
		{"rbm", "graph.go", "github.com/spf13/cobra", true},
		{"cmd", "main.go", "harmonium/rbm", false},
		{"cmd", "main.go", "harmonium/kernels", true},
		{"cmd", "main.go", "harmonium/rbmish", true},
		{"cmd", "main.go", "C", true},
		{"bench", "plot.go", "gonum.org/v1/plot", false},
	} {
		i := slices.IndexFunc(rooms, func(r room) bool { return r.name == test.room })
		if got := rooms[i].refuses(test.file, test.imported); got != test.want {
			t.Errorf("%s in %s of %s: refused is %v, want %v", test.imported, test.file, test.room, got, test.want)
		}
	}
}

// The top level of the repository holds these entries and what git ignores.
func TestTopLevel(t *testing.T) {
	allowed := strings.Fields(`go.mod go.sum README.md LICENSE NOTICE Dockerfile.cuda .ci .git .gitignore
		kernels store engine dataset rbm cmd bench`)
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
