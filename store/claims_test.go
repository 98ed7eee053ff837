package store

import (
	"encoding/binary"
	"fmt"
	"math"
	"path/filepath"
	"runtime/metrics"
	"strings"
	"testing"

	"harmonium/store/storetest"
)

// allocated returns the bytes that the program has allocated so far.
func allocated() uint64 {
	sample := []metrics.Sample{{Name: "/gc/heap/allocs:bytes"}}
	metrics.Read(sample)
	return sample[0].Value.Uint64()
}

// TestClaims: a file of some hundred bytes costs little memory, whatever its header claims. Most of the files are
// refused.
func TestClaims(t *testing.T) {
	// stream.take and element.floats allocate 1 MiB for a claim, and the file is refused once its bytes end. The other
	// MiB is for buffers, each of at most 128 KiB, and for the tables of the unpackers.
	const little = 2 << 20
	const window = maxWindow + little // xz allocates the dictionary that the file claims, and zstd the window and 128 KiB
	o := binary.LittleEndian
	claim, huge := []uint32{1 << 15, 1 << 15}, []uint32{1 << 31, 1 << 31}
	many := string(o.AppendUint32(o.AppendUint32(nil, storetest.MATUint8Type), 1<<30)) // claims 2³⁰ bytes, as claim does
	bmp := storetest.Picture("bmp", storetest.Grey(0, 0, 0))
	tests := []struct {
		name, file string
		limit      uint64
	}{
		{"IDX", "\x00\x00\x0e\x02\x00\x80\x00\x00\x00\x00\x80\x00", little},
		{"NPY of bytes", storetest.NPY("|u1", "(1048576, 131072)"), little},
		{"NPY of reals", storetest.NPY("<f8", "(1048576, 131072)"), little},
		{"NPY in Fortran order", storetest.NPYFile("{'descr': '<f8', 'fortran_order': True, 'shape': (1048576, 131072)}"), little},
		{"NPY with a long header", "\x93NUMPY\x02\x00\xff\xff\xff\xff", little},
		{"NPZ", storetest.Zip(8, "x.npy", storetest.NPY("<f8", "(1048576, 131072)")), little},
		{"sparse", storetest.SciPy("coo", math.MaxInt32, math.MaxInt32, storetest.Float32s(1),
			"row.npy", storetest.Int32s(0), "col.npy", storetest.Int32s(0)), little},
		{"sparse entries", storetest.SciPy("csr", 3, 4, storetest.NPY("<f8", "(1000000000,)")), little},
		{"libsvm", "1 2000000000:1\n", little},
		{"libsvm, accepted with all the cells that one entry may have", fmt.Sprintf("1 %d:0.5\n", freeCells), 4*freeCells + little},
		{"MAT", storetest.MATFile(o, storetest.MATArray(o, storetest.MATUint8Class, "x", claim, many)), little},
		{"MAT of a huge shape", storetest.MATFile(o, storetest.MATArray(o, storetest.MATUint8Class, "x", huge, many)), little},
		{"MAT with a long name", storetest.MATFile(o, storetest.MATElement(o, matMatrix,
			storetest.MATWords(o, storetest.MATDoubleClass, 0)+storetest.MATWords(o, 2, 2)+many)), little},
		{"MAT, sparse", storetest.MATFile(o, storetest.MATArray(o, storetest.MATSparseClass, "x", huge, storetest.MATWords(o, 0),
			storetest.MATWords(o, 0, 1), storetest.MATSmall(storetest.MATUint8Type, "\x01"))), little},
		{"MAT, compressed", storetest.MATFile(o,
			storetest.MATCompress(storetest.MATArray(o, storetest.MATUint8Class, "x", claim, many))), little},
		{"ARFF", "@attribute a {0,1}\n@data\n" + strings.Repeat("{}\n", 100), little},
		{"xz", blockXZ(30), window},                                  // claims 2²⁷ bytes
		{"zstd", "\x28\xb5\x2f\xfd\x00\x88\x03\x00\x00\x00", window}, // 88 claims 2²⁷ bytes; then an empty block
		// The width and the height of a BMP are at bytes 18 and 22: here 65535 each.
		{"BMP", bmp[:18] + "\xff\xff\x00\x00\xff\xff\x00\x00" + bmp[26:], little},
		{"WebP", webpHuge, little},
	}
	for _, test := range tests {
		path := storetest.WriteFile(t, "a.png", test.file)
		if test.name == "BMP" || test.name == "WebP" {
			path = filepath.Dir(path) // pictures are read as a folder
		}
		before := allocated()
		ReadTable(path, Options{})
		if got := allocated() - before; got > test.limit {
			t.Errorf("%s: %d bytes allocated for a file of %d, want at most %d", test.name, got, len(test.file), test.limit)
		}
	}
}
