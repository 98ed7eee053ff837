package main

import (
	"errors"
	"fmt"
	"reflect"
	"slices"
	"testing"

	"harmonium/rbm/train"
)

// changedValues differ from the defaults, by type of flag.
var changedValues = map[string]string{
	"int": "7", "uint64": "7", "float64": "0.75", "bool": "false", "INITIAL[,FINAL]": "0.5,0.75", "string": "dynamic",
}

// fieldsOfData are the fields that a run sets from flags of the data.
var fieldsOfData = []string{"Binarize", "Seed", "VisibleUnits"}

// TestConfigFlags: each field of a configuration has a flag that sets it, and each entry of configFlags has a field.
func TestConfigFlags(t *testing.T) {
	fields := reflect.TypeFor[train.Config]()
	for i := range fields.NumField() {
		name := fields.Field(i).Name
		f := &trainFlags{config: train.DefaultConfig()}
		flags := newTrainCommandOf(f).Flags()
		flag := flags.Lookup(configFlags[name])
		if flag == nil {
			t.Errorf("%s: there is no flag %q", name, configFlags[name])
			continue
		}
		before := reflect.ValueOf(f.config).Field(i).Interface()
		value := changedValues[flag.Value.Type()]
		if b, ok := before.(bool); ok {
			value = fmt.Sprint(!b)
		}
		if c, ok := flag.Value.(choice); ok {
			value = c.names[len(c.names)-1]
		}
		if err := flags.Set(flag.Name, value); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		after := reflect.ValueOf(f.config).Field(i).Interface()
		ofData := slices.Contains(fieldsOfData, name)
		if changed := after != before; changed == ofData {
			t.Errorf("%s: --%s changes it from %v to %v, want a change: %v", name, flag.Name, before, after, !ofData)
		}
	}
	for name := range configFlags {
		if _, ok := fields.FieldByName(name); !ok {
			t.Errorf("there is no field %s", name)
		}
	}
}

func TestConfigError(t *testing.T) {
	for want, err := range map[string]error{
		"--hidden 0, want at least 1": &train.FieldError{Field: "Hidden", Got: 0, Want: "at least 1"},
		"something else":              errors.New("something else"),
	} {
		got := configError(err)
		if got.Error() != want || !errors.As(got, new(usageError)) {
			t.Errorf("configError(%v) = %v of type %[2]T, want the usage error %q", err, got, want)
		}
	}
}
