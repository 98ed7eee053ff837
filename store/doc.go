// Package store reads and writes files.
//
// # Atomic writes
//
// [WriteAtomic] replaces a file as a whole or leaves it as it was, whatever fails.
//
// # Safetensors
//
// [ReadSafetensors] and [WriteSafetensors] keep named arrays of float32, float64, int32
// or uint8 with a map of strings beside them, in the format of Hugging Face. Every file
// carries the name of its format, a version and a SHA-256 of all elements; a file without
// them, or with others, is refused. The same content gives the same bytes, and the file
// is written by WriteAtomic.
//
// # Arrays
//
// An [Array] is a dense array of float32. NPY, NPZ and CSV have a reader and a writer
// each: [ReadNPY], [WriteNPY], [ReadNPZ], [WriteNPZ], [ReadCSV] and [WriteCSV].
//
// [Decode] tells the format of a file by its first bytes, never by its name, and reads a
// [Table], which keeps bytes as bytes:
//
//	IDX    uint8, one to three dimensions
//	NPY    any shape, C or Fortran order, little-endian
//	NPZ    one array of it, chosen by key or by being the only one of 2 or 3 dimensions
//	CSV    commas, one row a line, an optional header
//	gzip   any of these but NPZ
//
// # Errors
//
// An error has one line with the place, what was found and what was wanted. Rows and
// columns of a CSV file count from 1, and a header is no row; bytes count from 0 in what
// a compressed file unpacks to. Readers allocate for what has arrived, never for what a
// header claims, and refuse zip bombs.
package store
