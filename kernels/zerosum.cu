// The zero-sum gauge of weights. zerosum.go is the definition, and the bits are the same. units holds the kinds of the
// layer's `size` columns and after them the first columns of its `count` units. In w neighbouring columns of the layer
// are `along` apart, and neighbouring lines of the other side `across`. faults->first is all ones as long as no update,
// the present one included, had a fault.
#include "faults.h"

// Returns the mean of the weights of a unit.
ELEMENT double unit_mean(const float *w, extent along, int width) {
    double sum = 0;
    for (int a = 0; a < width; a++) sum += (double)w[a * along];
    return sum / (double)width;
}

// One thread computes the weights between a unit and one of the `others` lines of the other side. w is changed in
// place. After a fault nothing changes.
KERNEL zero_sum(float *w, const uint32_t *units, const struct faults *faults, int size, int count, int others,
                extent along, extent across) {
    if (faults->first != 0xFFFFFFFFu) return;
    EACH(item, (extent)count * others) {
        int from = (int)units[size + item / others];
        uint32_t kind = units[from];
        if (!kind_several(kind)) continue;
        float *first = w + from * along + item % others * across;
        int width = kind_width(kind);
        double mean = unit_mean(first, along, width);
        for (int a = 0; a < width; a++) first[a * along] = (float)((double)first[a * along] - mean);
    }
}

// next (others) is the bias plus the means of all units. Sixteen lanes share a line. next may be the bias. After a
// fault nothing changes.
KERNEL zero_sum_shift(float *next, const float *bias, const float *w, const uint32_t *units, const struct faults *faults,
                      int size, int count, int others, extent along, extent across) {
    if (faults->first != 0xFFFFFFFFu) return;
    EACH_ROW(line, others) {
        double part = 0;
        for (int n = threadIdx.x % LANES; n < count && line < others; n += LANES) {
            int from = (int)units[size + n];
            if (kind_several(units[from])) part += unit_mean(w + from * along + line * across, along, kind_width(units[from]));
        }
        part = folded(part);
        if (threadIdx.x % LANES == 0 && line < others) next[line] = (float)((double)bias[line] + part);
    }
}
