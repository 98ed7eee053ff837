package main

import (
	"fmt"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"harmonium/rbm/sample"
)

// featuresCommand holds the flags of the features command.
type featuresCommand struct {
	data   modelRows
	device deviceFlags

	out string
}

func newFeaturesCommand() *cobra.Command {
	c := &featuresCommand{}
	cmd := &cobra.Command{
		Use:   "features MODEL [FILE]",
		Short: "Write the hidden means of rows, as a sigmoid layer does",
		Long: `Write p(h=1|v) = σ(b + vᵀW) for every row v of FILE, or of the model's test rows, else of its
validation rows, else of its training rows: as rows of H values in [0,1], where H is the number of
hidden units, in the order of the data.

Grey values are binarized as in training, by one draw; --binarize none takes them as they are.`,
		Example: `  harmonium features runs/mnist --split train --out train.npy
  harmonium features runs/table rows.csv --out rows-features.csv`,
		Args: optionalFile,
		RunE: c.run,
	}
	c.data.add(cmd, "rows to read")
	addGroup(cmd, groupData, c.data.addSeed)
	addGroup(cmd, groupOutput, func(flags *pflag.FlagSet) {
		flags.StringVar(&c.out, "out", "features.npy", "`FILE` .npy or .csv to write")
	})
	c.device.add(cmd)
	return cmd
}

func (c *featuresCommand) run(cmd *cobra.Command, args []string) error {
	if err := checkExtension("--out", c.out, ".npy", ".csv"); err != nil {
		return err
	}
	if err := c.data.take(cmd, args); err != nil {
		return err
	}
	m, err := loadModel(cmd, args[0])
	if err != nil {
		return err
	}
	rows, err := c.data.rows(m)
	if err != nil {
		return err
	}
	if err := checkSize("features", rows.N, m.Hidden.Len()); err != nil {
		return err
	}
	device, err := c.device.open()
	if err != nil {
		return err
	}
	defer c.device.close()
	features, err := sample.Features(cmd.Context(), m.Model, device, rows.Rows, rows.binarize, c.data.seed)
	if err != nil {
		return err
	}
	if err := writeTable(c.out, features, rows.N); err != nil {
		return err
	}
	fmt.Fprintf(cmd.OutOrStdout(), "%s: %d hidden means of each of %s, binarized %s\n", c.out, m.Hidden.Len(), rows, rows.binarize)
	return nil
}
