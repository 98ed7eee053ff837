package likelihood

import (
	"fmt"
	"math"
	"slices"
	"strings"
)

const (
	// maxVariance of log w: weights of a normal log w with variance s have an effective
	// number of runs of e^(-s) times their number, a third at 1 and a few percent at 3.
	maxVariance = 1
	// minESS is the least effective number of runs for a reliable mean weight and error. Chosen: the error of a mean
	// of 10 weights is itself known to a fourth.
	minESS = 10
)

// variance is the variance of log w, the larger one of both directions.
func (c Comparison) variance() float64 {
	if c.Reverse == nil {
		return c.Forward.VarLogWeight
	}
	return max(c.Forward.VarLogWeight, c.Reverse.VarLogWeight)
}

// ess is the effective number of runs, the smaller one of both directions.
func (c Comparison) ess() float64 {
	if c.Reverse == nil {
		return c.Forward.ESS
	}
	return min(c.Forward.ESS, c.Reverse.ESS)
}

// disjoint reports whether the intervals of the two directions are disjoint.
func (c Comparison) disjoint() bool {
	return c.Reverse != nil && (c.Forward.High < c.Reverse.Low || c.Reverse.High < c.Forward.Low)
}

// complaints lists the faults of an estimate and the settings to raise against them.
type complaints struct{ wrong, raise []string }

// add appends a fault, and each remedy that is not listed yet.
func (c *complaints) add(wrong string, raise ...string) {
	c.wrong = append(c.wrong, wrong)
	for _, r := range raise {
		if !slices.Contains(c.raise, r) {
			c.raise = append(c.raise, r)
		}
	}
}

// complaints judges a comparison whose halves had burnIn and 2·burnIn Gibbs steps of burn-in.
func (c Comparison) complaints(burnIn int) complaints {
	var found complaints
	if e := c.Equilibrium; e != nil && !e.Reached() {
		logZ, freeEnergy := nats(e.LogZ[1]-e.LogZ[0]), nats(e.FreeEnergy[1]-e.FreeEnergy[0])
		found.add(fmt.Sprintf("the chains of reverse AIS are not in equilibrium (after %d and %d Gibbs steps log Z "+
			"differs by %s nats and the mean free energy by %s)", burnIn, 2*burnIn, logZ, freeEnergy), "the burn-in")
	}
	if v := c.variance(); !(v < maxVariance) {
		found.add(fmt.Sprintf("var log w is %.3g, want below %d", v, maxVariance), "the number of betas")
	}
	if c.disjoint() {
		gap := c.Reverse.LogZ - c.Forward.LogZ
		if gap > 0 {
			found.add(fmt.Sprintf("reverse AIS is %s nats above AIS, beyond their intervals", nats(gap)), "the number of betas", "the burn-in")
		} else {
			found.add(fmt.Sprintf("reverse AIS is %s nats below AIS, beyond their intervals", nats(-gap)), "the burn-in")
		}
	}
	if ess := c.ess(); ess < minESS {
		down := math.Floor(10*ess) / 10 // rounded down, so that it never prints as minESS
		found.add(fmt.Sprintf("the effective number of runs is %.1f, want at least %d", down, minESS), "the number of runs")
	}
	return found
}

// judge returns whether the estimate has converged, and a verdict of one sentence. Forward runs
// alone never count as converged.
func (c Comparison) judge(burnIn int) (converged bool, verdict string) {
	found := c.complaints(burnIn)
	if len(found.wrong) > 0 {
		return false, fmt.Sprintf("not converged: %s; raise %s", strings.Join(found.wrong, "; "), list(found.raise))
	}
	weights := fmt.Sprintf("var log w is at most %.2g and the effective number of runs at least %.0f of %d",
		c.variance(), c.ess(), c.Forward.Runs)
	if c.Reverse == nil {
		return false, "not checked from above, as AIS ran forward only: " + weights
	}
	return true, fmt.Sprintf("converged: AIS and reverse AIS agree within %s nats, %s",
		nats(math.Abs(c.Reverse.LogZ-c.Forward.LogZ)), weights)
}

// nats prints a difference.
func nats(x float64) string { return fmt.Sprintf("%.2f", x) }

// list joins words as in a sentence: a, b and c.
func list(words []string) string {
	if last := len(words) - 1; last > 0 {
		return strings.Join(words[:last], ", ") + " and " + words[last]
	}
	return words[0]
}
