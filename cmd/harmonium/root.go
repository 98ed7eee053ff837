package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"runtime/debug"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"harmonium/ranks"
)

// Exit codes.
const (
	exitFailure     = 1
	exitUsage       = 2
	exitLost        = 3   // a rank of a run was lost
	exitInterrupted = 130 // as a shell reports a process that SIGINT ended
)

// usageError is a mistake in how the command was called.
type usageError struct{ error }

func (e usageError) Unwrap() error { return e.error }

// usagef is fmt.Errorf for a [usageError].
func usagef(format string, args ...any) error {
	return usageError{fmt.Errorf(format, args...)}
}

// run executes the command line and returns the exit code. An error or a panic becomes one line
// on stderr.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) (code int) {
	defer func() {
		if p := recover(); p != nil {
			code = reportError(stderr, fmt.Errorf("internal error: %v", p))
		}
	}()
	out := &output{w: stdout}
	root := newRootCommand()
	root.PersistentPreRunE = func(cmd *cobra.Command, given []string) error {
		if err := refuseEmpty(cmd, given); err != nil {
			return err
		}
		if err := refuseRanks(cmd); err != nil {
			return err
		}
		if err := startSibling(cmd, args); err != nil {
			return err
		}
		if quiet, _ := cmd.Flags().GetBool("quiet"); quiet {
			cmd.SetErr(&warningsOnly{w: stderr})
		}
		warnOfThreads(cmd)
		return nil
	}
	root.SetArgs(args)
	root.SetOut(out)
	root.SetErr(stderr)
	err := root.ExecuteContext(ctx)
	if rank, _ := ranks.Launched(); rank > 0 && errors.As(err, new(usageError)) {
		err = errSaid // mpirun gives all processes one command line as a rule, so that rank 0 says what is wrong
	}
	out.flush()
	if out.err != nil {
		err = fmt.Errorf("standard output: %w", out.err)
	}
	return reportError(stderr, err)
}

// reportError prints the error, if there is one, and returns the exit code.
func reportError(stderr io.Writer, err error) int {
	if err == nil {
		return 0
	}
	if errors.Is(err, errSaid) {
		return 0 // so that mpirun does not end rank 0 before it has said what is wrong, and returns its code
	}
	code := exitFailure
	switch {
	case errors.As(err, new(usageError)):
		code = exitUsage
	case errors.Is(err, context.Canceled):
		code = exitInterrupted
	}
	message := strings.ReplaceAll(err.Error(), context.Canceled.Error(), "interrupted")
	fmt.Fprintf(stderr, "harmonium: %s\n", plainLine(message))
	return code
}

func newRootCommand() *cobra.Command {
	root := &cobra.Command{
		Use:   "harmonium",
		Short: "Train, evaluate and sample Restricted Boltzmann Machines",
		Long: `Train, evaluate and sample Restricted Boltzmann Machines.

harmonium COMMAND --help shows the flags of a command. A MODEL is a model file or the run
folder that holds it.`,
		Example: `  harmonium train --out runs/mnist
  harmonium eval runs/mnist
  harmonium sample runs/mnist --out digits.png`,
		Version:           readBuild(debug.ReadBuildInfo()).String(),
		SilenceErrors:     true,
		SilenceUsage:      true,
		CompletionOptions: cobra.CompletionOptions{DisableDefaultCmd: true},
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) > 0 {
				return unknownCommand(cmd, args[0])
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	root.SetFlagErrorFunc(flagError)
	root.SetVersionTemplate("{{.Version}}")
	help := newHelpCommand()
	commands := []*cobra.Command{
		newTrainCommand(), newEvalCommand(), newScoreCommand(), newCompareCommand(), newSampleCommand(), newImputeCommand(),
		newClassifyCommand(), newFeaturesCommand(), newDataCommand(), newInspectCommand(), newCurveCommand(), newReportCommand(),
		newWatchCommand(), newConvertCommand(), newDoctorCommand(), newVersionCommand(), newCompletionCommand(), help,
	}
	root.AddCommand(commands...)
	root.SetHelpCommand(help)
	setHelp(root, commands)
	for _, cmd := range commands {
		if cmd.Flags().Lookup("json") != nil {
			addGroup(cmd, groupOutput, func(flags *pflag.FlagSet) {
				flags.Bool("quiet", false, "print no progress: nothing on standard error but warnings and errors")
			})
		}
	}
	for _, cmd := range append(commands, root) {
		addGroup(cmd, groupOther, func(flags *pflag.FlagSet) { flags.BoolP("help", "h", false, "show this help") })
	}
	addGroup(root, groupOther, func(flags *pflag.FlagSet) { flags.BoolP("version", "v", false, "show the version and the build") })
	return root
}

// arguments accepts exactly the named arguments of a command.
func arguments(names ...string) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		if len(args) == len(names) {
			return nil
		}
		want := strings.Join(names, " ")
		if want == "" {
			want = "none"
		}
		return usagef("%s: %d arguments, want %s", cmd.Name(), len(args), want)
	}
}

// oneOrMore accepts the named argument of a command, once or several times.
func oneOrMore(name string) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		if len(args) > 0 {
			return nil
		}
		return usagef("%s: 0 arguments, want %s...", cmd.Name(), name)
	}
}

// refuseEmpty returns an error for an empty argument or value of a flag: a variable of the shell that was
// not set, for example.
func refuseEmpty(cmd *cobra.Command, args []string) error {
	if cmd.Name() == cobra.ShellCompRequestCmd || cmd.Name() == cobra.ShellCompNoDescRequestCmd {
		return nil // the word to complete may be empty
	}
	_, names, _ := strings.Cut(cmd.Use, " ")
	for i, arg := range args {
		if arg == "" {
			return usagef("%s: argument %d is empty, want %s", cmd.Name(), i+1, names)
		}
	}
	var empty error
	cmd.Flags().Visit(func(flag *pflag.Flag) {
		if flag.Value.Type() == "string" && flag.Value.String() == "" {
			empty = usagef("--%s '', want a value", flag.Name)
		}
	})
	return empty
}
