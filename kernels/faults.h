// What went wrong on the device, for the host to look at when it next waits.
#ifndef HARMONIUM_FAULTS_H
#define HARMONIUM_FAULTS_H

#include "grid.h"

// Everything begins as ones. First and place are minima over all elements, so they do not
// depend on the grid.
struct faults {
    uint32_t first; // the earliest update that left a parameter not finite
    uint32_t now;   // the update of the last move that knows it
    unsigned long long place[256]; // of each site: the update (high 32 bits) and the element
};

// A parameter that went wrong is left as it is: after its update nothing moves any more.
ELEMENT bool stopped(const struct faults *f, uint32_t update) { return f->first < update; }

ELEMENT void check(struct faults *f, int site, uint32_t update, extent at, float x) {
    if ((bits_of(x) & 0x7F800000u) != 0x7F800000u) return;
    atomicMin(&f->first, update);
    atomicMin(&f->place[site], (unsigned long long)update << 32 | (unsigned long long)at);
}

// Notes the update that a move belongs to.
ELEMENT void begin(struct faults *f, uint32_t update) {
    if (blockIdx.x == 0 && threadIdx.x == 0) f->now = update;
}

#endif
