package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/pflag"

	"harmonium/engine"
)

// takeConfig sets the flags that were not given from the file of --config: a config.json that a run
// wrote, or the run folder that holds it. It does so once.
func (f *trainFlags) takeConfig(flags *pflag.FlagSet) error {
	if f.configTaken {
		return nil
	}
	f.configTaken = true
	path := f.configFile
	if info, err := os.Stat(path); err == nil && info.IsDir() {
		path = runFolder(path).file(fileConfig)
	}
	content, err := os.ReadFile(path)
	if err != nil {
		return fmt.Errorf("--config: %w", err)
	}
	var c runConfig
	decoder := json.NewDecoder(strings.NewReader(string(content)))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&c); err != nil {
		return fmt.Errorf("--config %s: %s, want a %s as a run writes it", path, strings.TrimPrefix(err.Error(), "json: "), fileConfig)
	}
	if decoder.Decode(new(any)) != io.EOF {
		return fmt.Errorf("--config %s: text behind the object, want a %s as a run writes it", path, fileConfig)
	}
	values := c.flags(flags)
	if c.Schema != nil {
		f.keepSchema(&c, flags, values)
	}
	if flags.Changed("data") { // the array and the files of other parts and labels belong to the data of the configuration
		delete(values, "key")
		for _, part := range []string{"test", "valid"} {
			if !isFraction(values[part]) {
				delete(values, part)
			}
		}
		if isSource(values["label"]) {
			delete(values, "label")
		}
	}
	if flags.Changed("epochs") || flags.Changed("updates") { // one of them is the whole length of the run
		delete(values, "epochs")
		delete(values, "updates")
	}
	for _, name := range slices.Sorted(maps.Keys(values)) { // in one order, so that one of several errors is always the same
		value := values[name]
		flag := flags.Lookup(name)
		if flag == nil || flag.Changed { // fingerprints, for example, have no flag
			continue
		}
		if err := flags.Set(name, value); err != nil {
			want := err.Error()
			if invalid := (*pflag.InvalidValueError)(nil); errors.As(err, &invalid) {
				want = wanted(invalid)
			}
			return fmt.Errorf("--config %s: %s %s: want %s", path, name, shellWord(value), want)
		}
	}
	return nil
}

// keepSchema takes the schema of a configuration in place of the flags that made it. If flags say what the columns stand
// for, it takes neither the schema nor the visible units, which were the schema's.
func (f *trainFlags) keepSchema(c *runConfig, flags *pflag.FlagSet, values map[string]string) {
	making := []string{"schema", "bins", "label-units"}
	if slices.ContainsFunc(append(making, "visible"), flags.Changed) {
		delete(values, "visible")
		return
	}
	f.data.table.known = c.Schema.Text()
	for _, name := range making {
		delete(values, name)
	}
}

// flags returns the values of the flags that do what the configuration describes. A flag is left out for
// an empty text, and for a 0 that is its default.
func (c *runConfig) flags(flags *pflag.FlagSet) map[string]string {
	values := map[string]string{}
	for key, value := range c.Data {
		values[strings.ReplaceAll(key, "_", "-")] = value
	}
	fields := reflect.ValueOf(c.Training)
	for i := range fields.NumField() {
		name := fields.Type().Field(i).Name
		value, flag := fields.Field(i), flags.Lookup(configFlags[name])
		if flag == nil || value.IsZero() && (value.Kind() == reflect.String || flag.DefValue == "0") {
			continue
		}
		values[flag.Name] = fmt.Sprint(value.Interface())
	}
	t := c.Training // the flags below stand for two fields, or have another default than the field
	values["momentum"] = momentum{&t.Momentum, &t.FinalMomentum}.String()
	if t.Guard == "" {
		values["guard"] = "off"
	}
	if t.VisibleUnits == "" { // without the flag, the data would choose
		values["visible"] = engine.Kind(0).String()
	}
	for name, text := range map[string]string{"eval": c.Eval, keyInit: c.Init} {
		if text != "" {
			values[name] = text
		}
	}
	if c.Data[keyInitStack] != "" { // c.Training is about rows of hidden units below, the flags are about the data
		delete(values, "visible")
		values["binarize"] = c.Data["binarize"] // which c.Training has replaced
	}
	for name, n := range map[string]int{"checkpoint-every": c.CheckpointEvery, "online-every": c.OnlineEvery,
		"patience": c.Patience} {
		if n != 0 {
			values[name] = strconv.Itoa(n)
		}
	}
	return values
}
