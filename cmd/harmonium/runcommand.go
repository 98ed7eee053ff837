package main

import (
	"strings"

	"github.com/spf13/pflag"
)

// command returns the command that trains the same model. Flags with their default value are left
// out.
func (c runConfig) command() string {
	flags := newTrainCommand().Flags()
	values := c.flags(flags)
	if c.Training.VisibleUnits == "" || c.Schema != nil {
		delete(values, "visible") // the data choose the kinds again
	}
	parts := []string{"harmonium train"}
	for _, flag := range inOrder(flags) {
		if value := values[flag.Name]; value != "" && value != flag.DefValue {
			parts = append(parts, assigned(flag, value))
		}
	}
	return strings.Join(parts, " ")
}

// assigned returns a flag with a value as they are written to a shell.
func assigned(f *pflag.Flag, value string) string {
	value = shellWord(value)
	switch {
	case f.NoOptDefVal != "":
		return "--" + f.Name + "=" + value
	case f.Shorthand != "":
		return "-" + f.Shorthand + " " + value
	}
	return "--" + f.Name + " " + value
}
