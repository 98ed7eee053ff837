// The monitors of training, which compute one number per row of a batch. monitor.go is the
// definition. The sums are in float64 but in another order.
//
// The sixteen lanes of a row (LANES and EACH_ROW of grid.h) share its columns.
#include "grid.h"

ELEMENT double softplus64(double x) { return fmax(x, 0.0) + log1p(exp(-fabs(x))); }

// A change of one or two visible units: the weights and the difference of each. The second may be null.
struct change {
    const float *w[2];
    float difference[2];
};

// Returns the field z of hidden unit j after a change.
ELEMENT float changed(const float *z, const struct change &c, int j) {
    float x = z[j] + c.difference[0] * c.w[0][j];
    return c.w[1] ? x + c.difference[1] * c.w[1][j] : x;
}

// Returns the cumulant log Σ_a e^(z_a) of a hidden unit of q columns from j on after a change.
ELEMENT float changed_cumulant(const float *z, const struct change &c, int j, int q) {
    float most = LOWEST, total = 0.0f;
    for (int a = j; a < j + q; a++) most = LARGER(changed(z, c, a), most);
    for (int a = j; a < j + q; a++) total += element_exp(element_clamp(changed(z, c, a) - most));
    return most + element_log(total);
}

// Returns this lane's part of the amount by which a change raises the sum of the cumulants of a row's hidden units.
// A lane has every sixteenth column. A unit of several columns counts in its first column.
ELEMENT double rise_part(const float *z, const struct change &c, const uint32_t *kinds, int hidden) {
    double rise = 0;
    for (int j = threadIdx.x % LANES; j < hidden; j += LANES) {
        uint32_t kind = kind_at(kinds, j);
        if (kind >= KINDS && !kind_several(kind)) continue; // no first column, or real states, which have no cumulant here
        float after = kind_several(kind) ? changed_cumulant(z, c, j, kind_width(kind)) : kind_cumulant(kind, changed(z, c, j));
        rise += (double)after - (double)unit_cumulant(kind, z + j, 1.0f);
    }
    return rise;
}

// f (rows) is -units · log Σ_s exp(F(v) - F(v with unit i in state s)), with F the free energy. The first random
// word of row first+n selects the unit i of the `units` visible units. v is (rows, visible), z (rows, hidden) the
// hidden fields, w (visible, hidden) and a (visible). The kinds of either layer may be null for the default kind.
// The kinds of the visible layer (visible) are followed by the first column of each of its units (units). No unit
// has more than `widest` columns. All rows make `widest` rounds, also for smaller units, since lanes exchange data. A
// round tries one other state of the unit; a unit of one column has one other state.
KERNEL pseudo_likelihood(double *f, const float *v, const float *z, const float *w, const float *a,
                         const uint32_t *visible_kinds, const uint32_t *hidden_kinds, const int *clock, uint32_t key0,
                         uint32_t key1, uint32_t stream, uint32_t first, int rows, int units, int widest, int visible, int hidden) {
    struct draw d = {key0, key1, stream, first, (uint32_t)clock[CLOCK_UPDATE], 0};
    EACH_ROW(n, rows) {
        int at = 0, q = 1, present = 0; // the unit's first column, its number of columns, and the one whose bit is 1
        uint32_t kind = 0;
        const float *states = v + n * visible, *fields = z + n * hidden;
        if (n < rows) {
            uint32_t word[4];
            element_words(word, d, (uint32_t)n, 0);
            at = (int)((uint64_t)word[0] * (uint64_t)units >> 32);
            if (visible_kinds) at = (int)visible_kinds[visible + at];
            kind = kind_at(visible_kinds, at);
            q = kind_width(kind);
            for (int s = 0; s < q; s++) present = states[at + s] == 1.0f ? s : present;
        }
        double most = 0, total = 1; // log Σ over the states so far is most + log(total); the present state has the term 1
        for (int s = 0; s < widest; s++) {
            double rise = 0, linear = 0;
            bool counts = n < rows && s < q && !(kind_several(kind) && s == present);
            if (counts) {
                struct change c = {{w + (extent)at * hidden, nullptr}, {kind_low(kind) + kind_high(kind) - 2.0f * states[at], 0.0f}};
                linear = (double)c.difference[0] * (double)a[at];
                if (kind_several(kind)) {
                    c = {{w + (extent)(at + present) * hidden, w + (extent)(at + s) * hidden}, {-1.0f, 1.0f}};
                    linear = (double)a[at + s] - (double)a[at + present];
                }
                rise = rise_part(fields, c, hidden_kinds, hidden);
            }
            rise = folded(rise) + linear;
            if (!counts) continue;
            if (kind_several(kind)) {
                double larger = fmax(most, rise);
                total = total * exp(most - larger) + exp(rise - larger);
                most = larger;
            } else {
                most = softplus64(rise);
            }
        }
        if (n < rows && threadIdx.x % LANES == 0) f[n] = -(double)units * (most + log(total));
    }
}

// f (rows) is Σ (x - y)² over each row of x and y (rows, columns).
KERNEL squared_error(double *f, const float *x, const float *y, int rows, int columns) {
    EACH_ROW(n, rows) {
        double part = 0;
        if (n < rows) {
            for (int j = threadIdx.x % LANES; j < columns; j += LANES) {
                double e = (double)x[n * columns + j] - (double)y[n * columns + j];
                part += e * e;
            }
        }
        part = folded(part);
        if (n < rows && threadIdx.x % LANES == 0) f[n] = part;
    }
}
