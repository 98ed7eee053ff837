// Parts of a matrix whose elements are numbered panel by panel. parts.go is the definition.

// A part of a matrix: some panels, and some rows of each of them.
struct part {
    extent first, last; // the panels first ≤ p < last
    extent lo, hi;      // the rows lo ≤ n < hi
};

// Finds the panel and row of element e, or of the next element that begins a row.
static void place_of(extent *panel, extent *row, extent e, extent rows, extent columns) {
    extent final = (columns - 1) / PANEL, at = e / (rows * PANEL);
    *panel = at < final ? at : final; // the final panel may be narrower
    extent width = columns - *panel * PANEL < PANEL ? columns - *panel * PANEL : PANEL;
    *row = (e - *panel * rows * PANEL + width - 1) / width;
    if (*row == rows) {
        ++*panel;
        *row = 0;
    }
}

// Sets part to the first part of the elements lo ≤ e < hi: some rows of one panel where lo is within a panel or hi is
// in the panel of lo, else as many whole panels as there are before hi. A row belongs to the range that has its first
// element. Returns where the next part begins, or hi.
static extent next_part(struct part *part, extent lo, extent hi, extent rows, extent columns) {
    extent last, end;
    place_of(&part->first, &part->lo, lo, rows, columns);
    place_of(&last, &end, hi, rows, columns);
    if (part->first == last) {
        part->last = last + 1;
        part->hi = end;
        return hi;
    }
    part->last = part->lo > 0 ? part->first + 1 : last;
    part->hi = rows;
    extent next = part->last * PANEL * rows;
    return next < hi ? next : hi;
}
