// Package store reads and writes files.
//
// # Safetensors
//
// [ReadSafetensors] and [WriteSafetensors] keep named arrays of float32, float64, int32
// or uint8 with a map of strings beside them, in the format of Hugging Face. Every file
// carries the name of its format, a version and a SHA-256 of all elements; a file without
// them, or with others, is refused. The same content gives the same bytes.
//
// # Atomic writes
//
// [WriteAtomic] replaces a file as a whole or leaves it as it was, whatever fails.
// WriteSafetensors writes by it.
//
// An error has one line with the path, what was found and what was wanted. A reader
// allocates no more than the file has bytes, whatever its header claims.
package store
