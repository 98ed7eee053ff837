package kernels

/*
#cgo CFLAGS: -std=c11 -O3
#cgo noescape field
#cgo nocallback field
#cgo noescape field_ones
#cgo nocallback field_ones
#cgo noescape changed_field
#cgo nocallback changed_field
#cgo noescape mean
#cgo nocallback mean
#cgo noescape sample
#cgo nocallback sample
#cgo noescape binarize
#cgo nocallback binarize
#cgo noescape transpose_ones
#cgo nocallback transpose_ones
#cgo noescape gradient
#cgo nocallback gradient
#cgo noescape add
#cgo nocallback add
#cgo noescape update
#cgo nocallback update
#cgo noescape update_panels
#cgo nocallback update_panels
#cgo noescape ascend
#cgo nocallback ascend
#cgo noescape pack
#cgo nocallback pack
#cgo noescape pack_transposed
#cgo nocallback pack_transposed
#cgo noescape softplus_sum
#cgo nocallback softplus_sum
#cgo noescape column_means
#cgo nocallback column_means
#cgo noescape row_dot
#cgo nocallback row_dot
#include "host_table.h"

#ifdef __x86_64__
static const struct host_table *avx2(void) { return &harmonium_avx2; }
static const struct host_table *avx512(void) { return &harmonium_avx512; }
#else
static const struct host_table *avx2(void) { return NULL; }
static const struct host_table *avx512(void) { return NULL; }
#endif

static void field(const struct host_table *t, float *z, const float *x, const float *w, const float *b, extent rows,
                  extent in, extent out) {
    t->field(z, x, w, b, rows, in, out);
}

static void field_ones(const struct host_table *t, float *z, const int32_t *count, const int32_t *index,
                       const float *w, const float *b, extent rows, extent in, extent out) {
    t->field_ones(z, count, index, w, b, rows, in, out);
}

static void changed_field(const struct host_table *t, float *z, const float *before, struct changes c, const float *w,
                          const float *b, extent rows, extent in, extent out) {
    t->changed_field(z, before, &c, w, b, rows, in, out);
}

static void mean(const struct host_table *t, float *p, const float *z, float beta, const float *base, extent rows,
                 extent columns) {
    t->mean(p, z, beta, base, rows, columns);
}

static void sample(const struct host_table *t, float *s, int32_t *count, int32_t *index, uint64_t *bits,
                   const float *p, struct draw d, extent rows, extent columns) {
    t->sample(s, count, index, bits, p, &d, rows, columns);
}

static void binarize(const struct host_table *t, float *s, int32_t *count, int32_t *index, uint64_t *bits,
                     const uint8_t *data, const int32_t *batch, struct draw d, extent lo, extent hi, extent columns) {
    t->binarize(s, count, index, bits, data, batch, &d, lo, hi, columns);
}

static void transpose_ones(const struct host_table *t, int32_t *to_count, int32_t *to_index, extent to_columns,
                           const uint64_t *bits, extent rows, extent columns, extent lo, extent hi) {
    t->transpose_ones(to_count, to_index, to_columns, bits, rows, columns, lo, hi);
}

static void gradient(const struct host_table *t, float *g, struct phase data, struct phase chains, extent lo, extent hi,
                     extent visible, extent hidden) {
    t->gradient(g, &data, &chains, lo, hi, visible, hidden);
}

static extent ascend(const struct host_table *t, float *next, const float *keep, const float *w, const float *g,
                     struct ascent a, extent lo, extent hi, extent columns) {
    return t->ascend(next, keep, w, g, &a, lo, hi, columns);
}

static extent update(const struct host_table *t, float *next, const float *keep, const float *w, struct ascent a,
                     struct phase data, struct phase chains, extent lo, extent hi, extent visible, extent hidden) {
    return t->update(next, keep, w, &a, &data, &chains, lo, hi, visible, hidden);
}

static extent update_panels(const struct host_table *t, float *w, float *turned, struct ascent a, struct phase data,
                            struct phase chains, extent lo, extent hi, extent visible, extent hidden) {
    return t->update_panels(w, turned, &a, &data, &chains, lo, hi, visible, hidden);
}

static extent add(const struct host_table *t, float *z, const float *x, const float *y, extent lo, extent hi) {
    return t->add(z, x, y, lo, hi);
}

static void pack(const struct host_table *t, float *dst, const float *src, extent lo, extent hi, extent rows,
                 extent columns) {
    t->pack(dst, src, lo, hi, rows, columns);
}

static void pack_transposed(const struct host_table *t, float *dst, const float *src, extent lo, extent hi,
                            extent rows) {
    t->pack_transposed(dst, src, lo, hi, rows);
}

static void softplus_sum(const struct host_table *t, double *f, const float *z, float beta, extent rows,
                         extent columns) {
    t->softplus_sum(f, z, beta, rows, columns);
}

static void column_means(const struct host_table *t, float *mean, float *weighted, const float *x, const float *s,
                         extent lo, extent hi, extent rows, extent columns) {
    t->column_means(mean, weighted, x, s, lo, hi, rows, columns);
}

static void row_dot(const struct host_table *t, double *f, const float *x, const float *c, extent rows,
                    extent columns) {
    t->row_dot(f, x, c, rows, columns);
}
*/
import "C"

import (
	"unsafe"

	"golang.org/x/sys/cpu"
)

// compiled returns the implementations in C that this machine can run.
func compiled() []*Set {
	sets := []*Set{native("plain", 1, &C.harmonium_plain)}
	if x := cpu.X86; x.HasAVX2 && x.HasFMA && x.HasPOPCNT && x.HasBMI1 {
		sets = append(sets, native("avx2", 1, C.avx2()))
	}
	if x := cpu.X86; x.HasAVX512F && x.HasAVX512BW && x.HasAVX512DQ && x.HasAVX512VL && x.HasFMA && x.HasPOPCNT && x.HasBMI1 {
		sets = append(sets, native("avx512", 0.75, C.avx512()))
	}
	return sets
}

// floats, doubles, integers and words are the C views of slices.
func floats(x []float32) *C.float   { return (*C.float)(unsafe.SliceData(x)) }
func doubles(x []float64) *C.double { return (*C.double)(unsafe.SliceData(x)) }
func integers(x []int32) *C.int32_t { return (*C.int32_t)(unsafe.SliceData(x)) }
func words(x []uint64) *C.uint64_t  { return (*C.uint64_t)(unsafe.SliceData(x)) }

// native returns the implementation that a table of C functions holds. Its functions
// check their shapes as the definitions do.
func native(name string, sparseBelow float64, table *C.struct_host_table) *Set {
	s := Definition
	s.Name, s.SparseBelow = name, sparseBelow
	s.Field = func(z, x []float32, w Panels, b []float32, rows int) {
		checkField(z, w, b, rows)
		checkStates(x, rows, w.Rows)
		C.field(table, floats(z), floats(x), floats(w.Data), floats(b), C.extent(rows), C.extent(w.Rows), C.extent(w.Columns))
	}
	s.FieldOnes = func(z []float32, x Ones, w Panels, b []float32, rows int) {
		checkField(z, w, b, rows)
		checkOnes(x, rows, w.Rows)
		C.field_ones(table, floats(z), integers(x.Count), integers(x.Index), floats(w.Data), floats(b),
			C.extent(rows), C.extent(w.Rows), C.extent(w.Columns))
	}
	s.ChangedField = func(z, before []float32, was, x Ones, room Changes, w Panels, b []float32, rows int) {
		checkChangedField(z, before, was, x, room, w, b, rows)
		changes := C.struct_changes{
			was_bits: words(was.Bits), bits: words(x.Bits), count: integers(x.Count), index: integers(x.Index),
			on_index: integers(room.On.Index), off_index: integers(room.Off.Index),
		}
		C.changed_field(table, floats(z), floats(before), changes, floats(w.Data), floats(b),
			C.extent(rows), C.extent(w.Rows), C.extent(w.Columns))
	}
	s.Mean = func(p, z []float32, t Temper, rows, columns int) {
		checkMean(p, z, t, rows, columns)
		C.mean(table, floats(p), floats(z), C.float(t.Beta), floats(t.Base), C.extent(rows), C.extent(columns))
	}
	s.Sample = func(s []float32, ones Ones, p []float32, d Draw, rows, columns int) {
		checkSample(s, ones, p, rows, columns)
		C.sample(table, floats(s), integers(ones.Count), integers(ones.Index), words(ones.Bits), floats(p), numbersOf(d),
			C.extent(rows), C.extent(columns))
	}
	s.Binarize = func(s []float32, ones Ones, data []byte, batch []int32, d Draw, lo, hi, columns int) {
		checkBinarize(s, ones, data, batch, lo, hi, columns)
		C.binarize(table, floats(s), integers(ones.Count), integers(ones.Index), words(ones.Bits),
			(*C.uint8_t)(unsafe.SliceData(data)), integers(batch), numbersOf(d), C.extent(lo), C.extent(hi), C.extent(columns))
	}
	s.TransposeOnes = func(t, o Ones, rows, lo, hi int) {
		checkTransposeOnes(t, o, rows, hi)
		C.transpose_ones(table, integers(t.Count), integers(t.Index), C.extent(t.Columns), words(o.Bits),
			C.extent(rows), C.extent(o.Columns), C.extent(lo), C.extent(hi))
	}
	s.Gradient = func(g []float32, data, chains Phase, lo, hi, visible, hidden int) {
		checkGradient(g, data, chains, hi, visible, hidden)
		C.gradient(table, floats(g), side(data), side(chains), C.extent(lo), C.extent(hi), C.extent(visible), C.extent(hidden))
	}
	s.Ascend = func(a Ascent, lo, hi, columns int) int {
		checkAscend(a, hi, columns)
		return int(C.ascend(table, floats(a.Next), floats(a.Keep), floats(a.Weights), floats(a.Gradient), numbers(a),
			C.extent(lo), C.extent(hi), C.extent(columns)))
	}
	s.Update = func(a Ascent, data, chains Phase, lo, hi, visible, columns int) int {
		checkUpdate(a, data, chains, hi, visible, columns)
		return int(C.update(table, floats(a.Next), floats(a.Keep), floats(a.Weights), numbers(a), side(data), side(chains),
			C.extent(lo), C.extent(hi), C.extent(visible), C.extent(columns)))
	}
	s.UpdatePanels = func(w, turned Panels, a Ascent, data, chains Phase, lo, hi int) int {
		checkUpdatePanels(w, turned, a, data, chains, hi)
		return int(C.update_panels(table, floats(w.Data), floats(turned.Data), numbers(a), side(data), side(chains),
			C.extent(lo), C.extent(hi), C.extent(w.Rows), C.extent(w.Columns)))
	}
	s.Add = func(z, x, y []float32, lo, hi int) int {
		checkAdd(z, x, y, hi)
		return int(C.add(table, floats(z), floats(x), floats(y), C.extent(lo), C.extent(hi)))
	}
	s.Pack = func(dst Panels, src []float32, lo, hi int) {
		checkPack(dst, src, hi*dst.Columns)
		C.pack(table, floats(dst.Data), floats(src), C.extent(lo), C.extent(hi), C.extent(dst.Rows), C.extent(dst.Columns))
	}
	s.PackTransposed = func(dst Panels, src []float32, lo, hi int) {
		checkPack(dst, src, hi*dst.Rows)
		C.pack_transposed(table, floats(dst.Data), floats(src), C.extent(lo), C.extent(hi), C.extent(dst.Rows))
	}
	s.SoftplusSum = func(f []float64, z []float32, beta float32, rows, columns int) {
		checkSoftplusSum(f, z, rows, columns)
		C.softplus_sum(table, doubles(f), floats(z), C.float(beta), C.extent(rows), C.extent(columns))
	}
	s.ColumnMeans = func(mean, weighted, x, s []float32, lo, hi, rows, columns int) {
		checkColumnMeans(mean, weighted, x, s, hi, rows, columns)
		C.column_means(table, floats(mean), floats(weighted), floats(x), floats(s),
			C.extent(lo), C.extent(hi), C.extent(rows), C.extent(columns))
	}
	s.RowDot = func(f []float64, x, c []float32, rows, columns int) {
		checkRowDot(f, x, c, rows, columns)
		C.row_dot(table, doubles(f), floats(x), floats(c), C.extent(rows), C.extent(columns))
	}
	return &s
}

// side is the C view of a phase.
func side(p Phase) C.struct_phase {
	return C.struct_phase{
		rows: C.extent(p.Rows), visible: floats(p.Visible),
		count: integers(p.Lists.Count), index: integers(p.Lists.Index), columns: C.extent(p.Lists.Columns),
		hidden: floats(p.Hidden.Data), panel_rows: C.extent(p.Hidden.Rows),
	}
}

// numbers is the C view of an ascent less its matrices.
func numbers(a Ascent) C.struct_ascent {
	return C.struct_ascent{
		scale: C.float(a.Scale), rate: C.float(a.Rate), l1: C.float(a.L1), l2: C.float(a.L2),
		visible_offset: floats(a.Center.VisibleOffset), hidden_offset: floats(a.Center.HiddenOffset),
		visible_difference: floats(a.Center.VisibleDifference), hidden_difference: floats(a.Center.HiddenDifference),
	}
}

// numbersOf is the C view of a draw.
func numbersOf(d Draw) C.struct_draw {
	return C.struct_draw{
		key0: C.uint32_t(d.Seed), key1: C.uint32_t(d.Seed >> 32), stream: C.uint32_t(d.Stream) << 24,
		row: C.uint32_t(d.Row), update: C.uint32_t(d.Update), step: C.uint32_t(d.Step),
	}
}
