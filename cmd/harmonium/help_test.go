package main

import (
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"harmonium/rbm/train"
)

// helped returns the help of the root and of each of its commands. It fails the test if "help COMMAND" prints another
// one than "COMMAND --help".
func helped(t *testing.T) map[*cobra.Command]string {
	t.Helper()
	root := newRootCommand()
	texts := map[*cobra.Command]string{root: mustRun(t, "--help")}
	for _, cmd := range root.Commands() {
		texts[cmd] = mustRun(t, cmd.Name(), "--help")
		if got := mustRun(t, "help", cmd.Name()); got != texts[cmd] {
			t.Errorf("help %s prints\n%s\nwant\n%s", cmd.Name(), got, texts[cmd])
		}
	}
	return texts
}

// TestHelpFits: each help has a usage line, examples and all flags of its command, in lines that fit.
func TestHelpFits(t *testing.T) {
	for cmd, text := range helped(t) {
		for _, part := range []string{"\nUsage:\n  harmonium", "\nExamples:\n  "} {
			if !strings.Contains(text, part) {
				t.Errorf("the help of %s has no %q:\n%s", cmd.Name(), part, text)
			}
		}
		for line := range strings.Lines(text) {
			line = strings.TrimSuffix(line, "\n")
			if n := utf8.RuneCountInString(line); n > helpWidth || strings.HasSuffix(line, " ") || strings.Contains(line, "\t") {
				t.Errorf("the help of %s has a line of %d columns, want at most %d, without tabs and spaces at the end:\n%s", cmd.Name(),
					n, helpWidth, line)
			}
		}
		cmd.Flags().VisitAll(func(flag *pflag.Flag) {
			if !strings.Contains(text, "\n  "+flagLabel(flag)) {
				t.Errorf("the help of %s has no %s:\n%s", cmd.Name(), flagLabel(flag), text)
			}
		})
	}
}

// TestFlagTexts: a usage text names the default of its flag and all the values that it takes,
// and not the placeholder.
func TestFlagTexts(t *testing.T) {
	for cmd := range helped(t) {
		cmd.Flags().VisitAll(func(flag *pflag.Flag) {
			text, placeholder := flagText(flag), annotation(flag, placeholderOf)
			if flag.Value.Type() != "bool" && (strings.Count(text, "default: ") != 1 || strings.HasSuffix(text, "default: )")) {
				t.Errorf("%s --%s: %q, want it to name the default once", cmd.Name(), flag.Name, text)
			}
			// A placeholder of one letter, N or X, may be a letter of a word.
			if len(placeholder) > 1 && strings.Contains(text, placeholder) || strings.Contains(text, "`") {
				t.Errorf("%s --%s: %q has the placeholder %s in it", cmd.Name(), flag.Name, text, placeholder)
			}
			if c, ok := flag.Value.(choice); ok {
				for _, name := range c.names {
					if !strings.Contains(text, name) {
						t.Errorf("%s --%s: %q, want it to name %s", cmd.Name(), flag.Name, text, name)
					}
				}
			}
		})
	}
}

// TestExamples: the flags of every example exist and take the values given. An example calls the command whose help it
// stands in, except that the root and the command help show other commands too.
func TestExamples(t *testing.T) {
	for cmd := range helped(t) {
		for line := range strings.Lines(cmd.Example) {
			args := strings.Fields(line)
			if args[0] == "source" { // a command of the shell
				continue
			}
			called, rest, err := newRootCommand().Find(args[1:])
			if err == nil {
				err = called.ParseFlags(rest)
			}
			if args[0] != "harmonium" || err != nil {
				t.Errorf("example %q of %s: %v", line, cmd.Name(), err)
				continue
			}
			showsOthers := !cmd.HasParent() || cmd.Name() == "help"
			if called.Name() != cmd.Name() && !showsOthers {
				t.Errorf("example %q of %s calls %s", line, cmd.Name(), called.Name())
			}
		}
	}
}

// TestChoices: a training configuration takes the values that the flags offer for its fields.
func TestChoices(t *testing.T) {
	for name, flag := range configFlags {
		c, ok := newTrainCommand().Flags().Lookup(flag).Value.(choice)
		if !ok {
			continue
		}
		for _, value := range c.names {
			f := &trainFlags{config: train.DefaultConfig()}
			if err := newTrainCommandOf(f).Flags().Set(flag, value); err != nil {
				t.Error(err)
			}
			if err, ok := f.config.Validate().(*train.FieldError); ok && err.Field == name {
				t.Errorf("--%s %s: %v", flag, value, err)
			}
		}
	}
}

// TestCompletion: the shell offers commands, flags, and the values of flags. The last line is a directive of cobra:
// 0 adds files, 16 adds folders, and 4 adds neither.
func TestCompletion(t *testing.T) {
	for _, c := range []struct {
		args []string
		want string
	}{
		{[]string{"tr"}, "train\t"},
		{[]string{"help", "ev"}, "eval\n"},
		{[]string{"train", "--hid"},
			"--hidden\tnumber of hidden units (default: twice the columns, at most the rows, from 16 to 500)\n"},
		{[]string{"train", "--algorithm", ""}, "auto\npcd\ncd\nfpcd\npt\nptt\n:4\n"},
		{[]string{"train", "--recipe", "mn"}, "mnist-quick\nmnist-fast\nmnist-best\n:4\n"},
		{[]string{"train", "--data", "m"}, "mnist\n:0\n"},
		{[]string{"train", "--data", "x"}, ":0\n"},
		{[]string{"train", "--out", ""}, ":16\n"},
		{[]string{"train", "--hidden", ""}, ":4\n"},
		{[]string{"train", ""}, ":4\n"},
		{[]string{"eval", "--betas", ""}, "default\nauto\n:4\n"},
		{[]string{"eval", ""}, ":0\n"},
		{[]string{"sample", "--split", "t"}, "train\ntest\n:4\n"},
		{[]string{"completion", "f"}, "fish\n:4\n"},
	} {
		got := mustRun(t, append([]string{"__complete"}, c.args...)...)
		if !strings.HasPrefix(got, c.want) {
			t.Errorf("%q completes to %q, want %q", c.args, got, c.want)
		}
	}
	for _, shell := range shells {
		script := mustRun(t, "completion", shell)
		if !strings.Contains(script, "harmonium") || !strings.Contains(script, "__complete") {
			t.Errorf("completion %s: no script:\n%s", shell, script)
		}
		if script := mustRun(t, "completion", shell, "--no-descriptions"); !strings.Contains(script, "__completeNoDesc") {
			t.Errorf("completion %s --no-descriptions: descriptions in\n%s", shell, script)
		}
	}
}

func TestWrap(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{"", ""}, {"one", "one"}, {"one two", "one two"}, {"one two three", "one two|three"},
		{"σσσ ᵀᵀᵀ x", "σσσ ᵀᵀᵀ|x"}, // characters count, not bytes
		{"abcdefghij k", "abcdefghij|k"},
	} {
		if got := strings.Join(wrap(c.text, 7), "|"); got != c.want {
			t.Errorf("wrap(%q, 7) = %q, want %q", c.text, got, c.want)
		}
	}
}
