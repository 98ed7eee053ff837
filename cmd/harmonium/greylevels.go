package main

import (
	"fmt"
	"io"
	"math"
	"strconv"
	"strings"

	"github.com/spf13/pflag"

	"harmonium/dataset"
	"harmonium/engine"
	"harmonium/rbm"
)

// greyFlags say what grey levels become in place of binary states.
type greyFlags struct {
	levels     int  // number of states of the categorical unit for each column; 0 for no such units
	dequantize bool // real numbers: noise fills the steps between the levels

	noiseSeed uint64
	recalled  bool    // noiseSeed is of the run that made the model: the rows are its data
	divisor   float64 // d of the levels k/d that got noise; 0 without noise
}

// Keys in the provenance of a model for these flags and the seed of the noise.
const (
	keyLevels     = "levels"
	keyDequantize = "dequantize"
	keyNoiseSeed  = "noise_seed"
)

// add adds the flags.
func (g *greyFlags) add(flags *pflag.FlagSet) {
	flags.IntVar(&g.levels, "levels", 0,
		"cut grey levels into N equal steps, the states of a categorical unit for each column, in place of a binarization")
	flags.BoolVar(&g.dequantize, "dequantize", false,
		"add uniform noise of a step to grey levels or integers (needs --visible gaussian), so that eval gives bits per dimension")
	takeOnce(flags, "levels")
}

// checkGrey returns an error for grey levels that contradict other flags, and names the units of --levels.
func (f *dataFlags) checkGrey() error {
	g := &f.grey
	switch {
	case g.levels == 0:
		return nil
	case g.levels < 2 || g.levels > dataset.MaxCategories:
		return usagef("--levels %d, want 2 to %d", g.levels, dataset.MaxCategories)
	case f.table.given():
		return usagef("--levels beside %s, want one of them", f.table.flag())
	case g.dequantize:
		return usagef("--levels beside --dequantize, want one of them")
	case f.binarize != "" && f.binarize != (dataset.Binarization{}).String():
		return usagef("--binarize %s beside --levels, want one of them", shellWord(f.binarize))
	}
	kind := severalNamed(g.levels)
	switch f.visible {
	case "": // the model has them
	case kind, autoUnits:
		f.visible = kind
	default:
		if rest, of := strings.CutPrefix(f.visible, kind+":"); !of || strings.Contains(rest, ",") {
			return usagef("--visible %s beside --levels %d, whose units are %s", shellWord(f.visible), g.levels, kind)
		}
	}
	return nil
}

// severalNamed returns the name of the kind whose units have a number of states, from a name such as categorical/Q.
func severalNamed(states int) string {
	for _, name := range engine.KindNames() {
		if stem, ok := strings.CutSuffix(name, "/Q"); ok {
			return stem + "/" + strconv.Itoa(states)
		}
	}
	panic("no kind has units of several states") // the table of kinds has one
}

// dequantizeSet adds the noise of --dequantize to a set.
func (f *dataFlags) dequantizeSet(set *dataset.Set) (err error) {
	g := &f.grey
	if !g.dequantize {
		return nil
	}
	if set.Train.Real == nil {
		return usagef("--dequantize needs --visible %s, want that, or no noise", strings.Join(engine.VisibleRealKindNames(), " or "))
	}
	if !g.recalled {
		g.noiseSeed = f.seed
	}
	if g.divisor, err = set.Dequantize(g.noiseSeed); err != nil {
		err = fmt.Errorf("--dequantize: %w", err)
	}
	return err
}

// record adds the flags to the provenance of a model.
func (g greyFlags) record(known map[string]string) {
	if g.levels != 0 {
		known[keyLevels] = strconv.Itoa(g.levels)
	}
	if g.dequantize {
		known[keyDequantize], known[keyNoiseSeed] = "true", strconv.FormatUint(g.noiseSeed, 10)
	}
}

// recallGrey returns the flags that the provenance of a model records.
func recallGrey(known map[string]string) (g greyFlags, err error) {
	if g.levels = levelsIn(known); g.levels == 0 && known[keyLevels] != "" {
		return g, fmt.Errorf("provenance of the model: %s is %q, want 2 to %d", keyLevels, known[keyLevels], dataset.MaxCategories)
	}
	if g.dequantize = known[keyDequantize] != ""; g.dequantize {
		if g.noiseSeed, err = strconv.ParseUint(known[keyNoiseSeed], 10, 64); err != nil {
			err = fmt.Errorf("provenance of the model: %s is %q, want a number", keyNoiseSeed, known[keyNoiseSeed])
		}
	}
	return g, err
}

// levelsIn returns the number of levels in the provenance of a model, or 0 if there is none or an impossible one.
func levelsIn(known map[string]string) int {
	n, err := strconv.Atoi(known[keyLevels])
	if err != nil || n < 2 || n > dataset.MaxCategories {
		return 0
	}
	return n
}

// levelsOf returns the number of levels that the visible units of a model stand for, or 0: in a stack, the visible
// units of an upper model are hidden units, whatever levels the provenance names for the data.
func levelsOf(m *rbm.Model) int {
	n, units := levelsIn(m.Provenance), m.Visible.Units
	if n > 0 && len(units) == 1 && units[0].Kind.Several() && units[0].Kind.Width() == n {
		return n
	}
	return 0
}

// asGreys returns rows of values of a model's visible units, with one grey value for each unit of levels.
func asGreys(values []float32, levels int) []float32 {
	if levels == 0 {
		return values
	}
	return dataset.Levels(values, levels)
}

// greyBits is a log-likelihood of grey levels in bits per dimension.
type greyBits struct {
	Levels      float64  `json:"levels"`               // different numbers that a column can have
	NoiseSeed   *uint64  `json:"noise_seed,omitempty"` // of --dequantize; left out with --levels
	Bits        float64  `json:"bits_per_dimension"`
	Low         *float64 `json:"bits_per_dimension_low"`
	High        *float64 `json:"bits_per_dimension_high"`
	Independent float64  `json:"independent_bits_per_dimension"`

	divisor float64
}

// bitsOf returns the bits per dimension of an evaluation of rows of v values, or nil if these are no grey levels
// or cells are missing:
//
//	bits = (log d - log p / columns) / log 2
//
// where p is the probability of a row, or its density. With noise u the values are (k+u)/d for levels k, so that
// the density of the numbers k+u is p/d^columns. Units of several levels have d = 1.
func (g greyFlags) bitsOf(e *evaluation, v int) *greyBits {
	if g.levels == 0 && g.divisor == 0 || e.Missing != nil {
		return nil
	}
	columns, shift := float64(v), math.Log(g.divisor)
	b := &greyBits{Levels: g.divisor + 1, NoiseSeed: &g.noiseSeed, divisor: g.divisor}
	if g.levels > 0 {
		columns, shift = columns/float64(g.levels), 0
		b.Levels, b.NoiseSeed = float64(g.levels), nil
	}
	bits := func(nats float64) float64 { return (shift - nats/columns) / math.Ln2 }
	b.Bits, b.Independent = bits(e.LogLikelihood), bits(e.Independent)
	for _, end := range []struct{ from, to **float64 }{{&e.LogLikelihoodLow, &b.High}, {&e.LogLikelihoodHigh, &b.Low}} {
		if *end.from != nil {
			*end.to = new(bits(**end.from))
		}
	}
	return b
}

// print writes the bits for people.
func (b *greyBits) print(w io.Writer) {
	fmt.Fprintf(w, "bits per dimension: %.4f%s, independent units %.4f: ", b.Bits, interval(b.Low, b.High, 4), b.Independent)
	if b.NoiseSeed == nil {
		fmt.Fprintf(w, "of grey levels in %.0f steps\n", b.Levels)
		return
	}
	fmt.Fprintf(w, "-log2 of the density of the numbers k+u, k integer and u uniform noise in [0,1) by seed %d", *b.NoiseSeed)
	if b.divisor != 1 {
		fmt.Fprintf(w, "; the model has (k+u)/%v, which is log2 %v = %.4f bits less", b.divisor, b.divisor, math.Log2(b.divisor))
	}
	fmt.Fprintln(w)
}
