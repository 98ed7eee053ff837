package main

import (
	"fmt"
	"io"
	"os"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"harmonium/rbm"
)

func newConvertCommand() *cobra.Command {
	var force, asJSON bool
	var gauge string
	cmd := &cobra.Command{
		Use:   "convert IN OUT",
		Short: "Convert a model between safetensors and NumPy's NPZ, or change its gauge",
		Long: `Read a model, a checkpoint or the model of a run folder and write an NPZ file; or
read an NPZ file and write a model. With V visible and H hidden units, the file has the
arrays weights (V,H), visible_bias (V), hidden_bias (H) and, if known, base_rates (V).
Units other than bernoulli are named by the texts visible_units and hidden_units, and
have arrays such as visible_log_variance (V) where they have more parameters. A file to
read may instead have the attributes of scikit-learn's BernoulliRBM:
components_ (H,V), intercept_visible_ and intercept_hidden_.

The content of IN determines its format, and the extension of OUT determines the other. IN may be
- for standard input. OUT may be - for standard output, in the other format than IN, or with
--gauge zero-sum as a safetensors file.

An NPZ file does not record how the model was trained.

Categorical units have one parameter more for each state than their probabilities need.
--gauge zero-sum makes their biases and their weights sum to zero over the states of a
unit, which changes no probability, so that models can be compared parameter by
parameter. Both files may then be safetensors files.`,
		Example: `  harmonium convert model.safetensors model.npz
  harmonium convert scikit.npz model.safetensors
  harmonium convert runs/letters centered.safetensors --gauge zero-sum
  harmonium convert - - < model.safetensors > model.npz`,
		Args: arguments("IN", "OUT"),
		RunE: func(cmd *cobra.Command, args []string) error {
			if args[1] == standardOutput && asJSON {
				return usagef("OUT - and --json, want standard output for one of them")
			}
			m, err := convert(cmd, args[0], args[1], gauge, force)
			if err != nil {
				return err
			}
			if asJSON {
				return writeObject(cmd.OutOrStdout(), convertSummary{args[1], m.Visible.Len(), m.Hidden.Len()})
			}
			fmt.Fprintf(notes(cmd, args[1]), "%s: %d visible and %d hidden units\n", args[1], m.Visible.Len(), m.Hidden.Len())
			return nil
		},
	}
	addGroup(cmd, groupOutput, func(flags *pflag.FlagSet) {
		oneOf(flags, &gauge, "gauge", gaugeKept, "gauge of categorical units, one of: as-is, zero-sum", gaugeKept, gaugeZeroSum)
		flags.BoolVar(&force, "force", false, "replace OUT if it exists")
		flags.BoolVar(&asJSON, "json", false, "print one JSON object")
	})
	return cmd
}

// convertSummary is the output of --json.
type convertSummary struct {
	Out     string `json:"out"`
	Visible int    `json:"visible"`
	Hidden  int    `json:"hidden"`
}

// The values of --gauge.
const (
	gaugeKept    = "as-is"
	gaugeZeroSum = "zero-sum"
)

// convert reads a model from one file and writes it to another, in the other format or another gauge.
func convert(cmd *cobra.Command, in, out, gauge string, force bool) (*rbm.Model, error) {
	if out != standardOutput {
		if err := checkExtension("OUT", out, ".safetensors", ".npz"); err != nil {
			return nil, err
		}
	}
	from, err := openModel(in)
	if err != nil {
		return nil, err
	}
	m, fromNPZ := from.Model, from.npz
	toNPZ := extension(out) == ".npz"
	if out == standardOutput { // no extension: the other format, and safetensors with a gauge
		toNPZ = !fromNPZ && gauge == gaugeKept
	}
	if fromNPZ == toNPZ && gauge == gaugeKept {
		return nil, usagef("%s and %s have the same format, want one safetensors and one NPZ file", in, out)
	}
	if _, err := os.Lstat(out); err == nil && !force && out != standardOutput {
		return nil, fmt.Errorf("%s is there already; --force replaces it", out)
	}
	if gauge == gaugeZeroSum {
		m.ZeroSum()
	}
	save := m.Save
	if toNPZ {
		save = m.ExportNPZ
	}
	return m, saveOut(cmd, out, save)
}

// loadAny reads a model of either format. The first bytes of the file determine which.
func loadAny(path string) (m *rbm.Model, fromNPZ bool, err error) {
	if fromNPZ = isZip(path); fromNPZ {
		m, err = rbm.ImportNPZ(path)
	} else {
		m, err = rbm.LoadModel(path)
	}
	return m, fromNPZ, err
}

// isZip reports whether a file begins like a zip archive, empty or not, as an NPZ file does. For a
// file that cannot be read it returns false, and the reader of models reports the error.
func isZip(path string) bool {
	file, err := os.Open(path)
	if err != nil {
		return false
	}
	defer file.Close()
	head := make([]byte, 4)
	_, err = io.ReadFull(file, head)
	return err == nil && (string(head) == "PK\x03\x04" || string(head) == "PK\x05\x06")
}
