// Package dataset holds the rows that a model is trained and evaluated on.
//
// Open turns one word of a command line into a Set: the embedded MNIST digits
// ("mnist"), generated bars and stripes ("bars-and-stripes:4"), or a file, whose
// first bytes determine the format, never its name:
//
//	IDX    uint8, (N, V) or (N, h, w); b/255
//	NPY    (N, V) or (N, h, w), C or Fortran order, little-endian
//	NPZ    one array of it, chosen by key or by being the only one of such a shape
//	CSV    commas, one row a line, an optional header
//	gzip   any of these but NPZ
//
// Values lie in [0,1]. Elements of type uint8 are grey levels b/255, unless the
// file is NPY or NPZ and no element is above 1: then they are the states 0 and 1,
// as they are for bool. Elements of any other type are the values themselves,
// rounded to float32.
//
// Rows holds the values once. Data that is all 0 and 1, and every uint8 image,
// costs one byte a value; other reals cost four. A Binarization says whether and how a grey
// value becomes a state. This package only names it: the trainer draws the states, on the
// device.
//
// A Set has training rows and may have test and validation rows. Validation rows are a random
// share of the training rows, taken out of them, or a file.
//
// The formats themselves are in package store. ReadPattern reads the units that a sampler
// holds fixed.
//
// A file that cannot be read gives an error of one line with the place, what was
// found and what was wanted: "dataset: digits.csv: row 17: 783 columns, want
// 784".
package dataset
