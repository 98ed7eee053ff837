package main

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"harmonium/dataset"
	"harmonium/store"
)

// keyMachine is the key of [thisMachine] in the provenance of a model.
const keyMachine = "machine"

// thisMachine identifies the user and the machine, by half of a SHA-256 that reveals neither. A model whose provenance has it
// was made by this user on this machine, so that the paths of files in it are the user's own.
func thisMachine() string {
	id, err := os.ReadFile("/etc/machine-id")
	if err != nil || len(strings.TrimSpace(string(id))) == 0 {
		host, _ := os.Hostname()
		id = []byte(host)
	}
	home, _ := os.UserHomeDir()
	sum := sha256.Sum256(fmt.Appendf(nil, "harmonium origin of paths\n%s\n%d\n%s", strings.TrimSpace(string(id)), os.Getuid(), home))
	return hex.EncodeToString(sum[:16])
}

// namedFiles returns the files that a model names as its data and labels, where no flag takes their
// place.
func (f *dataFlags) namedFiles(known map[string]string) []string {
	var files []string
	for _, part := range []struct{ key, given string }{{"data", f.spec}, {"test", f.test}, {"valid", f.valid}} {
		spec := known[part.key]
		if part.given != "" || spec == "" || isFraction(spec) || dataset.BuiltIn(spec) {
			continue
		}
		files = append(files, dataset.SplitSpec(spec)...)
	}
	if f.columns.Label == "" {
		files = append(files, labelFiles(known["label"])...)
	}
	return files
}

// labelFiles returns the files that a label may stand for. Most labels are names of columns, for which there is no
// file.
func labelFiles(label string) []string {
	var files []string
	for _, word := range dataset.SplitSpec(label) {
		paths := []string{word}
		if colon := strings.LastIndexByte(word, ':'); colon > 0 {
			paths = append(paths, word[:colon])
		}
		for _, path := range paths {
			if exists(path) {
				files = append(files, path)
			} else if names, err := filepath.Glob(path); err == nil {
				files = append(files, names...)
			}
		}
	}
	return files
}

// checkNamed returns an error if the data that a model names are files outside the folder of the model's
// file, unless the model was made on this machine: a model from elsewhere must not choose which files of
// this machine are read.
func (f *dataFlags) checkNamed(m modelArgument) error {
	if m.Provenance[keyMachine] == thisMachine() {
		return nil
	}
	for _, file := range f.named {
		if m.path == store.StandardInput || !within(filepath.Dir(m.path), file) {
			return fmt.Errorf("%s names %s as its data, which is outside its folder, and was not made by this user on this machine; to read that file, name it by --data, or rows after the model",
				m.path, file)
		}
	}
	return nil
}

// within reports whether a file is below a folder, with all links followed. Of FILE:ARRAY the file counts. A file
// that does not exist counts by its name, and a pattern, which may match any file, is never below the folder.
func within(folder, file string) bool {
	real, err := filepath.EvalSymlinks(file)
	if err != nil {
		if colon := strings.LastIndex(file, ":"); colon > 0 {
			real, err = filepath.EvalSymlinks(file[:colon])
		}
	}
	if err != nil {
		if strings.ContainsAny(file, "*?[") {
			return false
		}
		real = file
	}
	if root, err := filepath.EvalSymlinks(folder); err == nil {
		folder = root
	}
	relative, err := filepath.Rel(absolute(folder), absolute(real))
	return err == nil && filepath.IsLocal(relative)
}
