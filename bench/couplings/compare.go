package main

import (
	"errors"
	"fmt"
	"math"

	"harmonium/engine"
	"harmonium/rbm"

	"gonum.org/v1/gonum/mat"
)

// covarianceSamples is the number of exact samples from which the covariance of the sufficient statistics is estimated.
// The inverse of the estimate is too large by a factor of about 1 + D/covarianceSamples for D statistics: by 2 % for
// the ring, with D = 800.
const covarianceSamples = 40000

// contrasts returns an orthonormal basis of the changes of a unit's parameters that change its distribution: {1} for a
// unit of one column; for a unit of q columns the q-1 vectors of Helmert, which sum to zero, since a constant added to
// all columns changes no probability.
func contrasts(k engine.Kind) [][]float64 {
	if !k.Several() {
		return [][]float64{{1}}
	}
	var all [][]float64
	for d := 1; d < k.Width(); d++ {
		x := make([]float64, k.Width())
		for a := range d {
			x[a] = 1 / math.Sqrt(float64(d*(d+1)))
		}
		x[d] = -float64(d) / math.Sqrt(float64(d*(d+1)))
		all = append(all, x)
	}
	return all
}

// unit is a unit of a layer: its first column and its contrasts.
type unit struct {
	first int
	basis [][]float64
}

func unitsOf(m *rbm.Model) []unit {
	var units []unit
	for i := 0; i < m.Visible.Len(); {
		k := m.Visible.Units.Of(i)
		units = append(units, unit{i, contrasts(k)})
		i += k.Width()
	}
	return units
}

// project returns the components in the unit's basis of its columns of x (V).
func (u unit) project(x []float32) []float64 {
	c := make([]float64, len(u.basis))
	for d, basis := range u.basis {
		for a, b := range basis {
			c[d] += b * float64(x[u.first+a])
		}
	}
	return c
}

// statistics returns the sufficient statistics of a state v (V): the components of each unit, then the products of the
// components of each pair of units.
func statistics(units []unit, v []float32) []float64 {
	var all []float64
	var components [][]float64
	for _, u := range units {
		components = append(components, u.project(v))
		all = append(all, components[len(components)-1]...)
	}
	for i := range units {
		for j := i + 1; j < len(units); j++ {
			for _, x := range components[i] {
				for _, y := range components[j] {
					all = append(all, x*y)
				}
			}
		}
	}
	return all
}

// compare returns in words how far the couplings of a model are from the known ones, in units of the standard error of
// the maximum-likelihood estimate from a number of samples. The covariance of that estimate is the inverse covariance
// of the sufficient statistics (the inverse of the Fisher information) over the number of samples. draw writes an exact
// sample of the known model.
func (k *known) compare(found *rbm.Model, samples int, draw func([]float32)) (string, error) {
	found.ZeroSum()
	units, n := unitsOf(k.model), k.model.Visible.Len()
	inverse, err := inverseCovariance(units, n, draw)
	if err != nil {
		return "", err
	}
	singles := 0
	for _, u := range units {
		singles += len(u.basis)
	}
	at := singles // index of the first statistic of the pair
	entries, within, largest, squares, errorSum := 0, 0, 0.0, 0.0, 0.0
	for i, first := range units {
		for _, second := range units[i+1:] {
			for a := range first.basis[0] {
				for b := range second.basis[0] {
					place := (first.first+a)*n + second.first + b
					standardError := math.Sqrt(variance(first, second, a, b, inverse, at) / float64(samples))
					off := (float64(found.Lateral[place]) - float64(k.model.Lateral[place])) / standardError
					entries++
					squares += off * off
					errorSum += standardError
					if largest = max(largest, math.Abs(off)); math.Abs(off) <= 3 {
						within++
					}
				}
			}
			at += len(first.basis) * len(second.basis)
		}
	}
	return fmt.Sprintf("%d of %d couplings (%.1f %%) within 3 standard errors, the largest difference %.2f of them, root "+
		"mean square %.3f; the mean standard error is %.4f",
		within, entries, 100*float64(within)/float64(entries), largest,
		math.Sqrt(squares/float64(entries)), errorSum/float64(entries)), nil
}

// variance returns the variance, times the number of samples, of the coupling of column a of a unit and column b of
// another one: a linear function of the parameters of the pair, whose statistics begin at index at of the inverse
// covariance.
func variance(first, second unit, a, b int, inverse *mat.SymDense, at int) (v float64) {
	x := make([]float64, len(first.basis)*len(second.basis))
	for d := range first.basis {
		for e := range second.basis {
			x[d*len(second.basis)+e] = first.basis[d][a] * second.basis[e][b]
		}
	}
	for s, xs := range x {
		for t, xt := range x {
			v += xs * xt * inverse.At(at+s, at+t)
		}
	}
	return v
}

// inverseCovariance returns the inverse of the covariance of the statistics over exact samples.
func inverseCovariance(units []unit, columns int, draw func([]float32)) (*mat.SymDense, error) {
	v := make([]float32, columns)
	draw(v)
	size := len(statistics(units, v))
	rows := mat.NewDense(covarianceSamples, size, nil)
	means := make([]float64, size)
	for n := range covarianceSamples {
		draw(v)
		for i, x := range statistics(units, v) {
			rows.Set(n, i, x)
			means[i] += x / covarianceSamples
		}
	}
	for n := range covarianceSamples {
		for i, x := range rows.RawRowView(n) {
			rows.RawRowView(n)[i] = x - means[i]
		}
	}
	var covariance, inverse mat.SymDense
	covariance.SymOuterK(1./covarianceSamples, rows.T())
	var cholesky mat.Cholesky
	if !cholesky.Factorize(&covariance) {
		return nil, errors.New("the covariance of the statistics is not positive definite")
	}
	return &inverse, cholesky.InverseTo(&inverse)
}
