package dataset

import (
	"errors"
	"slices"
	"testing"

	"harmonium/store/storetest"
)

// TestOpenOfWorths: numbers become the states and probabilities that Worth lets them stand for, and others are refused.
func TestOpenOfWorths(t *testing.T) {
	open := func(content string, worth ...Worth) (*Set, error) {
		return Open(storetest.WriteFile(t, "rows.csv", content), Options{Worth: worth})
	}
	spins := Worth{To: AllColumns, Low: -1, High: 1}
	set, err := open("-1,1,1\n1,-1,1\n", spins)
	if err != nil || !slices.Equal(set.Train.Bytes, []byte{0, 255, 255, 255, 0, 255}) {
		t.Errorf("states of -1 and 1: got %v, error %v", set, err)
	}
	set, err = open("-1,0,0.5\n", spins)
	if err != nil || !slices.Equal(set.Train.Floats, []float32{0, 0.5, 0.75}) {
		t.Errorf("means in [-1,1]: got %v, error %v", set, err)
	}
	set, err = open("-1,1,0,1\n1,1,1,0\n", Worth{To: 2, Low: -1, High: 1}, Worth{To: 4, High: 1})
	if err != nil || !slices.Equal(set.Train.Bytes, []byte{0, 255, 0, 255, 255, 255, 255, 0}) {
		t.Errorf("mixed columns: got %v, error %v", set, err)
	}
	var outside *ValueError
	if _, err = open("-1,1\n0,-2\n", spins); !errors.As(err, &outside) ||
		*outside != (ValueError{"row 2 (line 2), column 2", -2, -1, 1}) {
		t.Errorf("a value below the range: got error %v", err)
	}
	var unknown *RangeError
	if _, err = open("-1,1\n"); !errors.As(err, &unknown) || unknown.Low != -1 || unknown.High != 1 {
		t.Errorf("a value below 0 by default: got error %v", err)
	}
	if _, err = open("1,1,1\n", Worth{To: 2, Low: -1, High: 1}, Worth{To: 4, High: 1}); err == nil {
		t.Error("3 columns for 4 units: got no error")
	}
}
