package bench

import "harmonium/engine"

// Wire is a connection of two cards, which send to each other at the same time.
type Wire struct {
	Name     string
	Exchange float64 // seconds of an exchange of messages without content
	Rate     float64 // byte/s in each direction
}

// Cluster is a number of machines with equal cards. Two cards of one machine are connected by Inside, two cards of
// different machines by Between.
type Cluster struct {
	Card            Card
	Machine         int // number of cards in a machine, a power of two
	Inside, Between Wire
}

// wholeUpTo is the number of float32 numbers below which cards exchange all of them in each step of a sum, as
// scatteredFrom of package ranks. From this number on, and with four cards or more, each step halves the part that a
// card adds up.
const wholeUpTo = 1 << 12

// Sum returns the predicted time in seconds of the sum over cards of n float32 numbers each, as [ranks.Sum] computes
// it. In step k each card exchanges with the card whose number differs in bit k, so that the first steps, which
// carry most, stay within the machines. Where the steps halve what a card adds up, as many steps again bring the
// sums back to all cards. An addition reads two numbers from the memory of the card and writes one.
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
			seconds += w.Exchange + 4*n/w.Rate // the step back, which has no addition
		}
		seconds += w.Exchange + 4*n/w.Rate + 3*4*n/c.Card.Bandwidth
	}
	return seconds
}

// Update returns the predicted time in seconds of an update of a model (V,H) on a number of cards that each make the
// given launches for their rows of the batch: the launches, the sum of the four means of each layer, and the sum
// of the gradient of the weights, one after the other.
func (c Cluster) Update(launches []engine.Work, visible, hidden, cards int) float64 {
	seconds := c.Card.Update(launches, c.Card.Precision)
	if cards > 1 {
		seconds += c.Sum(4*float64(visible+hidden), cards) + c.Sum(float64(visible)*float64(hidden), cards)
	}
	return seconds
}
