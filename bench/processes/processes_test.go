//go:build linux

package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestSpeedOf: a run's speed comes from its result and from the last record of its times.
func TestSpeedOf(t *testing.T) {
	times := `{"update":1,"seconds":5}` + "\n" + `{"update":4,"seconds":8}` + "\n"
	for _, c := range []struct {
		name, result, times string
		want                speed
		fault               string
	}{
		{"two processes", `{"exchange":{"measured_share":0.25}}`, times, speed{update: 2, sums: 0.25}, ""},
		{"one process", `{}`, times, speed{update: 2}, ""},
		{"a run that ended early", `{}`, times[:25], speed{}, "update 1, want 4"},
	} {
		folder := t.TempDir()
		if err := os.WriteFile(filepath.Join(folder, "times.jsonl"), []byte(c.times), 0o644); err != nil {
			t.Fatal(err)
		}
		got, err := speedOf([]string{"echo", c.result}, folder, 4)
		if c.fault != "" {
			if err == nil || !strings.Contains(err.Error(), c.fault) {
				t.Errorf("%s: got error %v, want %q in it", c.name, err, c.fault)
			}
			continue
		}
		if err != nil || got != c.want {
			t.Errorf("%s: got %+v, %v, want %+v", c.name, got, err, c.want)
		}
	}
}

// TestSame: two folders are the same if all compared files are, and a file that is missing is an error.
func TestSame(t *testing.T) {
	one, two := t.TempDir(), t.TempDir()
	for _, name := range compared {
		if same(one, two) == nil {
			t.Errorf("no error without %s", name)
		}
		for _, folder := range []string{one, two} {
			if err := os.WriteFile(filepath.Join(folder, name), []byte(name), 0o644); err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := same(one, two); err != nil {
		t.Error(err)
	}
	for _, name := range compared {
		path := filepath.Join(two, name)
		if err := os.WriteFile(path, []byte("other"), 0o644); err != nil {
			t.Fatal(err)
		}
		if err := same(one, two); err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("another %s: got error %v", name, err)
		}
		if err := os.WriteFile(path, []byte(name), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}
