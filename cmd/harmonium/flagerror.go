package main

import (
	"errors"
	"regexp"
	"strconv"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"harmonium/memory"
	"harmonium/rbm/train"
)

// configFlags are the flags that set the fields of a training configuration.
var configFlags = map[string]string{
	"Hidden":           "hidden",
	"Lateral":          "lateral",
	"Algorithm":        "algorithm",
	"Guard":            "guard",
	"GibbsSteps":       "gibbs-steps",
	"Chains":           "chains",
	"VisibleUnits":     "visible",
	"HiddenUnits":      "hidden-units",
	"Temperatures":     "temperatures",
	"BatchSize":        "batch-size",
	"Epochs":           "epochs",
	"Updates":          "updates",
	"BlockRows":        "block-rows",
	"Shards":           "shards",
	"MissingSteps":     "missing-steps",
	"Sigma":            "sigma",
	"InitialDeviation": "initial-deviation",
	"Optimizer":        "optimizer",
	"LearningRate":     "learning-rate",
	"Schedule":         "schedule",
	"Hold":             "hold",
	"FastRate":         "fast-rate",
	"Momentum":         "momentum",
	"FinalMomentum":    "momentum",
	"MomentumEpochs":   "momentum-epochs",
	"L1":               "l1",
	"L2":               "l2",
	"L1b":              "l1b",
	"GroupLasso":       "group-lasso",
	"LassoGroups":      "lasso-groups",
	"BiasL2":           "bias-l2",
	"Gauge":            "gauge",
	"Center":           "center",
	"SparsityTarget":   "sparsity",
	"SparsityCost":     "sparsity-cost",
	"Binarize":         "binarize",
	"Seed":             "seed",
}

// configError names the flag of an invalid field. Other errors of a configuration are mistakes in the call as well,
// except a lack of memory.
func configError(err error) error {
	var field *train.FieldError
	if errors.As(err, new(*memory.Error)) {
		return err
	}
	if errors.As(err, new(*train.DeviationError)) {
		return usagef("%w; --schema auto, or --visible with one kind for all columns, standardises them", err)
	}
	if !errors.As(err, &field) {
		return usageError{err}
	}
	return usagef("--%s %v, want %s", configFlags[field.Field], field.Got, field.Want)
}

// flagError says in plain words what is wrong with a flag that could not be parsed.
func flagError(cmd *cobra.Command, err error) error {
	var unknown *pflag.NotExistError
	if errors.As(err, &unknown) && unknown.GetSpecifiedShortnames() == "" {
		return usagef("%w%s", err, flagHint(cmd, unknown.GetSpecifiedName()))
	}
	var invalid *pflag.InvalidValueError
	if !errors.As(err, &invalid) {
		return usageError{err}
	}
	return usagef("--%s %s, want %s", invalid.GetFlag().Name, shellWord(invalid.GetValue()), wanted(invalid))
}

// wanted says in plain words what a flag takes, given the error of another value.
func wanted(invalid *pflag.InvalidValueError) string {
	kind, want := invalid.GetFlag().Value.Type(), invalid.Unwrap().Error()
	if repeated := (*repeatedError)(nil); errors.As(invalid, &repeated) {
		kind = "" // its own text says what is wanted
	}
	switch kind {
	case "int":
		want = "a whole number"
	case "uint64":
		want = "a whole number of at least 0"
	case "float64":
		want = "a number"
	case "bool":
		want = "true or false"
	case "duration":
		want = "a duration such as 90s or 5m"
	}
	if errors.Is(invalid, strconv.ErrRange) {
		want += " of 64 bits"
	}
	return want
}

// flagHint names the flags that a mistyped one may stand for, or where all are listed.
func flagHint(cmd *cobra.Command, name string) string {
	var names []string
	for _, flag := range inOrder(cmd.Flags()) {
		names = append(names, flag.Name)
	}
	if hint := didYouMean(name, "--", names); hint != "" {
		return hint
	}
	return "; " + cmd.CommandPath() + " --help lists the flags"
}

// plainWord matches words that a shell takes literally.
var plainWord = regexp.MustCompile(`^[\w.,:=/@%+-]+$`)

// shellWord returns a word as a shell takes it, in quotes if it needs them.
func shellWord(s string) string {
	if plainWord.MatchString(s) {
		return s
	}
	return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'"
}
