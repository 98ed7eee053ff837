package likelihood

import (
	"context"
	"fmt"
	"slices"

	"harmonium/dataset"
	"harmonium/engine"
	"harmonium/rbm"
	"harmonium/rbm/estimate"
)

// LogClasses returns log p(y|v) (N,classes) of the classes of each row, in nats, given its other values. The
// columns from ≤ i < from+classes of a row hold its class: one of them is 1 and the others are 0. The values that
// the rows have there are ignored. The results are exact but for rounding,
//
//	log p(y|v) = -F(v,y) - log Σ_y' e^(-F(v,y')),
//
// from the free energies of the row in each class, or of its known cells: see [FreeEnergies]. The cost is
// the free energies of classes·N rows. A binarization that draws is a function of the seed.
func LogClasses(
	ctx context.Context, m *rbm.Model, d engine.Device, rows *dataset.Rows, from, classes int, b dataset.Binarization, seed uint64,
) ([]float64, error) {
	if err := rows.Validate(); err != nil { // before their values are copied; the values of the class may be no states
		return nil, fmt.Errorf("likelihood: classes: %w", err)
	}
	if from < 0 || classes < 1 || from+classes > rows.V {
		return nil, fmt.Errorf("likelihood: classes: values %d to %d of rows of %d", from, from+classes, rows.V)
	}
	in := &dataset.Rows{
		N: rows.N, V: rows.V, Real: rows.Real,
		Bytes: slices.Clone(rows.Bytes), Floats: slices.Clone(rows.Floats), Missing: slices.Clone(rows.Missing),
	}
	if in.Missing != nil {
		for n := range in.N {
			clear(in.Missing[n*rows.V+from:][:classes])
		}
	}
	logs := make([]float64, rows.N*classes)
	for class := range classes {
		for n := range rows.N {
			at := n*rows.V + from
			if in.Bytes != nil {
				clear(in.Bytes[at : at+classes])
				in.Bytes[at+class] = 255
			} else {
				clear(in.Floats[at : at+classes])
				in.Floats[at+class] = 1
			}
		}
		if err := checkRows(m, in); err != nil { // of the rows with this class
			return nil, fmt.Errorf("likelihood: classes: %w", err)
		}
		energies, _, err := freeEnergies(ctx, m, d, in, b, seed, KnownConfig{})
		if err != nil {
			return nil, fmt.Errorf("likelihood: classes: %w", err)
		}
		for n, f := range energies {
			logs[n*classes+class] = -f
		}
	}
	for row := range slices.Chunk(logs, classes) {
		total := estimate.LogSumExp(row)
		for class := range row {
			row[class] -= total
		}
	}
	return logs, nil
}
