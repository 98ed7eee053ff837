package rbm

import "harmonium/rbm/estimate"

// digits enumerates the layer with fewer states, whose units may have several columns, by a counter. The odds
// and fields of a partition, which has a bit for each of these columns, follow the digits that change. It
// implements blocks (see partition.go).
type digits struct {
	*partition
	enumerated Layer
}

func (d *digits) states() int { return d.enumerated.CountStates() }

func (d *digits) newWalk(size int) func(first int) float64 {
	count, walk := newCounter(d.enumerated), &walk{partition: d.partition}
	logs := make([]float64, 0, size)
	var own float64 // Σ of the biases of the columns that are on
	turn := func(column, on int) {
		walk.turn(column, on)
		own += float64(2*on-1) * d.bias[column]
	}
	return func(first int) float64 {
		count.set(first)
		on := count.on()
		walk.odds, walk.field = exponentials(1, d.tame.fields(on)), d.wild.fields(on)
		own, logs = 0, logs[:0]
		for _, j := range on {
			own += d.bias[j]
		}
		for n := first; n < min(first+size, count.states); n++ {
			if n > first {
				count.advance(turn)
			}
			logs = append(logs, walk.summedOut()+own)
		}
		return estimate.LogSumExp(logs)
	}
}
