package dataset

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"harmonium/store"
)

// source is a file, or an array in it.
type source struct {
	path  string
	array string // empty for the only one
}

// String returns the source as FILE or FILE:ARRAY.
func (s source) String() string {
	if s.array == "" {
		return s.path
	}
	return s.path + ":" + s.array
}

// JoinSpecs returns the spec of the rows of several specs of files, one after another. For one spec
// it returns that spec, for none the empty one.
func JoinSpecs(specs ...string) string {
	if len(specs) < 2 {
		return strings.Join(specs, "")
	}
	list, _ := json.Marshal(specs) // strings always marshal
	return string(list)
}

// SplitSpec returns the specs that JoinSpecs has joined.
func SplitSpec(spec string) []string {
	var list []string
	if strings.HasPrefix(spec, "[") && !exists(spec) && json.Unmarshal([]byte(spec), &list) == nil && len(list) > 0 {
		return list
	}
	return []string{spec}
}

// sourcesOf returns the sources of a spec: FILE, FILE:ARRAY, either of them with a pattern for
// FILE, or several by JoinSpecs. A file of the whole name wins over an array and over a pattern.
func sourcesOf(spec string) ([]source, error) {
	var list []source
	for _, word := range SplitSpec(spec) {
		found, err := sourcesOfWord(word)
		if err != nil {
			return nil, err
		}
		list = append(list, found...)
	}
	return list, nil
}

// sourcesOfWord is sourcesOf for one spec. A word that is neither a file nor a pattern stays as it is.
func sourcesOfWord(word string) ([]source, error) {
	if word == penguins || exists(word) {
		return []source{{path: word}}, nil
	}
	path, array := word, ""
	if i := strings.LastIndexByte(word, ':'); i > 0 && i < len(word)-1 {
		path, array = word[:i], word[i+1:]
		if exists(path) {
			return []source{{path, array}}, nil
		}
		if !strings.ContainsAny(path, "*?[") { // the colon is in the name
			path, array = word, ""
		}
	}
	if !strings.ContainsAny(path, "*?[") {
		return []source{{path: word}}, nil
	}
	names, err := filepath.Glob(path)
	if err != nil {
		return nil, fmt.Errorf("dataset: %s: a bad pattern: %w", word, err)
	}
	if names == nil {
		return nil, fmt.Errorf("dataset: %s: no file matches this pattern", word)
	}
	var list []source
	for _, name := range names {
		list = append(list, source{name, array})
	}
	return list, nil
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

// same reports whether two sources are the same array of the same file.
func (s source) same(other source) bool {
	if s.array != other.array || s.path == penguins || other.path == penguins {
		return s == other
	}
	a, errA := os.Stat(s.path)
	b, errB := os.Stat(other.path)
	return errA == nil && errB == nil && os.SameFile(a, b)
}

// decode reads the table of a source and sets the source's array. o.Key is the array for a source that names none.
func (s *source) decode(o store.Options) (store.Table, error) {
	if s.array != "" {
		o.Key = s.array
	}
	if s.path == penguins {
		return readPenguins()
	}
	key := o.Key
	t, err := store.ReadTable(s.path, o)
	switch {
	case err != nil:
		return store.Table{}, fmt.Errorf("%s: %w", s.path, err)
	case key != "" && !t.Keyed:
		return store.Table{}, fmt.Errorf("%s: array %s of a file without named arrays", s.path, shorten(key))
	}
	s.array = t.Key
	return t, nil
}
