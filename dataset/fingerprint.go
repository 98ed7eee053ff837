package dataset

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"hash"
	"slices"
)

// Fingerprint returns the SHA-256, in hexadecimal, of N, V, the values and, if there are any, the marks of missing
// cells and the weights; labels do not count. It takes about a second for a gigabyte.
func (r *Rows) Fingerprint() string {
	if r.stored != nil {
		return r.stored.known().sum
	}
	h := sha256.New()
	writeSize(h, r.N, r.V)
	writeValues(h, r)
	if r.MissingCells() > 0 {
		fmt.Fprint(h, " missing ")
		h.Write(r.Missing)
	}
	if r.Weights != nil {
		writeWeights(h, r.Weights)
	}
	return hex.EncodeToString(h.Sum(nil))
}

// writeSize writes the start of a fingerprint.
func writeSize(h hash.Hash, n, v int) { fmt.Fprintf(h, "%d %d ", n, v) }

// writeValues writes the values of rows in memory.
func writeValues(h hash.Hash, r *Rows) {
	if r.Bytes != nil {
		h.Write(r.Bytes)
	}
	for part := range slices.Chunk(r.Floats, 1<<16) { // since binary.Write makes a copy of its argument: 256 KiB
		binary.Write(h, binary.LittleEndian, part)
	}
}

func writeWeights(h hash.Hash, weights []float32) {
	fmt.Fprint(h, " weights ")
	binary.Write(h, binary.LittleEndian, weights)
}
