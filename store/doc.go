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
// An [Array] is a dense array of float32: [ReadNPY], [WriteNPY], [ReadNPZ], [WriteNPZ] and
// [WriteCSV]. [WriteNPY64] writes rows of float64.
//
// [ReadTable] reads a file, a pipe or standard input, and [Decode] content in memory. They detect
// the format from the first bytes, never from the name, and return a [Table], which keeps bytes as
// bytes:
//
//	IDX    one to four dimensions, every type of elements
//	NPY    any shape, bool, integers and floats of 16 to 64 bits, both byte orders, C or Fortran
//	NPZ    the array of a key or, without a key, the only array of 2 or 3 dimensions; a sparse
//	       matrix of SciPy (csr, csc, coo)
//	MAT    MATLAB 5 to 7, numbers, logicals or sparse: the array of a key or, without a key, the
//	       only one of several rows and several columns
//	libsvm a label and index:value of the cells that are not 0, one row a line
//	ARFF   of Weka, also with rows in braces; the cells say whether a column is numbers or text
//	text   a row a line, cells by commas, tabs, semicolons, bars or spaces, with or without a header
//	folder PNG, JPEG, GIF, BMP, TIFF or WebP of one size, in the order of their paths, as grey
//	       levels; the names of folders in it are labels
//	packed any of these by gzip, bzip2, xz or zstd, or as the only file of a zip
//
// More than three dimensions lose their axes of length 1. Any other format that is known, such as
// HDF5, Parquet or a pickle, is refused by its name, with a command that converts the file, mostly a line of Python.
//
// [OpenRows] opens an uncompressed NPY or IDX file, whose rows are then read as they are needed.
//
// # Event files
//
// [Events] writes the event files of TensorBoard: scalars, histograms and images.
//
// # Errors
//
// An error is one line with the place, what was found and what was expected. Lines and columns of
// a text count from 1. Bytes count from 0, in the unpacked content
// of a compressed file. Readers allocate for the bytes that have arrived, never for the size
// that a header claims, and refuse zip bombs. The cells of a sparse matrix are limited by its entries.
package store
