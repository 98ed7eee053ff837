package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"runtime"
	"slices"
	"strings"

	"harmonium/rbm/report"
	"harmonium/rbm/train"
)

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

// readRun reads the records, the settings and the long estimate of log Z of a run folder, as far as
// they are there.
func readRun(folder runFolder) (*report.Run, error) {
	r := &report.Run{State: folder.state(), History: &report.History{}}
	found := false
	file, err := os.Open(folder.file(fileMetrics))
	if err == nil {
		found = true
		r.History, err = report.ReadHistory(file)
		file.Close()
	}
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	if last := r.History.Last(); last != nil {
		r.Spent = folder.spent(last.Update)
	}
	content, err := os.ReadFile(folder.file(fileReport))
	if err == nil {
		found = true
		if r.LogZ, err = report.ReadAnnealing(content); err != nil {
			return nil, fmt.Errorf("%s: %w", folder.file(fileReport), err)
		}
	} else if !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	known, err := readSettings(folder, r)
	if err != nil {
		return nil, err
	}
	if !found && !known {
		return nil, fmt.Errorf("%s: no %s, %s or %s in it, want a run folder", folder, fileMetrics, fileConfig, fileReport)
	}
	if !known && !exists(folder.file(fileMetrics)) { // a folder of eval --report, which is in no state of a run
		r.State = "an evaluation"
	}
	return r, nil
}

// readSettings adds the command and the settings of config.json to r, and reports whether there is such a file.
func readSettings(folder runFolder, r *report.Run) (found bool, err error) {
	content, err := os.ReadFile(folder.file(fileConfig))
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	var c runConfig
	if err := json.Unmarshal(content, &c); err != nil {
		return false, fmt.Errorf("%s: %w", folder.file(fileConfig), err)
	}
	r.Command = c.command()
	r.Facts, err = c.facts()
	if err != nil {
		return false, err
	}
	if checkpoint, err := train.LoadCheckpoint(folder.file(fileCheckpoint)); err == nil {
		r.Facts = append(r.Facts, report.Fact{Name: "SHA-256 of the training rows", Value: checkpoint.DataSum()})
	}
	return true, nil
}

// facts lists the settings of a run.
func (c runConfig) facts() ([]report.Fact, error) {
	facts := []report.Fact{{Name: "version", Value: c.Version}, {Name: "device", Value: c.Device},
		{Name: "page written on", Value: fmt.Sprintf("%s/%s, %d processors", runtime.GOOS, runtime.GOARCH, runtime.NumCPU())},
		{Name: "model", Value: c.Model}}
	for _, key := range slices.Sorted(maps.Keys(c.Data)) {
		facts = append(facts, report.Fact{Name: key, Value: c.Data[key]})
	}
	fields, err := trainingFields(c.Training)
	if err != nil {
		return nil, err
	}
	for _, key := range slices.Sorted(maps.Keys(fields)) {
		if _, known := c.Data[key]; !known {
			facts = append(facts, report.Fact{Name: strings.ReplaceAll(key, "_", " "), Value: fields[key]})
		}
	}
	for _, choice := range c.Chosen {
		facts = append(facts, report.Fact{Name: "why " + strings.ReplaceAll(choice.Setting, "_", " ") + " " + fmt.Sprint(choice.Value), Value: choice.Reason})
	}
	return facts, nil
}

// trainingFields returns the fields of a configuration as text, by their names in JSON. Strings have no quotes.
func trainingFields(c train.Config) (map[string]string, error) {
	content, err := json.Marshal(c)
	if err != nil {
		return nil, err
	}
	var raw map[string]json.RawMessage
	if err := json.Unmarshal(content, &raw); err != nil {
		return nil, err
	}
	fields := map[string]string{}
	for key, value := range raw {
		if text := ""; json.Unmarshal(value, &text) == nil {
			fields[key] = text
		} else {
			fields[key] = string(value)
		}
	}
	return fields, nil
}
