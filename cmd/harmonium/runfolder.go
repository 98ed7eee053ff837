package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"harmonium/dataset"
	"harmonium/store"
)

// The files of a run folder, beside candidates (see candidateFile) and the layers below a stack's last model (see
// nameOfLayer).
const (
	fileModel      = "model.safetensors"
	fileBest       = "best.safetensors" // in a run with patience
	fileCheckpoint = "checkpoint.safetensors"
	fileConfig     = "config.json"
	fileSchema     = "schema.json" // of a table
	fileMetrics    = "metrics.jsonl"
	fileTimes      = "times.jsonl"
	fileFilters    = "filters.png"
	fileSamples    = "samples.png"
	filePage       = "report.html"
	fileEvents     = "events.out.tfevents.0.harmonium" // with --tensorboard
	fileStop       = "harmonium.stop"                  // asks the run to end; its content does not matter
)

// runFiles are the files that a new run removes, beside candidates and layers. All but fileStop are results.
var runFiles = []string{
	fileModel, fileBest, fileCheckpoint, fileConfig, fileSchema, fileMetrics, fileTimes, fileFilters, fileSamples, filePage,
	fileEvents, fileStop,
}

// runFolder is the path of the folder that one training run writes.
type runFolder string

// candidateFile names the file of a model that may be the best of a run with patience.
func candidateFile(update int) string { return fmt.Sprintf("candidate-%d.safetensors", update) }

// candidate matches the names of candidateFile.
var candidate = regexp.MustCompile(`^candidate-\d+\.safetensors$`)

// candidates lists the names of the files that candidateFile names.
func (f runFolder) candidates() ([]string, error) { return f.matching(candidate) }

// matching lists the names of the files that an expression matches.
func (f runFolder) matching(name *regexp.Regexp) ([]string, error) {
	entries, err := os.ReadDir(string(f))
	if err != nil {
		return nil, fmt.Errorf("run folder: %w", err)
	}
	var names []string
	for _, e := range entries {
		if name.MatchString(e.Name()) {
			names = append(names, e.Name())
		}
	}
	return names, nil
}

func (f runFolder) file(name string) string { return filepath.Join(string(f), name) }

// take makes the folder if it does not exist, locks it, and removes the files of an earlier run. It calls checkFree
// under the lock, since another run may have begun and ended in the folder after an earlier call.
func (f runFolder) take(force bool) (*os.File, error) {
	if err := os.MkdirAll(string(f), 0o777); err != nil {
		return nil, fmt.Errorf("run folder: %w", err)
	}
	lock, err := f.lock()
	if err != nil {
		return nil, err
	}
	if err = f.checkFree(force); err == nil {
		err = f.clear()
	}
	if err != nil {
		lock.Close()
		return nil, err
	}
	return lock, nil
}

// lock keeps other runs out of the folder until the returned file is closed or this process
// ends, where the platform has locks of files.
func (f runFolder) lock() (*os.File, error) {
	folder, err := os.Open(string(f))
	if err != nil {
		return nil, fmt.Errorf("run folder: %w", err)
	}
	if !lockFile(folder) {
		folder.Close()
		return nil, fmt.Errorf("run folder %s: another process is at work in it", f)
	}
	return folder, nil
}

// checkFree returns an error if the folder exists and holds anything, unless force lets a run write over it.
func (f runFolder) checkFree(force bool) error {
	if force {
		return nil
	}
	entries, err := os.ReadDir(string(f))
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("run folder: %w", err)
	}
	if len(entries) == 0 {
		return nil
	}
	if !f.hasCheckpoint() {
		return fmt.Errorf("run folder %s is not empty, and holds no run that could go on; --force writes into it", f)
	}
	return fmt.Errorf("run folder %s is not empty: go on with its run by --resume, or write over it by --force", f)
}

func (f runFolder) hasCheckpoint() bool { return exists(f.file(fileCheckpoint)) }

// clear removes the files of an earlier run, whole or half-written, and no other files. The caller
// holds the lock.
func (f runFolder) clear() error {
	names, err := f.candidates()
	if err != nil {
		return err
	}
	layers, err := f.matching(layerName)
	if err != nil {
		return err
	}
	for _, name := range slices.Concat(names, layers, runFiles) {
		if err := os.Remove(f.file(name)); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("run folder: %w", err)
		}
	}
	return f.sweep()
}

// temporary matches the names of files that store.WriteAtomic has not finished. Its group is the name of the file.
var temporary = regexp.MustCompile(`^\.(.+)\.[0-9a-f]{16}$`)

// sweep removes files that a killed process left half-written. The caller holds the lock.
func (f runFolder) sweep() error {
	entries, err := os.ReadDir(string(f))
	if err != nil {
		return fmt.Errorf("run folder: %w", err)
	}
	for _, e := range entries {
		match := temporary.FindStringSubmatch(e.Name())
		if match == nil || !isRunFile(match[1]) {
			continue
		}
		if err := os.Remove(f.file(e.Name())); err != nil {
			return fmt.Errorf("run folder: %w", err)
		}
	}
	return nil
}

func isRunFile(name string) bool {
	return slices.Contains(runFiles, name) || candidate.MatchString(name) || layerName.MatchString(name)
}

// writeJSON writes a value to a file of the folder.
func (f runFolder) writeJSON(name string, value any) error {
	return store.WriteAtomic(f.file(name), func(w io.Writer) error {
		e := json.NewEncoder(w)
		e.SetIndent("", "  ")
		return e.Encode(value)
	})
}

// defaultFolder is runs/<data>-<date-time>, for the name of the first file that --data names. The
// extensions of the name are left out, and characters that are awkward in a file name become "-".
func defaultFolder(data, dateTime string) runFolder {
	name := filepath.Base(dataset.SplitSpec(data)[0])
	for _, packed := range []string{".gz", ".bz2", ".xz", ".zst"} {
		name = strings.TrimSuffix(name, packed)
	}
	name = strings.TrimSuffix(name, filepath.Ext(name))
	name = strings.Map(func(r rune) rune {
		if strings.ContainsRune(`:/\ *?[]`, r) {
			return '-'
		}
		return r
	}, name)
	return runFolder(filepath.Join("runs", name+"-"+dateTime))
}
