package engine

import (
	"errors"
	"fmt"
	"slices"

	"gorgonia.org/tensor"
)

// A RowReader is a data set outside of memory, a matrix whose rows are read as batches take them. One
// goroutine at a time calls its methods.
type RowReader interface {
	// InBytes reports whether values are bytes, where b stands for b/255; else they are numbers.
	InBytes() bool
	// Binary reports whether every value is 0 or 1.
	Binary() bool
	// ReadRows copies the rows (len(numbers), columns) with the given numbers to bytes or to floats: to
	// the one of the type of the values.
	ReadRows(bytes []uint8, floats []float32, numbers []int32) error
}

// readerOf returns data if it is a RowReader of a matrix, or nil if it is a slice.
func readerOf(data any, shape tensor.Shape) (RowReader, error) {
	from, ok := data.(RowReader)
	if ok && len(shape) != 2 {
		return nil, fmt.Errorf("rows to be read for shape %v, want a matrix", shape)
	}
	return from, nil
}

// typeOfReader returns the element type of the values.
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

// read reads rows of a number of columns into the room, which it returns as bytes or as floats.
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

// readError is an error of a RowReader, which names its data, so that the launch that reads them adds nothing.
type readError struct{ err error }

func (e *readError) Error() string { return e.err.Error() }

// readFault returns the error of a RowReader alone if it is what a plan failed by, else the error itself.
func readFault(err error) error {
	if err == nil {
		return nil // before a variable is allocated
	}
	if read := (*readError)(nil); errors.As(err, &read) {
		return read.err
	}
	return err
}
