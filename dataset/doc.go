// Package dataset holds the rows that a model is trained and evaluated on.
//
// Open turns one word of a command line into a Set: the embedded MNIST digits
// ("mnist"), generated bars and stripes ("bars-and-stripes:4"), the embedded table "penguins", files,
// folders of pictures, pipes, or standard input ("-"). The first bytes of a file determine its format, never its
// name: package store lists the formats. FromRows and FromStates make rows of values in memory.
//
// # Values
//
// Rows hold states, or probabilities of the state 1, in [0,1], and real numbers in columns for which Options.Worth
// says so. What the numbers of a file stand for depends on them alone, not on their type:
//
//	0 and 1                                        states
//	integers from 0 to 255, one of at least 128    grey levels b/255
//	reals from 0 to 1                              grey levels
//	others                                         divided by Options.Scale; without it, an error
//
// Options.Worth names other numbers for the states, such as -1 and 1, so that 0 is the probability 1/2. Numbers that are
// divided, by 255 or by Options.Scale, are probabilities nevertheless, unless some of a column of states are negative in
// the training rows: by a scale s, -s and s are then the states.
//
// In columns of real numbers, integers are grey levels only where store.Table holds them as bytes, such as the type
// uint8, pictures and sparse matrices. All other numbers stand for themselves, divided by Options.Scale.
//
// Test and validation rows are read as the training rows are.
//
// Rows holds the values once. Data that is all 0 and 1, and grey levels of bytes, cost one byte a value;
// other reals cost four. A Binarization says whether and how a grey value becomes a state. This package
// only names it: the trainer draws the states, on the device.
//
// With Options.BlockRows, training rows beyond that number stay in their file, see Rows.Stored. Rows.Row and
// Rows.ReadRows read them as they are needed, and Blocks reads them block by block.
//
// # Tables
//
// A text of words, integers and real numbers is a table. A Schema says what its columns stand for: two
// words or numbers are a Bernoulli unit, few words or integers a categorical one, and other numbers a
// Gaussian one, after standardising, or a categorical one of bins. Options.Infer makes the schema of the
// training rows; Schema.WriteCSV writes states in the table's own words.
//
// Inference.Label makes the labels a unit as well. Rows that are no table then have a Schema whose only column
// is the label. Their own values, which precede the label's in a row, are called plain values.
//
// # Columns
//
// Columns chooses the columns that are data, the labels, the weights and the rows. A column that counts
// its rows is refused as an index unless Columns.Keep names it. Other columns that may be no data are in
// Origin.Hints: columns named class, label or id, and one with another range than all others. Means over rows
// with weights are weighted by them; the scale of the weights does not matter.
//
// # Parts
//
// A Set has training rows and may have test and validation rows. Each of these two parts is a random share of
// the training rows, taken out of them, or comes from files. No file or array is in two parts.
//
// With Options.Missing cells may be missing: Rows.Missing marks them, means are of known cells, and each row
// and each column of the training rows has a known cell.
//
// A last cell that is empty in every row of a text without a header is a column where the rows should have one more,
// and else a separator too many.
//
// ReadPattern reads the units that a sampler holds fixed, and OpenPattern rows with missing cells.
//
// A file that cannot be read gives an error of one line with the place, what was found and what was
// wanted: "dataset: digits.csv: line 17: 783 cells by commas, want 784 as in line 1".
package dataset
