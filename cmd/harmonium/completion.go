package main

import (
	"io"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

var shells = []string{"bash", "zsh", "fish", "powershell"}

func newCompletionCommand() *cobra.Command {
	var plain, asJSON bool // plain: without descriptions
	cmd := &cobra.Command{
		Use:   "completion SHELL",
		Short: "Print a script by which a shell completes what you type",
		Long: `Print a script that makes a shell complete commands, flags and the values of flags.

SHELL is bash, zsh, fish or powershell. source, as in the example of bash, loads the script
into the shell that is running. Where the other two examples put it, shells that start later
find it. Bash needs the package bash-completion.`,
		Example: `  source <(harmonium completion bash)
  harmonium completion zsh > "${fpath[1]}/_harmonium"
  harmonium completion fish > ~/.config/fish/completions/harmonium.fish`,
		ValidArgs: shells,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) != 1 {
				return usagef("completion: %d arguments, want SHELL", len(args))
			}
			if !slices.Contains(shells, args[0]) {
				return usagef("completion %q, want %s%s", args[0], orList(shells), didYouMean(args[0], "", shells))
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			if !asJSON {
				return writeScript(cmd.OutOrStdout(), cmd.Root(), args[0], plain)
			}
			var script strings.Builder
			if err := writeScript(&script, cmd.Root(), args[0], plain); err != nil {
				return err
			}
			return writeObject(cmd.OutOrStdout(), completionScript{args[0], script.String()})
		},
	}
	addGroup(cmd, groupOutput, func(flags *pflag.FlagSet) {
		flags.BoolVar(&plain, "no-descriptions", false, "complete without the descriptions of commands and flags")
		flags.BoolVar(&asJSON, "json", false, "print one JSON object")
	})
	return cmd
}

// completionScript is the output of --json.
type completionScript struct {
	Shell  string `json:"shell"`
	Script string `json:"script"`
}

// writeScript writes the script for a shell.
func writeScript(w io.Writer, root *cobra.Command, shell string, plain bool) error {
	switch {
	case shell == "bash":
		return root.GenBashCompletionV2(w, !plain)
	case shell == "zsh" && plain:
		return root.GenZshCompletionNoDesc(w)
	case shell == "zsh":
		return root.GenZshCompletion(w)
	case shell == "fish":
		return root.GenFishCompletion(w, !plain)
	case plain:
		return root.GenPowerShellCompletion(w)
	}
	return root.GenPowerShellCompletionWithDesc(w)
}
