// Package sample draws from a model on a device.
//
// [Chains] are Gibbs chains v→h→v that run side by side, one for each row of their initial
// states: [RandomVisible], or [DataVisible] for rows of data. A pattern clamps units, so that
// the other units are drawn given the clamped ones: that fills holes in a picture.
// [Chains.Visible] returns the states. [Chains.MeanVisible] returns the means from which the
// states were drawn, which make smoother pictures. Chains that start far from the model need
// many steps to become samples of it.
//
// [Impute] fills missing cells with their means given the known ones, exactly where few are
// missing and else by clamped chains.
//
// [Features] returns the hidden means of rows, without a draw.
//
// Of models above each other, [Climb] draws the states of the layers given rows, [LayerRows] makes the
// rows that the next model is trained on, [Down] leads from states of the last model to visible ones,
// and [StackFeatures] are the features of the last one.
//
// The chains are a function of the model, the start and the seed: the same bits for any
// number of threads, in one call of [Chains.Run] or in several.
package sample
