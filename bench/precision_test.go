package bench

import (
	"fmt"
	"math"
	"os"
	"slices"
	"strings"
	"testing"

	"gonum.org/v1/gonum/stat"
)

// precisionResults has a line for each run: the task, the precision, the seed and the nats a row.
const precisionResults = "results/precisions.txt"

// precisionRuns returns the nats of each run by task, precision and seed.
func precisionRuns(t *testing.T) map[string]map[string]map[int]float64 {
	text, err := os.ReadFile(precisionResults)
	if err != nil {
		t.Fatal(err)
	}
	runs := map[string]map[string]map[int]float64{}
	for line := range strings.Lines(string(text)) {
		if strings.HasPrefix(line, "#") {
			continue
		}
		var task, precision string
		var seed int
		var nats float64
		if _, err := fmt.Sscan(line, &task, &precision, &seed, &nats); err != nil {
			t.Fatalf("%s: %q: %v", precisionResults, line, err)
		}
		if runs[task] == nil {
			runs[task] = map[string]map[int]float64{}
		}
		if runs[task][precision] == nil {
			runs[task][precision] = map[int]float64{}
		}
		runs[task][precision][seed] = nats
	}
	return runs
}

// precisionSection returns the part of gpu.md about likelihoods by precision. The test fails if a difference is above
// two standard errors, since the text says that none is.
func precisionSection(t *testing.T) string {
	runs := precisionRuns(t)
	var page strings.Builder
	page.WriteString(`
## What a precision costs in nats

Nothing that these runs can tell, for tf32, bf16x2 and bf16 alike: no difference is above two standard errors. The
simulated card rounds the factors of products as each precision does. The log-likelihoods are in nats a row. ` + "`±`" + ` is the
standard error of a mean over seeds, and the last column has the mean difference from f32 with the same seed. All runs
are in [` + precisionResults + `](` + precisionResults + `).

| task | precision | seeds | log-likelihood | beside f32 |
|---|---|---|---|---|
`)
	for _, task := range []string{"bars", "mnist"} {
		f32 := runs[task][F32]
		for _, precision := range []string{F32, TF32, BF16x2, BF16} {
			var nats, differences []float64
			for seed, x := range runs[task][precision] {
				nats, differences = append(nats, x), append(differences, x-f32[seed])
				if _, ok := f32[seed]; !ok {
					t.Errorf("%s: no run of %s with seed %d in f32", precisionResults, task, seed)
				}
			}
			slices.Sort(nats)
			slices.Sort(differences)
			beside := "-"
			if precision != F32 {
				beside = meanOf(differences, "%+.3f")
				mean, deviation := stat.MeanStdDev(differences, nil)
				if !(math.Abs(mean) <= 2*stat.StdErr(deviation, float64(len(differences)))) {
					t.Errorf("%s: %s in %s differs from f32 by %s, want at most two standard errors", precisionResults, task, precision, beside)
				}
			}
			fmt.Fprintf(&page, "| %s | %s | %d | %s | %s |\n", task, precision, len(nats), meanOf(nats, "%.3f"), beside)
		}
	}
	page.WriteString(`
"bars" are bars and stripes, where likelihoods are exact and weights grow large, "mnist" is a model 784x100 on MNIST after
five epochs, with log Z by AIS on the host, which adds an error of about 0.1 nats to each run:

    kernels/cudasim/run harmonium-cuda train --data bars-and-stripes:4 --hidden 16 --algorithm pcd -k 10 --batch-size 32 \
        --updates 2500 --learning-rate 0.3 --hold 0 --binarize none --device cuda --precision bf16 --seed 1
    kernels/cudasim/run harmonium-cuda train --data mnist --hidden 100 --algorithm pcd --epochs 5 --eval never \
        --device cuda --precision bf16 --seed 1 --out RUN && harmonium eval RUN --device cpu

One draw that differs leads to another run, so that only means over seeds tell precisions apart. tf32 stays the default:
at the sizes of these tasks bf16 saves a few microseconds of an update, and it rounds weights to 8 bits, which no larger
model has been tried with.
`)
	return page.String()
}

// meanOf returns the mean of numbers in a format, with its standard error if there are two or more.
func meanOf(x []float64, format string) string {
	if len(x) == 1 {
		return fmt.Sprintf(format, x[0])
	}
	mean, deviation := stat.MeanStdDev(x, nil)
	return fmt.Sprintf(format+" ± %.3f", mean, stat.StdErr(deviation, float64(len(x))))
}
