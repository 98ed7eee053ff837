package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestCompare: runs are the same only if all files are.
func TestCompare(t *testing.T) {
	whole, killed := t.TempDir(), t.TempDir()
	for _, folder := range []string{whole, killed} {
		for _, name := range compared {
			if err := os.WriteFile(filepath.Join(folder, name), []byte(name), 0o666); err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := compare(whole, killed); err != nil {
		t.Error(err)
	}
	for _, name := range compared {
		path := filepath.Join(killed, name)
		if err := os.WriteFile(path, []byte("other"), 0o666); err != nil {
			t.Fatal(err)
		}
		if err := compare(whole, killed); err == nil || !strings.HasPrefix(err.Error(), name) {
			t.Errorf("another %s: %v", name, err)
		}
		if err := os.WriteFile(path, []byte(name), 0o666); err != nil {
			t.Fatal(err)
		}
	}
}

// TestTry: crash returns an error for a command whose result depends on a kill, and none for one whose result is always
// the same. The script finds a checkpoint only after a kill, and then writes another result.
func TestTry(t *testing.T) {
	const script = `#!/bin/sh
while [ $# -gt 0 ]; do
	case $1 in --out|--resume) out=$2 ;; esac
	shift
done
mkdir -p "$out"
[ -e "$out/checkpoint.safetensors" ] && again=RESUMED
: >"$out/checkpoint.safetensors"
sleep 0.1 >/dev/null 2>&1 # where a kill should fall; without output, since a killed shell leaves it running
for f in model.safetensors checkpoint.safetensors metrics.jsonl filters.png samples.png; do echo $again >"$out/$f"; done
`
	for text, differs := range map[string]bool{script: true, strings.Replace(script, "=RESUMED", "=", 1): false} {
		command := filepath.Join(t.TempDir(), "command")
		if err := os.WriteFile(command, []byte(text), 0o777); err != nil {
			t.Fatal(err)
		}
		// The kills by seed 4 are after 5, 10, 6 and 59 % of a run's time: the last one finds a checkpoint.
		if err := crash(command, 0, 4); (err != nil) != differs {
			t.Errorf("got %v, want an error: %v", err, differs)
		}
	}
}
