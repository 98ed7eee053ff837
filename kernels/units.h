// The groups of a layer. units.go is the definition.

enum { MIXED = -1 }; // in place of a kind: columns of several kinds

// Returns the kind of all columns from j up to end, or MIXED. The loop ends because the groups cover the columns.
static int kind_of(struct units units, extent j, extent end) {
    if (units.count == 0) return 0; // the default kind
    for (const struct group *g = units.groups;; g++) {
        if (j < g->to) return end <= g->to ? g->kind : MIXED;
    }
}

// Returns the part of a group from column left up to column right. It is empty where from is not
// below to.
static struct group part_of(const struct group *g, extent left, extent right) {
    return (struct group){g->kind, g->from > left ? g->from : left, g->to < right ? g->to : right};
}
