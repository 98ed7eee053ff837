package main

import (
	"errors"
	"strings"

	"github.com/spf13/pflag"

	"harmonium/dataset"
)

// specs is the value of a flag that may be repeated, for the rows of several files one after
// another.
type specs struct {
	spec  *string   // the default, and then all that are given
	given *[]string // empty until the first replaces the default
}

// addSpecs adds a flag of files, with a default.
func addSpecs(flags *pflag.FlagSet, p *string, name, value, usage string) {
	*p = value
	flags.Var(specs{p, new([]string)}, name, usage)
}

func (s specs) Type() string { return "string" }

func (s specs) String() string {
	if s.spec == nil { // pflag calls String on a zero value
		return ""
	}
	return *s.spec
}

func (s specs) Set(spec string) error {
	*s.given = append(*s.given, dataset.SplitSpec(spec)...)
	*s.spec = dataset.JoinSpecs(*s.given...)
	return nil
}

// commaList is the value of a flag that takes a list with commas. A repeated flag extends the list.
type commaList struct{ list *string }

func (c commaList) Type() string { return "LIST" }

func (c commaList) String() string {
	if c.list == nil {
		return ""
	}
	return *c.list
}

func (c commaList) Set(list string) error {
	if list == "" {
		return errors.New("columns") // what is wanted: flagError adds the flag
	}
	*c.list = strings.TrimPrefix(*c.list+","+list, ",")
	return nil
}

// conditions is the value of a flag that may be repeated. All of the conditions hold.
type conditions struct{ list *[]string }

func (c conditions) Type() string { return "string" }

func (c conditions) String() string {
	if c.list == nil {
		return ""
	}
	return dataset.JoinSpecs(*c.list...)
}

func (c conditions) Set(condition string) error {
	*c.list = append(*c.list, dataset.SplitSpec(condition)...)
	return nil
}

// once is the value of a flag that must not be repeated.
type once struct {
	pflag.Value
	set bool
}

// repeatedError is the error of a second value for a flag that takes one.
type repeatedError struct{ first string }

// Error says what is wanted, as flagError needs it.
func (e *repeatedError) Error() string { return "one value, and " + e.first + " is given before" }

// takeOnce makes the named flags refuse a second value, which would replace the first.
func takeOnce(flags *pflag.FlagSet, names ...string) {
	for _, name := range names {
		flag := flags.Lookup(name)
		flag.Value = &once{Value: flag.Value}
	}
}

func (o *once) Set(s string) error {
	if o.set {
		return &repeatedError{o.String()}
	}
	o.set = true
	return o.Value.Set(s)
}
