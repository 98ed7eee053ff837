// The record of parameters that became NaN or infinite. The host reads it the next time it waits
// for the device.
#ifndef HARMONIUM_FAULTS_H
#define HARMONIUM_FAULTS_H

#include "grid.h"

// All bytes are ones at first. first and place are minima over all elements, so they do not
// depend on the grid.
struct faults {
    uint32_t first; // the earliest update that left a parameter NaN or infinite
    uint32_t now;   // the update that is under way, which begin records
    unsigned long long place[256]; // for each site (see Move): the update (high 32 bits) and the element's index
};

// Reports whether an earlier update left a parameter NaN or infinite. From then on no parameter
// changes, so the bad one stays as it was found.
ELEMENT bool stopped(const struct faults *f, uint32_t update) { return f->first < update; }

// Records a fault if x, element `at` of the result with number `site`, is NaN or infinite.
ELEMENT void check(struct faults *f, int site, uint32_t update, extent at, float x) {
    if ((bits_of(x) & 0x7F800000u) != 0x7F800000u) return;
    atomicMin(&f->first, update);
    atomicMin(&f->place[site], (unsigned long long)update << 32 | (unsigned long long)at);
}

// Records the number of the update that now begins.
ELEMENT void begin(struct faults *f, uint32_t update) {
    if (blockIdx.x == 0 && threadIdx.x == 0) f->now = update;
}

#endif
