package main

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/pflag"
)

// recipe is a set of flags of the train command with measured results. Settings that it does not name, such as
// --optimizer, --chains and --momentum, have their defaults.
type recipe struct{ name, flags string }

// recipes are the values of --recipe. Their results are in bench/likelihood.md.
var recipes = []recipe{
	{"mnist-quick", "--data mnist --binarize dynamic --hidden 500 --algorithm pcd -k 2 --batch-size 200 --updates 9000" +
		" --learning-rate 0.1 --schedule linear --hold 0.3 --l2 0.0001 --center=true --guard warn"},
	{"mnist-fast", "--data mnist --binarize dynamic --hidden 500 --algorithm pcd -k 2 --batch-size 200 --updates 22500" +
		" --learning-rate 0.1 --schedule linear --hold 0.3 --l2 0.0001 --center=true --guard warn"},
	{"mnist-best", "--data mnist --binarize dynamic --hidden 500 --algorithm pcd -k 10 --batch-size 200 --updates 300000" +
		" --learning-rate 0.1 --schedule linear --hold 0.3 --l2 0.0001 --center=true --guard warn"},
	{"features", "--data mnist --binarize dynamic --hidden 500 --algorithm cd -k 1 --batch-size 100 --updates 12000" +
		" --learning-rate 0.1 --schedule linear --hold 0.3 --l2 0.0001 --center=true --guard warn --sparsity 0.1 --sparsity-cost 1"},
	{"small-exact", "--data mnist --binarize threshold --hidden 16 --algorithm pcd -k 1 --batch-size 100 --updates 30000" +
		" --learning-rate 0.01 --schedule constant --l2 0 --center=true --guard warn"},
}

func recipeNames() []string {
	var names []string
	for _, r := range recipes {
		names = append(names, r.name)
	}
	return names
}

// cook sets the flags of a recipe that were not given beside it. It returns a line with the
// recipe, the flags that were given in place of its own, and a command that trains the same model
// without a recipe. A number of epochs takes the place of the recipe's updates.
func cook(name string, flags *pflag.FlagSet) (line string, err error) {
	at := slices.Index(recipeNames(), name)
	if at < 0 { // the flag itself takes no other text than a name
		return "", usagef("--recipe '', want %s", orList(recipeNames()))
	}
	own := newTrainCommand().Flags() // with the values of the recipe
	own.SortFlags = false
	if err := own.Parse(strings.Fields(recipes[at].flags)); err != nil {
		return "", err
	}
	command, changes := []string{"harmonium train"}, []string(nil)
	own.Visit(func(f *pflag.Flag) {
		given := flags.Lookup(f.Name)
		if f.Name == "updates" && flags.Changed("epochs") {
			changes = append(changes, fmt.Sprintf("%s (not %s)", written(flags.Lookup("epochs")), written(f)))
			return
		}
		if !given.Changed {
			err = errors.Join(err, flags.Set(f.Name, f.Value.String()))
		} else if written(given) != written(f) {
			changes = append(changes, fmt.Sprintf("%s (not %s)", written(given), f.Value))
		}
		command = append(command, written(given))
	})
	if err != nil {
		return "", err
	}
	unneeded := []string{"recipe", "seeds", "time-limit"} // in a command for the same model, as are flags of the output
	flags.Visit(func(f *pflag.Flag) {
		if !own.Changed(f.Name) && annotation(f, groupOf) != groupOutput && !slices.Contains(unneeded, f.Name) {
			command = append(command, written(f))
		}
	})
	line = "recipe " + name
	if changes != nil {
		line += " with " + strings.Join(changes, ", ")
	}
	return line + ": " + strings.Join(command, " "), nil
}

// written returns a flag with its value as they are written to a shell.
func written(f *pflag.Flag) string { return assigned(f, f.Value.String()) }
