package main

import (
	"errors"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// The headings of flags in a help text, in their order.
const (
	groupData       = "Data"
	groupModel      = "Model"
	groupTraining   = "Training"
	groupChains     = "Chains"
	groupEvaluation = "Evaluation"
	groupOutput     = "Output"
	groupDevice     = "Device"
	groupOther      = "Other"
)

var groups = []string{groupData, groupModel, groupTraining, groupChains, groupEvaluation, groupOutput, groupDevice, groupOther}

// The annotations of a flag.
const (
	groupOf       = "harmonium_group"
	placeholderOf = "harmonium_placeholder" // stands for the value in the help
	valuesOf      = "harmonium_values"      // values that a shell offers
)

// addGroup adds flags to a command under a heading of its help. A usage text may begin with
// the placeholder of its value in backquotes.
func addGroup(cmd *cobra.Command, heading string, add func(*pflag.FlagSet)) {
	set := pflag.NewFlagSet(heading, pflag.ContinueOnError)
	set.SortFlags = false
	add(set)
	set.VisitAll(func(flag *pflag.Flag) {
		annotate(flag, groupOf, heading)
		placeholder := placeholders[flag.Value.Type()]
		if text, ok := strings.CutPrefix(flag.Usage, "`"); ok {
			placeholder, flag.Usage, _ = strings.Cut(text, "` ")
		}
		annotate(flag, placeholderOf, placeholder)
	})
	cmd.Flags().AddFlagSet(set)
	set.VisitAll(func(flag *pflag.Flag) { complete(cmd, flag) })
}

// placeholders stand for values by their types, where the usage text names no other one.
var placeholders = map[string]string{"int": "N", "uint64": "N", "float64": "X", "duration": "DURATION", "string": "NAME"}

func annotate(flag *pflag.Flag, key string, values ...string) {
	if flag.Annotations == nil {
		flag.Annotations = map[string][]string{}
	}
	flag.Annotations[key] = values
}

// annotation returns the first value of an annotation, or "".
func annotation(flag *pflag.Flag, key string) string {
	if values := flag.Annotations[key]; len(values) > 0 {
		return values[0]
	}
	return ""
}

// complete tells the shell what values the flag takes: the listed ones, files, or folders.
// For the rest it offers nothing.
func complete(cmd *cobra.Command, flag *pflag.Flag) {
	directive := cobra.ShellCompDirectiveNoFileComp
	switch annotation(flag, placeholderOf) {
	case "FILE", "DATA", "FRACTION|FILE", "FOLDER|FILE", "COLUMN|FILE:ARRAY":
		directive = cobra.ShellCompDirectiveDefault
	case "FOLDER":
		directive = cobra.ShellCompDirectiveFilterDirs
	}
	offer := func(_ *cobra.Command, _ []string, begun string) ([]string, cobra.ShellCompDirective) {
		return withPrefix(flag.Annotations[valuesOf], begun), directive
	}
	cobra.CheckErr(cmd.RegisterFlagCompletionFunc(flag.Name, offer))
}

// withPrefix returns the words that begin with a prefix.
func withPrefix(words []string, prefix string) []string {
	var found []string
	for _, word := range words {
		if strings.HasPrefix(word, prefix) {
			found = append(found, word)
		}
	}
	return found
}

// suggestValues names the values that a shell offers for a flag.
func suggestValues(flags *pflag.FlagSet, name string, values ...string) {
	annotate(flags.Lookup(name), valuesOf, values...)
}

// oneOf adds a flag that takes one of the named values.
func oneOf(flags *pflag.FlagSet, p *string, name, value, usage string, names ...string) {
	*p = value
	flags.Var(choice{p, names}, name, usage)
	suggestValues(flags, name, names...)
}

// choice is the value of a flag that takes one of some names.
type choice struct {
	value *string
	names []string
}

func (c choice) Type() string   { return "string" }
func (c choice) String() string { return *c.value }

// Set returns an error that says what is wanted: flagError adds the flag and the value.
func (c choice) Set(s string) error {
	if !slices.Contains(c.names, s) {
		return errors.New(orList(c.names) + didYouMean(s, "", c.names))
	}
	*c.value = s
	return nil
}
