package kernels

/*
#cgo CFLAGS: -std=c11 -O3
#cgo noescape field_ones
#cgo nocallback field_ones
#include "host_table.h"

#ifdef __x86_64__
static const struct host_table *avx2(void) { return &harmonium_avx2; }
static const struct host_table *avx512(void) { return &harmonium_avx512; }
#else
static const struct host_table *avx2(void) { return NULL; }
static const struct host_table *avx512(void) { return NULL; }
#endif

static void field_ones(const struct host_table *t, float *z, const int32_t *count, const int32_t *index,
                       const float *w, const float *b, extent rows, extent in, extent out) {
    t->field_ones(z, count, index, w, b, rows, in, out);
}
*/
import "C"

import (
	"unsafe"

	"golang.org/x/sys/cpu"
)

// compiled returns the implementations in C that this machine can run.
func compiled() []*Set {
	sets := []*Set{native("plain", &C.harmonium_plain)}
	if x := cpu.X86; x.HasAVX2 && x.HasFMA {
		sets = append(sets, native("avx2", C.avx2()))
	}
	if x := cpu.X86; x.HasAVX512F && x.HasAVX512BW && x.HasAVX512DQ && x.HasAVX512VL && x.HasFMA {
		sets = append(sets, native("avx512", C.avx512()))
	}
	return sets
}

// floats and integers are the C views of slices.
func floats(x []float32) *C.float   { return (*C.float)(unsafe.SliceData(x)) }
func integers(x []int32) *C.int32_t { return (*C.int32_t)(unsafe.SliceData(x)) }

// native returns the implementation that a table of C functions holds. Its functions
// check their shapes as the definitions do.
func native(name string, table *C.struct_host_table) *Set {
	s := Definition
	s.Name = name
	s.FieldOnes = func(z []float32, x Ones, w, b []float32, rows, in, out int) {
		checkField(z, w, b, rows, in, out)
		checkOnes(x, rows, in)
		C.field_ones(table, floats(z), integers(x.Count), integers(x.Index), floats(w), floats(b),
			C.extent(rows), C.extent(in), C.extent(out))
	}
	return &s
}
