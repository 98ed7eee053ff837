package kernels

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// sources returns a .cu file and the headers that it includes, in the order of their first
// inclusion.
func sources(t *testing.T, name string, seen []string) []string {
	t.Helper()
	if slices.Contains(seen, name) {
		return seen
	}
	seen = append(seen, name)
	for _, include := range regexp.MustCompile(`(?m)^#include "(.*)"`).FindAllStringSubmatch(readFile(t, name), -1) {
		seen = sources(t, include[1], seen)
	}
	return seen
}

// readFile returns the text of a file.
func readFile(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// cudaSources returns the stems of the .cu files.
func cudaSources(t *testing.T) []string {
	t.Helper()
	files, err := filepath.Glob("*.cu")
	if err != nil || len(files) == 0 {
		t.Fatalf("*.cu: found %d files, %v", len(files), err)
	}
	for i, name := range files {
		files[i] = strings.TrimSuffix(name, ".cu")
	}
	return files
}

// sourceLine returns the first line that PTX compiled from the present sources has: their sum and their names.
func sourceLine(t *testing.T, stem string) string {
	t.Helper()
	names := sources(t, stem+".cu", nil)
	var all bytes.Buffer
	for _, name := range names {
		all.WriteString(readFile(t, name))
	}
	return fmt.Sprintf("// sha256 %x %s", sha256.Sum256(all.Bytes()), strings.Join(names, " "))
}

// TestPTXIsOfItsSources: each .cu file has PTX that is compiled from its present text, and no PTX is left over.
func TestPTXIsOfItsSources(t *testing.T) {
	stems := cudaSources(t)
	for _, stem := range stems {
		got, _, _ := strings.Cut(readFile(t, "ptx/"+stem+".ptx"), "\n")
		if want := sourceLine(t, stem); got != want {
			t.Errorf("ptx/%s.ptx begins %q, want %q: run go generate -tags gpu ./kernels", stem, got, want)
		}
	}
	compiled, err := filepath.Glob("ptx/*.ptx")
	if err != nil || len(compiled) != len(stems) {
		t.Errorf("ptx: got %d files, %v, want one for each of %v", len(compiled), err, stems)
	}
}

// TestKernelsDoNotSpill: the table of registers, shared memory, spills, loads and occupancy belongs to
// the committed PTX. It has every kernel on every architecture. No kernel spills, and the kernels that read
// matrices of floats at the speed of memory have loads of 16 bytes.
func TestKernelsDoNotSpill(t *testing.T) {
	const table = "../bench/results/ptxas.txt"
	type key struct{ kernel, arch string }
	type row struct{ registers, spills, loads16, sum string }
	rows := map[key]row{}
	for _, line := range strings.Split(readFile(t, table), "\n") {
		if f := strings.Fields(line); len(f) == 8 && f[0] != "#" {
			rows[key{f[0], f[1]}] = row{f[2], f[4], f[5], f[7]} // the third line of the table names the fields
		}
	}
	kernels := 0
	for _, stem := range cudaSources(t) {
		ptx := readFile(t, "ptx/"+stem+".ptx")
		sum := strings.Fields(ptx)[2]
		for _, entry := range regexp.MustCompile(`\.visible \.entry (\w+)\(`).FindAllStringSubmatch(ptx, -1) {
			kernels++
			for _, arch := range []string{"sm_70", "sm_80", "sm_90"} {
				r, ok := rows[key{entry[1], arch}]
				switch {
				case !ok:
					t.Errorf("%s: no row for %s on %s", table, entry[1], arch)
				case r.sum != sum:
					t.Errorf("%s: %s on %s has other sources: run go generate -tags gpu ./kernels", table, entry[1], arch)
				case r.spills != "0":
					t.Errorf("%s: %s on %s: got %s bytes of spills, want 0", table, entry[1], arch, r.spills)
				case slices.Contains([]string{"activate", "toss", "gather", "ascend", "layer_means"}, entry[1]) && r.loads16 == "0":
					t.Errorf("%s: %s on %s has no load of 16 bytes", table, entry[1], arch)
				default:
					if n, err := strconv.Atoi(r.registers); err != nil || n < 1 || n > 255 { // the most that a thread can have
						t.Errorf("%s: %s on %s: got %s registers, want 1 to 255", table, entry[1], arch, r.registers)
					}
				}
			}
		}
	}
	if len(rows) != 3*kernels {
		t.Errorf("%s: got %d rows, want 3 for each of %d kernels", table, len(rows), kernels)
	}
}
