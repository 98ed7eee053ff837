package storetest

import (
	"archive/zip"
	"encoding/binary"
	"fmt"
	"math"
)

// Int32s returns an NPY file of one dimension and type int32.
func Int32s(x ...int32) string {
	var data []byte
	for _, value := range x {
		data = binary.LittleEndian.AppendUint32(data, uint32(value))
	}
	return NPY("<i4", fmt.Sprintf("(%d,)", len(x)), data...)
}

// Float32s returns an NPY file of one dimension and type float32.
func Float32s(x ...float32) string {
	var data []byte
	for _, value := range x {
		data = binary.LittleEndian.AppendUint32(data, math.Float32bits(value))
	}
	return NPY("<f4", fmt.Sprintf("(%d,)", len(x)), data...)
}

// SciPy returns a sparse matrix (n, v) as SciPy saves it, in the format "csr", "csc" or "coo". values is the NPY
// file of the entries' values. places alternates the names and the NPY files of the arrays of their places.
func SciPy(format string, n, v int32, values string, places ...string) string {
	members := []string{"format.npy", NPY("|S3", "()", []byte(format)...), "shape.npy", Int32s(n, v), "data.npy", values}
	return Zip(zip.Deflate, append(members, places...)...)
}
