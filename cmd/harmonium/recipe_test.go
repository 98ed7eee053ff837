package main

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"

	"github.com/spf13/pflag"

	"harmonium/dataset"
	"harmonium/rbm/train"
)

// parsed returns the values and the set of flags of a train command after parsing args.
func parsed(t *testing.T, args string) (*trainFlags, *pflag.FlagSet) {
	t.Helper()
	f := &trainFlags{config: train.DefaultConfig()}
	flags := newTrainCommandOf(f).Flags()
	if err := flags.Parse(strings.Fields(args)); err != nil {
		t.Fatalf("%q: %v", args, err)
	}
	return f, flags
}

// cooked returns the flags of a recipe with other flags beside it, and the line about them.
func cooked(t *testing.T, name, beside string) (*trainFlags, string) {
	t.Helper()
	f, flags := parsed(t, beside)
	line, err := cook(name, flags)
	if err != nil {
		t.Fatalf("%s %s: %v", name, beside, err)
	}
	return f, line
}

// TestRecipesSayTheirFlags: the command that the line about a recipe prints has the settings of the recipe, alone and
// changed by flags beside it, and they are valid. The recipe mnist-quick is what the defaults are on MNIST, but for the
// guard.
func TestRecipesSayTheirFlags(t *testing.T) {
	for _, name := range recipeNames() {
		for _, beside := range []string{
			"", "--hidden 3 --seed 9 --center=false --momentum 0.5,0.9", "--epochs 2 --l2 0.5 --valid 0.1", "--binarize none",
		} {
			got, line := cooked(t, name, beside)
			_, command, ok := strings.Cut(line, ": harmonium train ")
			if !ok {
				t.Fatalf("%s %s: %q has no command", name, beside, line)
			}
			if want, _ := parsed(t, command); !reflect.DeepEqual(got, want) {
				t.Errorf("%s %s: it is %+v, its line %+v", name, beside, got, want)
			}
			got.config.Binarize, got.config.Seed = got.data.binarize, got.data.seed // as begin sets them
			if err := got.config.Validate(); err != nil {
				t.Errorf("%s %s: %v", name, beside, err)
			}
		}
	}
	quick, _ := cooked(t, "mnist-quick", "")
	plain, _ := parsed(t, "")
	quick.data.binarize = "" // the default is dynamic for grey data
	quick.config.Guard = plain.config.Guard
	mnist := &dataset.Rows{N: 60000, V: 784}
	quick.config, _ = quick.config.Resolve(mnist)
	plain.config, _ = plain.config.Resolve(mnist)
	if !reflect.DeepEqual(quick, plain) {
		t.Errorf("mnist-quick is %+v, the default %+v", quick, plain)
	}
}

// TestRecipeShowsChanges: the line about a recipe names the settings that other flags change, but not flags of the
// output, and the command in it quotes words for a shell.
func TestRecipeShowsChanges(t *testing.T) {
	const own = "--data mnist --binarize threshold --hidden 16 --algorithm pcd -k 1 --batch-size 100 "
	const rest = " --learning-rate 0.01 --schedule constant --l2 0 --center=true --guard warn"
	for _, c := range []struct{ beside, want string }{
		{"", "recipe small-exact: harmonium train " + own + "--updates 30000" + rest},
		{"--hidden 16", "recipe small-exact: harmonium train " + own + "--updates 30000" + rest},
		{"-k 3 --seed 4", "recipe small-exact with -k 3 (not 1): harmonium train " +
			strings.Replace(own, "-k 1", "-k 3", 1) + "--updates 30000" + rest + " --seed 4"},
		{"--epochs 7 --force --out x --json --no-rows --tensorboard", "recipe small-exact with --epochs 7 (not --updates 30000): harmonium train " +
			strings.TrimSpace(own) + rest + " --epochs 7"},
	} {
		if _, got := cooked(t, "small-exact", c.beside); got != c.want {
			t.Errorf("%q: got\n%s\nwant\n%s", c.beside, got, c.want)
		}
	}
	f := newTrainCommand().Flags()
	if err := f.Set("data", "my rows' file.csv"); err != nil {
		t.Fatal(err)
	}
	if got, want := written(f.Lookup("data")), `--data 'my rows'\'' file.csv'`; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

// TestRecipeIsItsFlags: a run by a recipe and a run by the command that it prints have the same results and settings.
func TestRecipeIsItsFlags(t *testing.T) {
	slow(t)
	t.Chdir(t.TempDir())
	for _, name := range recipeNames() {
		out := mustRun(t, "train", "--recipe", name, "--data", "bars-and-stripes:3", "--hidden", "5", "--epochs", "4",
			"--seed", "3", "--out", name)
		_, command, ok := strings.Cut(out, "harmonium train ")
		if !ok {
			t.Fatalf("%s: no command in\n%s", name, out)
		}
		command, _, _ = strings.Cut(command, "\n")
		mustRun(t, append(append([]string{"train"}, strings.Fields(command)...), "--out", name+" by its flags")...)
		wantSameRun(t, name+" by its flags", name)
		var configs [2]runConfig
		for i, folder := range []string{name, name + " by its flags"} {
			if err := json.Unmarshal(readBytes(t, folder+"/"+fileConfig), &configs[i]); err != nil {
				t.Fatal(err)
			}
		}
		if configs[0].Training != configs[1].Training {
			t.Errorf("%s: config %+v, by its flags %+v", name, configs[0].Training, configs[1].Training)
		}
	}
}
