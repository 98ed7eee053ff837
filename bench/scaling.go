package bench

import "harmonium/engine"

// Wire is what connects two cards. Exchange is the time of an exchange of nothing, in seconds, and Rate what each
// card sends meanwhile, in byte/s.
type Wire struct {
	Name     string
	Exchange float64
	Rate     float64
}

// Cluster is cards in machines. Cards of a machine exchange over Inside, others over Between.
type Cluster struct {
	Card            Card
	Machine         int // cards of a machine, a power of two
	Inside, Between Wire
}

// wholeUpTo is the number of numbers up to which a sum is not scattered, as in [ranks.Sum].
const wholeUpTo = 1 << 12

// Sum returns the predicted time of a sum of n numbers over cards, as [ranks.Sum] makes it: in step k each card
// exchanges with the card whose number differs in bit k, so that the first steps, which carry most, are inside of the
// machines. An addition reads two numbers and writes one.
func (c Cluster) Sum(n float64, cards int) float64 {
	var seconds float64
	scattered := cards >= 4 && n >= wholeUpTo
	for bit := 1; bit < cards; bit *= 2 {
		w := c.Inside
		if bit >= c.Machine {
			w = c.Between
		}
		if scattered {
			n /= 2
			seconds += w.Exchange + 4*n/w.Rate // on the way back
		}
		seconds += w.Exchange + 4*n/w.Rate + 3*4*n/c.Card.Bandwidth
	}
	return seconds
}

// Update returns the predicted time of an update on cards that each make the given launches for their rows: the
// launches, the sum of the means of the layers, and the sum of the gradient, one after the other.
func (c Cluster) Update(launches []engine.Work, visible, hidden, cards int) float64 {
	seconds := c.Card.Update(launches, c.Card.Precision)
	if cards > 1 {
		seconds += c.Sum(4*float64(visible+hidden), cards) + c.Sum(float64(visible)*float64(hidden), cards)
	}
	return seconds
}
