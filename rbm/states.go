package rbm

import "fmt"

// checkStates returns an error that names the first value that is not 0 or 1, or NaN where units
// may be free.
func checkStates(x []float32, free bool) error {
	for i, x := range x {
		if x != 0 && x != 1 && !(free && x != x) {
			return fmt.Errorf("value %d is %v, want 0 or 1", i, x)
		}
	}
	return nil
}
