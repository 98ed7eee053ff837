// Package sample draws from a model on a device.
//
// [Chains] are Gibbs chains v→h→v that run side by side, one for each row of the states
// that they start at: [RandomVisible], or [DataVisible] for rows of data. A pattern clamps units,
// so that the others are drawn given them, which fills holes in a picture. [Chains.Visible]
// returns the states and [Chains.MeanVisible] the means they were drawn with, which make smoother
// pictures. Chains that start far from the model need many steps to become samples of it.
//
// [Features] returns the hidden means of rows, without a draw.
//
// The chains are a function of the model, the start and the seed: the same bits for any
// number of threads, in one call of [Chains.Run] or in several.
package sample
