package main

import (
	"fmt"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"harmonium/rbm"
	"harmonium/rbm/sample"
)

// featuresCommand holds the flags of the features command.
type featuresCommand struct {
	data   dataFlags
	device deviceFlags

	split string
	out   string
}

func newFeaturesCommand() *cobra.Command {
	c := &featuresCommand{}
	cmd := &cobra.Command{
		Use:   "features MODEL",
		Short: "Write the hidden means of rows, as a sigmoid layer does",
		Long: `Write p(h=1|v) = σ(b + vᵀW) for every row v of a data set, as rows of H values in
[0,1], where H is the number of hidden units, in the order of the data.

Grey values are binarized as in training, by one draw; --binarize none takes them as they are.`,
		Example: `  harmonium features runs/mnist --split test --out test.npy`,
		Args:    arguments("MODEL"),
		RunE:    func(cmd *cobra.Command, args []string) error { return c.run(cmd, modelFile(args[0])) },
	}
	c.data.addForModel(cmd)
	addGroup(cmd, groupData, func(flags *pflag.FlagSet) {
		addSplit(flags, &c.split, "train", "rows to read")
		c.data.addSeed(flags)
	})
	addGroup(cmd, groupOutput, func(flags *pflag.FlagSet) {
		flags.StringVar(&c.out, "out", "features.npy", "`FILE` .npy or .csv to write")
	})
	c.device.add(cmd)
	return cmd
}

func (c *featuresCommand) run(cmd *cobra.Command, path string) error {
	if err := checkExtension("--out", c.out, ".npy", ".csv"); err != nil {
		return err
	}
	m, err := rbm.LoadModel(path)
	if err != nil {
		return err
	}
	if err := c.data.ofModel(m); err != nil {
		return err
	}
	set, binarize, err := c.data.open()
	if err != nil {
		return err
	}
	rows, err := rowsOf(set, c.split)
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
	features, err := sample.Features(cmd.Context(), m, device, rows, binarize, c.data.seed)
	if err != nil {
		return err
	}
	if err := writeTable(c.out, features, rows.N); err != nil {
		return err
	}
	fmt.Fprintf(cmd.OutOrStdout(), "%s: %d hidden means of each of %d %s rows of %s, binarized %s\n",
		c.out, m.Hidden.Len(), rows.N, c.split, set.Name, binarize)
	return nil
}
