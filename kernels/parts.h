// Parts of a matrix whose elements are numbered panel by panel; parts.go is the definition.

// Panels and the rows of them, of a matrix whose elements are numbered panel by panel.
struct part {
    extent first, last; // panels
    extent lo, hi;      // rows
};

// The panel and row of element e, or of the first one after it that begins a row.
static void place_of(extent *panel, extent *row, extent e, extent rows, extent columns) {
    extent last = (columns - 1) / PANEL, at = e / (rows * PANEL);
    *panel = at < last ? at : last;
    extent width = columns - *panel * PANEL < PANEL ? columns - *panel * PANEL : PANEL;
    *row = (e - *panel * rows * PANEL + width - 1) / width;
    if (*row == rows) {
        ++*panel;
        *row = 0;
    }
}

// Makes part the first of some elements: the rest of a panel or, of whole panels, all there
// are. Returns where the next part begins, or hi.
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
