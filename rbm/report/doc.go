// Package report draws a training run as one HTML page: verdicts in words, curves, samples beside
// rows, filters, histograms and settings. The page needs no network: its charts are SVG that this
// package makes, its pictures are PNG inside the page, and it holds no script.
//
//	history.go   the records of metrics.jsonl, in bounded memory
//	looks.go     what samples and rows look like, computed from a model
//	verdict.go   what the records and the looks say, in words
//	page.go      the page; a section for each run is in sections.go
//	curves.go    figures of records; figures.go, of looks; annealing.go, of a long estimate; compare.go, of several runs
//	chart.go     lines against updates; scatter.go, histogram.go, bars.go, heat.go, tiles.go
//
// Charts of libraries in JavaScript would have added from 50 kB to 3 MB to each page, and scripts
// that a reader of a page from elsewhere must trust. The charts here are a few kB each, are part of
// a printed page, and are read out by their labels.
//
// Series differ by color, dash and marker, and carry their names beside their ends. The palette has
// a contrast of at least 4.5 on both backgrounds, light and dark.
package report
