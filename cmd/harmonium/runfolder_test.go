package main

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
)

// TestDefaultFolder: the name of a run folder is the name of the first file of the data without its folder and
// extensions, with - for characters that are awkward in a file name, and the time.
func TestDefaultFolder(t *testing.T) {
	for data, want := range map[string]runFolder{
		"mnist":                "runs/mnist-now",
		"bars-and-stripes:4":   "runs/bars-and-stripes-4-now",
		"/a b/digits 2.csv.gz": "runs/digits-2-now",
		"x.npz":                "runs/x-now",
		"x.npz:train":          "runs/x-now",
		"table.csv.zst":        "runs/table-now",
		"part-*.csv":           "runs/part---now",
		`["a/b.csv","c.csv"]`:  "runs/b-now",
	} {
		if got := defaultFolder(data, "now"); got != want {
			t.Errorf("data %s: run folder %s, want %s", data, got, want)
		}
	}
}

// TestSweep: sweep removes the temporary files that killed writers of a run's files have left: a dot, the name of a file
// and 16 hexadecimal digits. It leaves all others.
func TestSweep(t *testing.T) {
	folder := t.TempDir()
	others := []string{
		".hidden", ".model.safetensors.0123", ".model.safetensors.0123456789abcdeg",
		".notes.0123456789abcdef", "model.safetensors", "model.safetensors.0123456789abcdef",
	}
	for _, name := range append([]string{
		".model.safetensors.0123456789abcdef", ".checkpoint.safetensors.fedcba9876543210",
		".config.json.0000000000000000", ".samples.png.1111111111111111",
	}, others...) {
		writeText(t, folder+"/"+name, "")
	}
	if err := runFolder(folder).sweep(); err != nil {
		t.Fatal(err)
	}
	entries, err := os.ReadDir(folder)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, e := range entries {
		got = append(got, e.Name())
	}
	if !slices.Equal(got, others) {
		t.Errorf("left %q, want %q", got, others)
	}
}

// TestRunFolderIsItsModel: commands print and write the same for the folder of a run as for its
// model.
func TestRunFolderIsItsModel(t *testing.T) {
	slow(t)
	t.Chdir(t.TempDir())
	mustRun(t, with(bars, "--epochs", "1", "--eval", "never", "--out", "run")...)
	for _, args := range [][]string{
		{"eval", "MODEL"},
		{"inspect", "MODEL"},
		{"sample", "MODEL", "-n", "3", "--out", "FILE.csv"},
		{"features", "MODEL", "--out", "FILE.csv"},
		{"convert", "MODEL", "FILE.npz"},
	} {
		var printed, written [2]string
		for i, model := range []string{"run/" + fileModel, "run"} {
			file := fmt.Sprint(args[0], i)
			names := strings.NewReplacer("MODEL", model, "FILE", file)
			var given []string
			for _, a := range args {
				given = append(given, names.Replace(a))
			}
			printed[i] = strings.ReplaceAll(mustRun(t, given...), file, "FILE")
			if last := given[len(given)-1]; strings.HasPrefix(last, file) {
				written[i] = string(readBytes(t, last))
			}
		}
		if printed[0] != printed[1] || written[0] != written[1] {
			t.Errorf("%q: the folder gives\n%s\nand its model\n%s", args, printed[1], printed[0])
		}
	}
}

// TestRunListsItsFiles: the last line of a run lists the files in its folder.
func TestRunListsItsFiles(t *testing.T) {
	t.Chdir(t.TempDir())
	flags := []string{"train", "--data", "bars-and-stripes:3", "--batch-size", "6", "--algorithm", "pcd", "--updates", "10",
		"--device", "cpu", "--threads", "1", "--out"}
	for folder, more := range map[string][]string{
		"plain": nil, "pairwise": {"--lateral"}, "patient": {"--valid", "0.2", "--patience", "9"}, "events": {"--tensorboard"},
	} {
		out := mustRun(t, with(with(flags, folder), more...)...)
		_, list, _ := strings.Cut(strings.TrimSpace(out), folder+" holds ")
		listed := strings.Split(list, ", ")
		slices.Sort(listed)
		entries, err := os.ReadDir(folder)
		if err != nil {
			t.Fatal(err)
		}
		var files []string
		for _, e := range entries {
			if !candidate.MatchString(e.Name()) { // models that may become the best are not listed
				files = append(files, e.Name())
			}
		}
		if !slices.Equal(listed, files) {
			t.Errorf("%s: lists %q, has %q", folder, listed, files)
		}
	}
}
