package main

import (
	"fmt"
	"slices"

	"harmonium/dataset"
)

// describeWeights describes the weights of rows. It is empty without weights.
func describeWeights(rows *dataset.Rows) string {
	if rows.Weights == nil {
		return ""
	}
	column := "of the rows"
	if rows.Origin != nil && rows.Origin.Weight != "" {
		column = rows.Origin.Weight
	}
	return fmt.Sprintf("weights: %s, from %v to %v; weighted means are as certain as means of %.0f rows of equal weight",
		column, slices.Min(rows.Weights), slices.Max(rows.Weights), rows.EffectiveRows())
}

// noteOnWeights returns the note of a page that says what weights of rows change in it, or nil without weights.
func noteOnWeights(set *dataset.Set) []string {
	if set == nil || set.Train.Weights == nil {
		return nil
	}
	return []string{"Rows have weights. Log-likelihoods are weighted by them, and rows are drawn and compared in proportion to them."}
}
