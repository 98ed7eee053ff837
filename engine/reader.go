package engine

import (
	"errors"
	"fmt"
	"slices"

	"gorgonia.org/tensor"
)

// A RowReader is a data set outside of memory, a matrix whose rows are read when batches need them.
// One goroutine at a time calls its methods.
type RowReader interface {
	// InBytes reports whether values are bytes, where b stands for b/255; else they are numbers.
	InBytes() bool
	// Binary reports whether every value is 0 or 1.
	Binary() bool
	// ReadRows copies the rows with the given numbers, (len(numbers), columns), to bytes if InBytes,
	// else to floats.
	ReadRows(bytes []uint8, floats []float32, numbers []int32) error
}

// readerOf returns data as a RowReader, or nil if it is none. A RowReader of anything but a matrix is
// an error.
func readerOf(data any, shape tensor.Shape) (RowReader, error) {
	from, ok := data.(RowReader)
	if ok && len(shape) != 2 {
		return nil, fmt.Errorf("rows to be read for shape %v, want a matrix", shape)
	}
	return from, nil
}

// typeOfReader returns the element type of the values of a RowReader.
func typeOfReader(from RowReader) tensor.Dtype {
	if from.InBytes() {
		return tensor.Uint8
	}
	return tensor.Float32
}

// readRoom is room for the rows of a batch.
type readRoom struct {
	bytes  []uint8
	floats []float32
}

// read reads the rows with the given numbers. It returns the room that they are in; the other result
// is nil.
func (r *readRoom) read(from RowReader, numbers []int32, columns int) (bytes []uint8, floats []float32, err error) {
	size := len(numbers) * columns
	if from.InBytes() {
		r.bytes = slices.Grow(r.bytes[:0], size)[:size]
		bytes = r.bytes
	} else {
		r.floats = slices.Grow(r.floats[:0], size)[:size]
		floats = r.floats
	}
	if err := from.ReadRows(bytes, floats, numbers); err != nil {
		return bytes, floats, &readError{err}
	}
	return bytes, floats, nil
}

// readError is an error of a RowReader. Such an error names its data, so a plan returns it without
// the name of the launch (see readFault).
type readError struct{ err error }

func (e *readError) Error() string { return e.err.Error() }

// readFault returns the error of a RowReader out of an error that wraps one, and any other error
// unchanged.
func readFault(err error) error {
	if err == nil {
		return nil // the variable below is on the heap, and a run allocates nothing
	}
	if read := (*readError)(nil); errors.As(err, &read) {
		return read.err
	}
	return err
}
