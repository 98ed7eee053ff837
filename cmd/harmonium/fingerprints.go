package main

import (
	"fmt"
	"maps"

	"harmonium/dataset"
)

// sumSuffix follows the name of a part of a data set in the provenance of a model, as the key of its
// fingerprint.
const sumSuffix = "_sha256"

// fingerprintsOf returns the fingerprints that a model records of the parts of its data, but for parts that
// flags replace. Flags that choose rows, columns or an array choose other cells than the run read.
func (f *dataFlags) fingerprintsOf(known map[string]string) map[string]string {
	header := f.header != "" && f.header != headerAuto
	if c := f.columns; header || c.Where != nil || c.Keep != "" || c.Drop != "" || c.Label != "" || c.Weight != "" ||
		f.key != "" || f.scale != 0 {
		return nil
	}
	// Fractions are taken out of the training rows, so a flag in place of a fraction changes the rest.
	rest := f.valid == "" && (f.test == "" || !isFraction(known["test"]))
	sums := map[string]string{}
	for part, unchanged := range map[string]bool{"train": rest, "valid": rest, "test": f.test == ""} {
		if sum := known[part+sumSuffix]; sum != "" && unchanged {
			sums[part] = sum
		}
	}
	return sums
}

// checkFingerprints returns an error if the data that a model names are not the data of its run any more.
func checkFingerprints(want map[string]string, set *dataset.Set) error {
	for _, part := range []struct {
		name, flag string
		rows       *dataset.Rows
	}{{"train", "--data", set.Train}, {"valid", "--valid", set.Valid}, {"test", "--test", set.Test}} {
		want := want[part.name]
		if want == "" {
			continue
		}
		if part.rows == nil {
			return fmt.Errorf("%s: no %s rows, but the run had some; name them by %s", set.Name, part.name, part.flag)
		}
		if got := part.rows.Fingerprint(); got != want {
			return fmt.Errorf("%s: the %s rows have changed since the run: SHA-256 %.12s…, want %.12s…; to take them as they "+
				"are, name them by %s",
				set.Name, part.name, got, want, part.flag)
		}
	}
	return nil
}

// data returns the provenance of the data, with the fingerprints of their parts.
func (r *trainRun) data() map[string]string {
	known := maps.Clone(r.known)
	if r.below != nil {
		return known // r.known has the fingerprints of the data; the trainer of a stack has trained on their features
	}
	for part, sum := range r.trainer.Fingerprints() {
		known[part+sumSuffix] = sum
	}
	return known
}
