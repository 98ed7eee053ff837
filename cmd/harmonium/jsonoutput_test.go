package main

import (
	"bytes"
	"maps"
	"os"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"harmonium/rbm/train"
)

// jsonObjects are the objects that the commands print by --json.
var jsonObjects = map[string]any{
	"train": trainResult{}, "eval": likelihoodReport{}, "score": scoreSummary{}, "impute": imputeSummary{},
	"classify": classifySummary{}, "sample": sampleSummary{}, "features": featuresSummary{}, "convert": convertSummary{},
	"inspect": inspection{}, "compare": comparison{}, "data": description{}, "doctor": diagnosis{}, "version": build{},
	"curve": curvesSummary{}, "report": pageSummary{}, "completion": completionScript{}, "watch": watchSummary{},
}

// keysOf returns the keys of a type's JSON, as json.md writes them.
func keysOf(t reflect.Type, path string) []string {
	switch t.Kind() {
	case reflect.Pointer:
		return keysOf(t.Elem(), path)
	case reflect.Slice, reflect.Array:
		if e := t.Elem(); e.Kind() == reflect.Struct || e.Kind() == reflect.Pointer {
			return keysOf(e, path+"[]")
		}
	case reflect.Map:
		return append(keysOf(t.Elem(), path+"{}"), path+"{}")
	case reflect.Struct:
		if t == reflect.TypeFor[train.Config]() { // json.md refers to the names of config.json
			return nil
		}
		var keys []string
		for _, f := range reflect.VisibleFields(t) {
			name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
			if len(f.Index) > 1 || !f.IsExported() && !f.Anonymous {
				continue
			}
			if f.Anonymous {
				keys = append(keys, keysOf(f.Type, path)...)
				continue
			}
			key := strings.TrimPrefix(path+"."+name, ".")
			keys = append(append(keys, key), keysOf(f.Type, key)...)
		}
		return keys
	}
	return nil
}

// TestJSONKeys: json.md has the keys of each command that has --json, and no others.
func TestJSONKeys(t *testing.T) {
	content, err := os.ReadFile("json.md")
	if err != nil {
		t.Fatal(err)
	}
	code := regexp.MustCompile("`([^`]+)`")
	documented := map[string]map[string]bool{}
	for _, section := range strings.Split(string(content), "\n## ")[1:] {
		name, text, _ := strings.Cut(section, "\n")
		documented[name] = map[string]bool{}
		for line := range strings.Lines(text) {
			if cells := strings.Split(line, "|"); len(cells) > 2 {
				for _, match := range code.FindAllStringSubmatch(cells[1], -1) {
					documented[name][match[1]] = true
				}
			}
		}
	}
	for _, key := range keysOf(reflect.TypeFor[evaluation](), "") {
		documented["eval"][key] = true // "the keys of an evaluation"
	}
	for _, command := range newRootCommand().Commands() {
		if name := command.Name(); command.Flags().Lookup("json") == nil && name != "help" {
			t.Errorf("%s has no --json", name)
		}
		if name := command.Name(); command.Flags().Lookup("json") != nil && jsonObjects[name] == nil {
			t.Errorf("%s --json is not in the test", name)
		}
	}
	for name, value := range jsonObjects {
		keys := map[string]bool{}
		for _, key := range keysOf(reflect.TypeOf(value), "") {
			keys[key] = true
		}
		got, want := slices.Sorted(maps.Keys(keys)), slices.Sorted(maps.Keys(documented[name]))
		if !slices.Equal(got, want) {
			t.Errorf("%s:\nhas        %q\ndocumented %q", name, got, want)
		}
	}
}

// TestWriteObject puts the version first.
func TestWriteObject(t *testing.T) {
	for want, value := range map[string]any{
		`{"json_version":1,"a":2}` + "\n": map[string]int{"a": 2}, `{"json_version":1}` + "\n": struct{}{},
	} {
		var b bytes.Buffer
		if err := writeObject(&b, value); err != nil || b.String() != want {
			t.Errorf("%v: %q (%v), want %q", value, b.String(), err, want)
		}
	}
	if err := writeObject(&bytes.Buffer{}, []int{1}); err == nil {
		t.Error("a list is no error")
	}
}
