package train

import (
	"fmt"
	"maps"

	"harmonium/dataset"
)

// The parts of a data set, by which fingerprints and evaluations name them.
const (
	partTrain = "train"
	partValid = "valid"
	partTest  = "test"
)

// fingerprintsOf returns the fingerprint of each part that a data set has.
func fingerprintsOf(set *dataset.Set) map[string]string {
	sums := map[string]string{}
	for part, rows := range map[string]*dataset.Rows{partTrain: set.Train, partValid: set.Valid, partTest: set.Test} {
		if rows != nil {
			sums[part] = rows.Fingerprint()
		}
	}
	return sums
}

// Fingerprints returns the [dataset.Rows.Fingerprint] of each part of the data: train and, where there
// are such rows, valid and test.
func (t *Trainer) Fingerprints() map[string]string {
	if t.fingerprints == nil {
		t.fingerprints = fingerprintsOf(t.data)
	}
	return maps.Clone(t.fingerprints)
}

// rowsName names the rows of a part.
var rowsName = map[string]string{partTrain: "training", partValid: "validation", partTest: "test"}

// checkFingerprints returns an error unless every part of a data set has the fingerprint that is wanted.
// Checkpoints of earlier versions have a fingerprint of the training rows alone.
func checkFingerprints(got, want map[string]string) error {
	for _, part := range []string{partTrain, partValid, partTest} {
		switch name := rowsName[part]; {
		case want[part] == got[part] || want[part] == "" && part != partTrain:
		case got[part] == "":
			return fmt.Errorf("there are no %s rows, but the run had some: give them again", name)
		default:
			return fmt.Errorf("the %s rows have SHA-256 %.12s…, want %.12s…: other data, or another validation split",
				name, got[part], want[part])
		}
	}
	return nil
}
