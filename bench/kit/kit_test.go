package main

import (
	"bytes"
	"context"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// TestEveryGPUTestIsInTheKit: a package whose tests open a GPU is one of the tested.
func TestEveryGPUTestIsInTheKit(t *testing.T) {
	const root = "../.."
	var found []string
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(path, "_test.go") {
			return err
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		folder, err := filepath.Rel(root, filepath.Dir(path))
		for _, opens := range []string{"OpenGPU(", "openCUDAFor(", "rbmtest.GPUs(", "rbmtest.CheckGraph(", "engine.HasCUDA"} {
			if bytes.Contains(text, []byte(opens)) && folder != "bench/kit" && folder != "cmd/harmonium" &&
				!slices.Contains(found, folder) {
				found = append(found, filepath.ToSlash(folder))
			}
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	want := slices.Sorted(slices.Values(tested))
	if slices.Sort(found); !slices.Equal(found, want) {
		t.Errorf("packages with tests of a GPU: %q, in the kit: %q", found, want)
	}
}

// TestNamedTestsExist: the tests that are chosen or left out by name are there.
func TestNamedTestsExist(t *testing.T) {
	names := map[string]bool{}
	for _, p := range tested {
		files, err := filepath.Glob(filepath.Join("../..", p, "*_test.go"))
		if err != nil {
			t.Fatal(err)
		}
		for _, path := range files {
			f, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.SkipObjectResolution)
			if err != nil {
				t.Fatal(err)
			}
			for _, d := range f.Decls {
				if function, ok := d.(*ast.FuncDecl); ok {
					names[function.Name.Name] = true
				}
			}
		}
	}
	all := []string{sourceTests, "BenchmarkLargeUpdate|BenchmarkPlainUpdate|BenchmarkLaunches|BenchmarkProductOnGPU"}
	for _, some := range quickTests {
		all = append(all, some)
	}
	for _, some := range all {
		for name := range strings.SplitSeq(some, "|") {
			if !names[name] {
				t.Errorf("there is no %s", name)
			}
		}
	}
}

func TestArchives(t *testing.T) {
	entries := []entry{{"run", 0o755, []byte("a script")}, {"deep/er/file", 0o644, bytes.Repeat([]byte("x"), 1<<20)},
		{"empty", 0o644, nil}}
	for name, pair := range map[string]struct {
		write func(*bytes.Buffer) error
		read  func(path, folder string) error
	}{
		"outer": {func(b *bytes.Buffer) error { return pack(b, entries) }, unpack},
		"inner": {func(b *bytes.Buffer) error { return squeeze(b, entries) }, unsqueeze},
	} {
		var b bytes.Buffer
		if err := pair.write(&b); err != nil {
			t.Fatal(err)
		}
		folder, path := t.TempDir(), filepath.Join(t.TempDir(), "archive")
		if err := os.WriteFile(path, b.Bytes(), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := pair.read(path, folder); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		for _, e := range entries {
			got, err := os.ReadFile(filepath.Join(folder, e.name))
			if err != nil || !bytes.Equal(got, e.content) {
				t.Errorf("%s: %s: got %d bytes, %v, want %d", name, e.name, len(got), err, len(e.content))
			}
			if info, err := os.Stat(filepath.Join(folder, e.name)); err != nil || int64(info.Mode().Perm()) != e.mode {
				t.Errorf("%s: %s: got mode %v, %v, want %o", name, e.name, info.Mode(), err, e.mode)
			}
		}
	}
	var b bytes.Buffer
	if err := writeTar(&b, []entry{{"../outside", 0o644, nil}}); err != nil {
		t.Fatal(err)
	}
	if err := readTar(&b, t.TempDir()); err == nil {
		t.Error("a file outside of the archive was written")
	}
}

func TestReaders(t *testing.T) {
	for _, test := range []struct {
		name   string
		read   func(string) ([]figure, []string)
		output string
		want   figure
		failed []string
	}{
		{
			"benchmarks", readBenchmarks,
			"goos: linux\nBenchmarkX/device=cuda/V=7/k=1-16 \t 3\t 55 ns/op\t 2.5 µs/update\t 0.5 xH100\n--- FAIL: BenchmarkY\nPASS\n",
			figure{"V=7/k=1", map[string]float64{"µs/update": 2.5, "xH100": 0.5}}, []string{"BenchmarkY"},
		},
		{"PyTorch", readBenchmarks, "BenchmarkTorch/V=7/k=1 1 2.00 µs/update/eager\n",
			figure{"V=7/k=1", map[string]float64{"µs/update/eager": 2}}, nil},
		{
			"tests", readTests,
			"=== RUN   TestA\n--- PASS: TestA (0.00s)\n    --- PASS: TestA/b (0.00s)\n" +
				"--- SKIP: TestB (0.00s)\n--- FAIL: TestC (0.10s)\n",
			figure{"tests", map[string]float64{"passed": 1, "failed": 1, "skipped": 1}}, []string{"TestC"},
		},
		{"no tests", readTests, "PASS\n", figure{"tests", map[string]float64{"passed": 0, "failed": 0, "skipped": 0}},
			[]string{"no test passed"}},
		{
			"training", func(s string) ([]figure, []string) {
				return readTraining("a",
					s)
			}, "progress\n{\"log_likelihood\":-3.5,\"log_likelihood_low\":-4,\"x\":[1]}\n",
			figure{"a", map[string]float64{"log_likelihood": -3.5, "log_likelihood_low": -4}}, nil,
		},
		{"no training", func(s string) ([]figure, []string) { return readTraining("a", s) }, "{}", figure{},
			[]string{"no log_likelihood in its output"}},
		{"doctor", readDoctor, `{"gpu":"a card","gpu_missing":[]}`, figure{}, nil},
		{"doctor without a card", readDoctor, `{"gpu_missing":["no driver"]}`, figure{}, []string{"no driver", "doctor names no GPU"}},
		{"no doctor", readDoctor, "error while loading shared libraries", figure{}, []string{"doctor names no GPU"}},
	} {
		got, failed := test.read(test.output)
		if !slices.Equal(failed, test.failed) {
			t.Errorf("%s: failed %q, want %q", test.name, failed, test.failed)
		}
		if test.want.Name == "" {
			continue
		}
		if len(got) != 1 || got[0].Name != test.want.Name || len(got[0].Values) != len(test.want.Values) {
			t.Errorf("%s: got %v, want %v", test.name, got, test.want)
			continue
		}
		for unit, want := range test.want.Values {
			if got[0].Values[unit] != want {
				t.Errorf("%s: %s: got %v, want %v", test.name, unit, got[0].Values[unit], want)
			}
		}
	}
}

// TestRunWithoutACard: a run says what is missing, makes the other steps, and ends in time.
func TestRunWithoutACard(t *testing.T) {
	w := worker{folder: t.TempDir(), deadline: time.Now().Add(time.Minute), noCard: "no GPU can be used: none"}
	program := func(name, s string) []string {
		if err := os.WriteFile(filepath.Join(w.folder, name), []byte("#!/bin/sh\n"+s+"\n"), 0o700); err != nil {
			t.Fatal(err)
		}
		return []string{name}
	}
	for _, test := range []struct {
		step        step
		status, why string
	}{
		{step{name: "a", card: true, limit: time.Second}, leftOut, "no GPU can be used: none"},
		{step{name: "b", python: true, limit: time.Second}, leftOut, "no Python"},
		{step{name: "c", limit: 0}, leftOut, "no time was left"},
		{step{name: "d", limit: 9 * time.Second, command: program("passes", "echo '--- PASS: TestA (0s)'"),
			read: readTests}, passed, ""},
		{step{name: "e", limit: 9 * time.Second, command: []string{"nothing"}, read: readTests}, failed, "no such file"},
		{step{name: "f", limit: 1500 * time.Millisecond, command: program("sleeps", "exec sleep 20"), read: readTests}, failed,
			"it was ended after"},
	} {
		got := w.make(context.Background(), test.step)
		if got.Status != test.status || !strings.Contains(got.Why, test.why) {
			t.Errorf("%s: got %q, %q, want %q, %q", test.step.name, got.Status, got.Why, test.status, test.why)
		}
	}
}

func TestPage(t *testing.T) {
	r := report{Machine: machine{Card: "NVIDIA H100 80GB HBM3"}, Results: []result{
		{Name: "doctor", Status: passed},
		{Name: updatesSection, Section: updatesSection, Status: passed,
			Figures: []figure{{"V=7", map[string]float64{"µs/update": 2, "xH100": 0.5, "xV100": 3}}}},
		{Name: "again", Section: updatesSection, Status: failed, Why: "a|b",
			Figures: []figure{{"V=7", map[string]float64{"µs/update": 4}}}},
		{Name: launchesSection, Section: launchesSection, Status: passed,
			Figures: []figure{{"V=7", map[string]float64{"00-rows": 1, "01-field": 3}}}},
	}}
	page := r.page()
	for _, want := range []string{
		"| again | failed | 0.0 | a/b |", "| | xH100 | µs/update |", "| V=7 | 0.5 | 3 |",
		"| 00-rows | 1 (25 %) |\n| 01-field | 3 (75 %) |",
	} {
		if !strings.Contains(page, want) {
			t.Errorf("no %q in\n%s", want, page)
		}
	}
	folder := t.TempDir()
	if err := r.write(folder); err == nil || !strings.Contains(err.Error(), "again") {
		t.Errorf("got %v, want an error that names the failed step", err)
	}
	for _, name := range []string{"kit.json", "kit.md"} {
		if _, err := os.Stat(filepath.Join(folder, name)); err != nil {
			t.Error(err)
		}
	}
}
