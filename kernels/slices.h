// The order of a sum over the rows of a batch. slices.go is the definition.
enum { SLICE = 64, SLICE_PARTS = 16 };

// Adds the sum of a slice to its part.
INLINE void add_slice(vec part[SLICE_PARTS], extent slice, vec sum) {
    vec *to = part + slice % SLICE_PARTS;
    *to = slice < SLICE_PARTS ? sum : *to + sum;
}

// Adds up the parts of `slices` slices in halves. The parts without a slice count as 0, which
// changes no sum.
INLINE vec fold_slices(vec part[SLICE_PARTS], extent slices) {
    for (extent half = SLICE_PARTS / 2; half > 0; half /= 2) {
        for (extent l = 0; l < half && l + half < slices; l++) part[l] += part[l + half];
    }
    return slices > 0 ? part[0] : (vec){0};
}
