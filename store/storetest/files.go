// Package storetest makes files for tests, byte by byte, in the formats that package store
// reads, and checks the files that a test leaves.
package storetest

import (
	"os"
	"path/filepath"
	"testing"
)

// WantFiles fails the test unless folder holds exactly the files of want, which maps each name to the
// content.
func WantFiles(t *testing.T, folder string, want map[string]string) {
	t.Helper()
	entries, err := os.ReadDir(folder)
	if err != nil {
		t.Fatal(err)
	}
	for _, entry := range entries {
		text, ok := want[entry.Name()]
		if !ok {
			t.Errorf("%s was left behind", entry.Name())
			continue
		}
		got, err := os.ReadFile(filepath.Join(folder, entry.Name()))
		if err != nil {
			t.Fatal(err)
		}
		if string(got) != text {
			t.Errorf("%s holds %q, want %q", entry.Name(), got, text)
		}
	}
	if len(entries) < len(want) {
		t.Errorf("%d files, want %d", len(entries), len(want))
	}
}
