package main

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/pflag"

	"harmonium/rbm/train"
)

// flagOfField are the flags of the fields of a configuration, by their names in JSON, where the two
// names differ. Two fields share the flag of the momentum.
var flagOfField = map[string]string{
	"visible_units": "visible", "sparsity_target": "sparsity", "final_momentum": "",
}

// command returns the command that trains the same model. Flags with their default value are left
// out.
func (c runConfig) command() string {
	parts := []string{"harmonium train"}
	flags := newTrainCommandOf(&trainFlags{config: train.DefaultConfig()}).Flags()
	add := func(name, value string) {
		flag := flags.Lookup(name)
		if flag == nil || value == "" || value == flag.DefValue {
			return
		}
		parts = append(parts, assigned(flag, value))
	}
	add("data", c.Data["data"])
	for _, key := range slices.Sorted(maps.Keys(c.Data)) {
		if key != "data" && key != "seed" {
			add(strings.ReplaceAll(key, "_", "-"), c.Data[key])
		}
	}
	add("init", c.Init)
	fields, err := trainingFields(c.Training)
	if err != nil {
		return ""
	}
	fields["momentum"] = momentum{&c.Training.Momentum, &c.Training.FinalMomentum}.String()
	delete(fields, "binarize")
	var names []string
	values := map[string]string{}
	for field, value := range fields {
		name, renamed := flagOfField[field]
		if !renamed {
			name = strings.ReplaceAll(field, "_", "-")
		}
		if value == "0" && (name == "epochs" || name == "updates") {
			continue // the other one counts
		}
		names, values[name] = append(names, name), value
	}
	order := map[string]int{}
	flags.SortFlags = false
	flags.VisitAll(func(f *pflag.Flag) { order[f.Name] = len(order) })
	slices.SortFunc(names, func(a, b string) int { return cmp.Compare(order[a], order[b]) })
	for _, name := range names {
		add(name, values[name])
	}
	add("eval", c.Eval)
	add("online-every", strconv.Itoa(c.OnlineEvery))
	add("patience", strconv.Itoa(c.Patience))
	return strings.Join(parts, " ")
}

// assigned returns a flag with a value as a shell takes them.
func assigned(f *pflag.Flag, value string) string {
	if f.NoOptDefVal != "" {
		return fmt.Sprintf("--%s=%s", f.Name, shellWord(value))
	}
	return fmt.Sprintf("--%s %s", f.Name, shellWord(value))
}
