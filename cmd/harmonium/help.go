package main

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

const (
	helpWidth     = 80 // columns
	flagIndent    = 26 // columns before the text of a flag
	commandIndent = 14 // and of a command
)

// setHelp makes root and its commands print their help in this file's format. The help of root
// lists the listed commands.
func setHelp(root *cobra.Command, listed []*cobra.Command) {
	root.SetHelpFunc(func(cmd *cobra.Command, _ []string) {
		var list []*cobra.Command
		if cmd == root {
			list = listed
		}
		fmt.Fprint(cmd.OutOrStdout(), helpText(cmd, list))
	})
}

// newHelpCommand returns the command that shows the help of another one.
func newHelpCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "help [COMMAND]",
		Short: "Show the help of a command",
		Example: `  harmonium help train
  harmonium train --help`,
		DisableFlagsInUseLine: true,
		ValidArgsFunction: func(cmd *cobra.Command, args []string, begun string) ([]string, cobra.ShellCompDirective) {
			if len(args) > 0 {
				return nil, cobra.ShellCompDirectiveNoFileComp
			}
			return withPrefix(commandNames(cmd.Root()), begun), cobra.ShellCompDirectiveNoFileComp
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			found, rest, err := cmd.Root().Find(args)
			if err != nil || len(rest) > 0 {
				return unknownCommand(cmd.Root(), args[0])
			}
			return found.Help()
		},
	}
}

// unknownCommand is the error of a command that does not exist.
func unknownCommand(root *cobra.Command, name string) error {
	hint := didYouMean(name, "", commandNames(root))
	if hint == "" {
		hint = "; harmonium --help lists the commands"
	}
	return usagef("unknown command %q%s", name, hint)
}

func commandNames(root *cobra.Command) []string {
	var names []string
	for _, c := range root.Commands() {
		if c.IsAvailableCommand() {
			names = append(names, c.Name())
		}
	}
	return names
}

// helpText returns what a command does, how to call it, examples, and its flags by group.
func helpText(cmd *cobra.Command, listed []*cobra.Command) string {
	var b strings.Builder
	about := cmd.Long
	if about == "" {
		about = cmd.Short + "."
	}
	b.WriteString(reflow(about))
	usage := cmd.UseLine()
	if listed != nil {
		usage = cmd.CommandPath() + " COMMAND [flags]"
	}
	fmt.Fprintf(&b, "\nUsage:\n  %s\n", usage)
	if listed != nil {
		b.WriteString("\nCommands:\n")
		for _, c := range listed {
			b.WriteString(entry(c.Name(), c.Short, commandIndent))
		}
	}
	if cmd.Example != "" {
		fmt.Fprintf(&b, "\nExamples:\n%s\n", strings.TrimRight(cmd.Example, "\n"))
	}
	for _, group := range groups {
		heading := "\n" + group + ":\n"
		for _, flag := range inOrder(cmd.Flags()) {
			if annotation(flag, groupOf) == group {
				b.WriteString(heading + entry(flagLabel(flag), flagText(flag), flagIndent))
				heading = ""
			}
		}
	}
	return b.String()
}

// inOrder returns the flags in the order in which they were added.
func inOrder(flags *pflag.FlagSet) []*pflag.Flag {
	var list []*pflag.Flag
	sorted := flags.SortFlags
	flags.SortFlags = false
	flags.VisitAll(func(flag *pflag.Flag) { list = append(list, flag) })
	flags.SortFlags = sorted
	return list
}

// flagLabel is a flag as one writes it: "-k, --gibbs-steps N".
func flagLabel(flag *pflag.Flag) string {
	label := "--" + flag.Name
	if flag.Shorthand != "" {
		label = "-" + flag.Shorthand + ", " + label
	}
	if placeholder := annotation(flag, placeholderOf); placeholder != "" {
		label += " " + placeholder
	}
	return label
}

// flagText is the usage text with the default behind it, unless the text names the default itself
// or the flag is a bool, which is off by default.
func flagText(flag *pflag.Flag) string {
	if strings.Contains(flag.Usage, "default: ") || flag.Value.Type() == "bool" {
		return flag.Usage
	}
	return fmt.Sprintf("%s (default: %s)", flag.Usage, flag.DefValue)
}

// entry is an item of a list: a label with its text to the right of it, from the column
// indent on, or below it if the label is long.
func entry(label, text string, indent int) string {
	next := "\n" + strings.Repeat(" ", indent)
	first := fmt.Sprintf("%-*s", indent, "  "+label)
	if len(label)+4 > indent { // two spaces before the label and two behind it
		first = "  " + label + next
	}
	return first + strings.Join(wrap(text, helpWidth-indent), next) + "\n"
}

// reflow fits paragraphs, which blank lines separate, into the width. Lines that begin with
// a space stay as they are.
func reflow(text string) string {
	var paragraphs []string
	for _, p := range strings.Split(strings.TrimSpace(text), "\n\n") {
		if !strings.HasPrefix(p, " ") {
			p = strings.Join(wrap(p, helpWidth), "\n")
		}
		paragraphs = append(paragraphs, p)
	}
	return strings.Join(paragraphs, "\n\n") + "\n"
}

// wrap breaks text into lines of at most width columns, unless a word is longer.
func wrap(text string, width int) []string {
	lines := []string{""}
	for _, word := range strings.Fields(text) {
		line := &lines[len(lines)-1]
		switch {
		case *line == "":
			*line = word
		case utf8.RuneCountInString(*line)+1+utf8.RuneCountInString(word) <= width:
			*line += " " + word
		default:
			lines = append(lines, word)
		}
	}
	return lines
}
