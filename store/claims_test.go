package store

import (
	"encoding/binary"
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

// A file of some hundred bytes costs little memory, whatever its header claims.
func TestClaims(t *testing.T) {
	const little = 4 << 20              // take and floats allocate 1 MiB for a claim
	const window = 2*maxWindow + little // zstd takes room for its window twice
	o := binary.LittleEndian
	claim := []uint32{1 << 31, 1 << 31}
	many := storetest.MATWords(o, 1<<30)[:8] // an element of 2³⁰ bytes
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
		{"sparse", storetest.SciPy("coo", math.MaxInt32, math.MaxInt32, storetest.Float32s(1), "row.npy", storetest.Int32s(0), "col.npy", storetest.Int32s(0)), little},
		{"sparse entries", storetest.SciPy("csr", 3, 4, storetest.NPY("<f8", "(1000000000,)")), little},
		{"libsvm", "1 2000000000:1\n", little},
		{"libsvm with all that one entry may have", "1 16777216:0.5\n", 4*freeCells + little},
		{"MAT", storetest.MATFile(o, storetest.MATArray(o, 9, "x", claim, many)), little},
		{"MAT with a long name", storetest.MATFile(o, storetest.MATElement(o, matMatrix, storetest.MATWords(o, 6, 0)+storetest.MATWords(o, 2, 2)+many)), little},
		{"MAT, sparse", storetest.MATFile(o, storetest.MATArray(o, 5, "x", claim, storetest.MATWords(o, 0), storetest.MATWords(o, 0, 1), storetest.MATSmall(2, "\x01"))), little},
		{"MAT, compressed", storetest.MATFile(o, storetest.MATCompress(storetest.MATArray(o, 9, "x", claim, many))), little},
		{"ARFF", "@attribute a {0,1}\n@data\n" + strings.Repeat("{}\n", 100), little},
		{"xz", blockXZ(29), window},
		{"zstd", "\x28\xb5\x2f\xfd\x00\x88\x03\x00\x00\x00\x01", window},
		{"BMP", bmp[:18] + "\xff\xff\x00\x00\xff\xff\x00\x00" + bmp[26:], little},
		{"WebP", strings.Replace(webpLossless, "/\x01\x00\x00\x00", "/\xff\xff\xff\x0f", 1), little},
	}
	for _, test := range tests {
		path := storetest.WriteFile(t, "a.png", test.file)
		if test.name == "BMP" || test.name == "WebP" {
			path = filepath.Dir(path)
		}
		before := allocated()
		ReadTable(path, Options{}) // most are refused
		if got := allocated() - before; got > test.limit {
			t.Errorf("%s: %d bytes allocated for a file of %d, want at most %d", test.name, got, len(test.file), test.limit)
		}
	}
}
