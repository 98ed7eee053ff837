package kernels

/*
// Each function is noescape and nocallback: C keeps no pointer and calls no Go, so that arguments stay on the stack.
#cgo CFLAGS: -std=c11 -O3
#cgo LDFLAGS: -lm
#cgo noescape activate
#cgo nocallback activate
#cgo noescape binarize
#cgo nocallback binarize
#cgo noescape sweep_rows
#cgo nocallback sweep_rows
#cgo noescape gradient
#cgo nocallback gradient
#cgo noescape add
#cgo nocallback add
#cgo noescape squared_l1
#cgo nocallback squared_l1
#cgo noescape shrink
#cgo nocallback shrink
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
#cgo noescape cumulant_sum
#cgo nocallback cumulant_sum
#cgo noescape column_means
#cgo nocallback column_means
#cgo noescape column_means_states
#cgo nocallback column_means_states
#cgo noescape row_dot
#cgo nocallback row_dot
#cgo noescape activate_reals
#cgo nocallback activate_reals
#cgo noescape real_slopes
#cgo nocallback real_slopes
#cgo noescape real_cumulant_sum
#cgo nocallback real_cumulant_sum
#include "host_table.h"

#ifdef __x86_64__
static const struct host_table *avx2(void) { return &harmonium_avx2; }
static const struct host_table *avx512(void) { return &harmonium_avx512; }
static const struct host_table *avx512vbmi2(void) { return &harmonium_avx512vbmi2; }
#else
static const struct host_table *avx2(void) { return NULL; }
static const struct host_table *avx512(void) { return NULL; }
static const struct host_table *avx512vbmi2(void) { return NULL; }
#endif

// The calls through a table, which Go cannot make. Structs come by value, since cgo forbids a pointer to Go memory
// that holds Go pointers.
static extent activate(const struct host_table *t, struct activation a, extent lo, extent hi) {
    return t->activate(&a, lo, hi);
}

static extent binarize(const struct host_table *t, uint64_t *bits, extent stride, const uint8_t *data,
                       const int32_t *batch, struct draw d, extent lo, extent hi, extent columns) {
    return t->binarize(bits, stride, data, batch, &d, lo, hi, columns);
}

static extent sweep_rows(const struct host_table *t, struct sweep s, extent lo, extent hi) { return t->sweep_rows(&s, lo, hi); }

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

static void squared_l1(const struct host_table *t, float *out, const float *g, const float *w, float cost, extent rows,
                       extent columns, extent stride) {
    t->squared_l1(out, g, w, cost, rows, columns, stride);
}

static void shrink(const struct host_table *t, float *next, const float *w, float threshold, extent rows,
                   extent columns, extent stride) {
    t->shrink(next, w, threshold, rows, columns, stride);
}

static void pack(const struct host_table *t, float *dst, const float *src, extent lo, extent hi, extent rows,
                 extent columns) {
    t->pack(dst, src, lo, hi, rows, columns);
}

static void pack_transposed(const struct host_table *t, float *dst, const float *src, extent lo, extent hi,
                            extent rows) {
    t->pack_transposed(dst, src, lo, hi, rows);
}

static void cumulant_sum(const struct host_table *t, double *f, struct grid z, struct units units, float beta,
                         extent rows, extent columns) {
    t->cumulant_sum(f, z, units, beta, rows, columns);
}

static void column_means(const struct host_table *t, float *mean, float *weighted, struct grid x, const float *s,
                         extent lo, extent hi, extent rows) {
    t->column_means(mean, weighted, x, s, lo, hi, rows);
}

static void column_means_states(const struct host_table *t, float *mean, float *weighted, const uint64_t *bits,
                                extent stride, const float *s, extent lo, extent hi, extent rows) {
    t->column_means_states(mean, weighted, bits, stride, s, lo, hi, rows);
}

static void row_dot(const struct host_table *t, double *f, struct grid x, const float *c, extent rows,
                    extent columns) {
    t->row_dot(f, x, c, rows, columns);
}

static void activate_reals(const struct host_table *t, struct reals r) { t->activate_reals(&r); }

static void real_slopes(const struct host_table *t, float *out, const float *x, struct units units, struct shapes s,
                        int by, extent rows, extent columns) {
    t->real_slopes(out, x, units, &s, by, rows, columns);
}

static void real_cumulant_sum(const struct host_table *t, double *f, struct grid z, struct units units, struct shapes s,
                              float beta, extent rows, extent columns) {
    t->real_cumulant_sum(f, z, units, &s, beta, rows, columns);
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
		if x.HasAVX512VBMI2 {
			sets = append(sets, native("avx512vbmi2", 0.75, C.avx512vbmi2()))
		}
	}
	return sets
}

// floats, doubles, integers and words return the C views of slices.
func floats(x []float32) *C.float   { return (*C.float)(unsafe.SliceData(x)) }
func doubles(x []float64) *C.double { return (*C.double)(unsafe.SliceData(x)) }
func integers(x []int32) *C.int32_t { return (*C.int32_t)(unsafe.SliceData(x)) }
func words(x []uint64) *C.uint64_t  { return (*C.uint64_t)(unsafe.SliceData(x)) }

// native returns the implementation that a table of C functions holds. It checks shapes as the
// definitions do.
func native(name string, sparseBelow float64, table *C.struct_host_table) *Set {
	s := Definition // a kernel without C would keep its definition
	s.Name, s.SparseBelow = name, sparseBelow
	s.Activate = func(a Activation, lo, hi int) int {
		a.check(lo, hi)
		return int(C.activate(table, activationOf(&a), C.extent(lo), C.extent(hi)))
	}
	s.Binarize = func(s States, data []byte, batch []int32, d Draw, lo, hi, columns int) int {
		checkBinarize(s, data, batch, lo, hi, columns)
		return int(C.binarize(table, words(s.Bits), C.extent(s.Stride), (*C.uint8_t)(unsafe.SliceData(data)), integers(batch),
			drawOf(d), C.extent(lo), C.extent(hi), C.extent(columns)))
	}
	s.SweepRows = func(w Sweep, lo, hi int) int {
		w.check(lo, hi)
		return int(C.sweep_rows(table, sweepOf(&w), C.extent(lo), C.extent(hi)))
	}
	s.Gradient = func(g []float32, data, chains Phase, lo, hi, visible, hidden int) {
		checkGradient(g, data, chains, hi, visible, hidden)
		C.gradient(table, floats(g), phaseView(data), phaseView(chains),
			C.extent(lo), C.extent(hi), C.extent(visible), C.extent(hidden))
	}
	s.Ascend = func(a Ascent, lo, hi, columns int) int {
		checkAscend(a, hi, columns)
		return int(C.ascend(table, floats(a.Next), floats(a.Keep), floats(a.Weights), floats(a.Gradient), ascentOf(a),
			C.extent(lo), C.extent(hi), C.extent(columns)))
	}
	s.Update = func(a Ascent, data, chains Phase, lo, hi, visible, columns int) int {
		checkUpdate(a, data, chains, hi, visible, columns)
		return int(C.update(table, floats(a.Next), floats(a.Keep), floats(a.Weights), ascentOf(a),
			phaseView(data), phaseView(chains), C.extent(lo), C.extent(hi), C.extent(visible), C.extent(columns)))
	}
	s.UpdatePanels = func(w, turned Panels, a Ascent, data, chains Phase, lo, hi int) int {
		checkUpdatePanels(w, turned, a, data, chains, lo, hi)
		ascent := ascentOf(a)
		ascent.gradient = floats(a.Gradient)
		return int(C.update_panels(table, floats(w.Data), floats(turned.Data), ascent, phaseView(data), phaseView(chains),
			C.extent(lo), C.extent(hi), C.extent(w.Rows), C.extent(w.Columns)))
	}
	s.Add = func(z, x, y []float32, lo, hi int) int {
		checkAdd(z, x, y, hi)
		return int(C.add(table, floats(z), floats(x), floats(y), C.extent(lo), C.extent(hi)))
	}
	s.SquaredL1 = func(out, g, w []float32, units Units, cost float32, lo, hi, rows, columns int) {
		eachSquaredL1(out, g, w, units, lo, hi, rows, columns, func(r run) {
			if r.count < r.width { // a block of several columns
				r.squaredL1(out, g, w, cost, columns)
				return
			}
			at := r.top*columns + r.left
			C.squared_l1(table, floats(out[at:]), floats(g[at:]), floats(w[at:]), C.float(cost),
				C.extent(r.height), C.extent(r.width), C.extent(columns))
		})
	}
	s.Shrink = func(next, w []float32, blocks Blocks, threshold float32, lo, hi, rows, columns int) {
		eachShrink(next, w, blocks, lo, hi, rows, columns, func(r run) {
			if r.count < r.width { // a block of several columns
				r.shrink(next, w, threshold, columns)
				return
			}
			at := r.top*columns + r.left
			C.shrink(table, floats(next[at:]), floats(w[at:]), C.float(threshold),
				C.extent(r.height), C.extent(r.width), C.extent(columns))
		})
	}
	s.Pack = func(dst Panels, src []float32, lo, hi int) {
		checkPack(dst, src, hi*dst.Columns)
		C.pack(table, floats(dst.Data), floats(src), C.extent(lo), C.extent(hi), C.extent(dst.Rows), C.extent(dst.Columns))
	}
	s.PackTransposed = func(dst Panels, src []float32, lo, hi int) {
		checkPack(dst, src, hi*dst.Rows)
		C.pack_transposed(table, floats(dst.Data), floats(src), C.extent(lo), C.extent(hi), C.extent(dst.Rows))
	}
	s.CumulantSum = func(f []float64, z Grid, units Units, beta float32, rows, columns int) {
		checkCumulantSum(f, z, units, rows, columns)
		C.cumulant_sum(table, doubles(f), gridOf(z), groupsOf(units), C.float(beta), C.extent(rows), C.extent(columns))
	}
	s.ColumnMeans = func(mean, weighted []float32, x Grid, s []float32, lo, hi, rows int) {
		checkColumnMeans(mean, weighted, x, s, lo, hi, rows)
		C.column_means(table, floats(mean), floats(weighted), gridOf(x), floats(s), C.extent(lo), C.extent(hi), C.extent(rows))
	}
	s.ColumnMeansStates = func(mean, weighted []float32, x States, s []float32, lo, hi, rows int) {
		checkColumnMeansStates(mean, weighted, x, s, lo, hi, rows)
		if !x.Units.Plain() {
			ColumnMeansStates(mean, weighted, x, s, lo, hi, rows)
			return
		}
		C.column_means_states(table, floats(mean), floats(weighted), words(x.Bits), C.extent(x.Stride), floats(s),
			C.extent(lo), C.extent(hi), C.extent(rows))
	}
	s.RowDot = func(f []float64, x Grid, c []float32, rows, columns int) {
		checkRowDot(f, x, c, rows, columns)
		C.row_dot(table, doubles(f), gridOf(x), floats(c), C.extent(rows), C.extent(columns))
	}
	s.ActivateReals = func(r Reals) {
		r.check()
		C.activate_reals(table, C.struct_reals{
			rows: C.extent(r.Rows), columns: C.extent(r.Columns), units: groupsOf(r.Units), shapes: shapesOf(r.Shapes),
			field: gridOf(r.Field), mean: gridOf(r.Mean), state: gridOf(r.State),
			beta: C.float(r.Path.Beta), betas: floats(r.Path.Betas), base: floats(r.Path.Base), draw: drawOf(r.Draw),
		})
	}
	s.RealSlopes = func(out, x []float32, units Units, shapes Shapes, by Slope, rows, columns int) {
		checkRealSlopes(out, x, units, shapes, rows, columns)
		C.real_slopes(table, floats(out), floats(x), groupsOf(units), shapesOf(shapes), C.int(by),
			C.extent(rows), C.extent(columns))
	}
	s.RealCumulantSum = func(f []float64, z Grid, units Units, shapes Shapes, beta float32, rows, columns int) {
		checkRealCumulantSum(f, z, units, shapes, rows, columns)
		C.real_cumulant_sum(table, doubles(f), gridOf(z), groupsOf(units), shapesOf(shapes), C.float(beta),
			C.extent(rows), C.extent(columns))
	}
	return &s
}

// shapesOf returns the C view of shapes.
func shapesOf(s Shapes) C.struct_shapes {
	return C.struct_shapes{log_variance: floats(s.LogVariance), jump: floats(s.Jump), skew: floats(s.Skew)}
}

// activationOf returns the C view of an activation.
func activationOf(a *Activation) C.struct_activation {
	x := &a.Input
	return C.struct_activation{
		rows: C.extent(a.Rows), columns: C.extent(a.Columns), units: groupsOf(a.Units),
		input: C.struct_input{
			size: C.extent(x.Weights.Rows), weights: floats(x.Weights.Data), bias: floats(x.Bias), values: floats(x.Values),
			bits: words(x.States.Bits), was: words(x.Was.Bits),
			stride: C.extent(x.States.Stride), was_stride: C.extent(x.Was.Stride),
			before: gridOf(x.Before), room: integers(x.Room),
		},
		field: gridOf(a.Field), mean: gridOf(a.Mean),
		beta: C.float(a.Path.Beta), betas: floats(a.Path.Betas), base: floats(a.Path.Base),
		bits: words(a.States.Bits), stride: C.extent(a.States.Stride), draw: drawOf(a.Draw),
	}
}

// sweepOf returns the C view of a sweep.
func sweepOf(s *Sweep) C.struct_sweep {
	var backward C.int
	if s.Backward {
		backward = 1
	}
	return C.struct_sweep{
		columns: C.extent(s.Columns), backward: backward, units: groupsOf(s.Units),
		bits: words(s.States.Bits), stride: C.extent(s.States.Stride),
		field: floats(s.Field), lateral: floats(s.Lateral), free: floats(s.Free),
		beta: C.float(s.Path.Beta), betas: floats(s.Path.Betas), base: floats(s.Path.Base),
		draw: drawOf(s.Draw), room: floats(s.Room),
	}
}

// groupsOf returns the C view of units. A [Group] has the memory layout of a struct group.
func groupsOf(u Units) C.struct_units {
	return C.struct_units{groups: (*C.struct_group)(unsafe.Pointer(unsafe.SliceData(u))), count: C.extent(len(u))}
}

// unlessPlain returns the groups of a layer, or none if all bits are worth 0 and 1.
func unlessPlain(u Units) Units {
	if u.Plain() {
		return nil
	}
	return u
}

// gridOf returns the C view of a matrix.
func gridOf(g Grid) C.struct_grid {
	return C.struct_grid{data: floats(g.Data), row: C.extent(g.Row), panel: C.extent(g.Panel)}
}

// phaseView returns the C view of a phase.
func phaseView(p Phase) C.struct_phase {
	return C.struct_phase{
		rows: C.extent(p.Rows), visible: floats(p.Visible), units: groupsOf(unlessPlain(p.States.Units)),
		bits: words(p.States.Bits), stride: C.extent(p.States.Stride), room: integers(p.Room),
		hidden: floats(p.Hidden.Data), panel_rows: C.extent(p.Hidden.Rows),
		scale: C.float(p.scale()),
	}
}

// ascentOf returns the C view of an ascent without its matrices.
func ascentOf(a Ascent) C.struct_ascent {
	return C.struct_ascent{
		scale: C.float(a.Scale), rate: C.float(a.Rate), l1: C.float(a.L1), l2: C.float(a.L2),
		visible_offset: floats(a.Center.VisibleOffset), hidden_offset: floats(a.Center.HiddenOffset),
		visible_difference: floats(a.Center.VisibleDifference), hidden_difference: floats(a.Center.HiddenDifference),
	}
}

// drawOf returns the C view of a draw.
func drawOf(d Draw) C.struct_draw {
	return C.struct_draw{
		key0: C.uint32_t(d.Seed), key1: C.uint32_t(d.Seed >> 32), stream: C.uint32_t(d.Stream) << 24,
		row: C.uint32_t(d.Row), update: C.uint32_t(d.Update), step: C.uint32_t(d.Step),
	}
}
