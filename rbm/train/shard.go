package train

import (
	"fmt"
	"maps"
	"math/bits"
	"slices"

	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"harmonium/engine"
	"harmonium/rbm/internal/graph"
)

// A run may be cut into shards. Shard s of S has the rows s·B/S to (s+1)·B/S - 1 of each batch of B
// rows, and likewise its chains. The nodes of a graph that depend on rows exist once for each shard,
// with the shapes of its rows, so that a shard has the same bits wherever it is computed. What an
// update needs of the rows are sums over the shards: the gradient, means of the layers, counts. Each
// shard scales its terms by its share of the rows, and the terms are added in one binary tree,
//
//	((0+1)+(2+3)) + ((4+5)+(6+7))
//
// A shard scales its own terms, and nothing scales the sum: the gradient is the difference of two averages
// over different numbers of rows, data and chains, and a shard that has scaled both adds up one matrix in
// place of two. A gradient divides by the rows of all shards, a mean is the mean of the shard's
// rows times their share. The shares of equal shards are powers of two, which round nothing.
//
// Draws depend on the numbers of the rows in the whole batch. With one temperature the chains of a sharded
// run therefore have the same random numbers as in a run without shards. With several, the replicas of a
// shard have consecutive numbers.

// shard is a part of the chains in a graph, and what it leaves for their variables.
type shard struct {
	chains     graph.Span
	all        int            // chains of all shards
	chainShare *gorgonia.Node // (1,1), the share of the chains

	next        map[string]*gorgonia.Node // next rows of variables, by name
	tallies     []*gorgonia.Node          // one with parallel tempering, else none
	acceptances []*gorgonia.Node          // one with parallel trajectory tempering, else none
}

// spanOf returns the rows of shard s among n.
func spanOf(n, s, shards int) graph.Span {
	first := n * s / shards
	return graph.Span{First: first, Size: n*(s+1)/shards - first}
}

// all returns the ladder of all chains.
func (l ladder) all() ladder {
	if l.shard != nil {
		l.chains, l.shard = l.shard.all, nil
	}
	return l
}

// first returns the number of the first chain.
func (l ladder) first() int {
	if l.shard == nil {
		return 0
	}
	return l.shard.chains.First
}

// ofChains returns the rows, or the part for a shard, of a variable that has a row of the given width, or an
// element, for each replica of a chain.
func (b builder) ofChains(l ladder, name string, width ...int) *gorgonia.Node {
	variable := b.Variable(name, tensor.Float32, append([]int{l.all().chains * l.levels}, width...)...)
	if l.shard == nil {
		return variable
	}
	return engine.NewPart(variable, engine.Part{From: l.first(), Size: l.chains, Blocks: l.levels})
}

// setNext gives the rows of a variable that ofChains returns their next values.
func (b builder) setNext(l ladder, name string, next *gorgonia.Node) {
	if l.shard == nil {
		engine.Assign(b.ofChains(l, name, next.Shape()[1:]...), next)
		return
	}
	l.shard.next[name] = next
}

// shareOf returns means times a share (1,1) of the rows, which is nil for all rows.
func shareOf(means, share *gorgonia.Node) *gorgonia.Node { return graph.Weighed(means, share) }

// share returns the variable (1,1) of the share of n rows among all rows.
func (b builder) share(n, all int) *gorgonia.Node {
	return b.Variable(shareName(n, all), tensor.Float32, 1, 1)
}

func shareName(n, all int) string { return fmt.Sprintf("share_%d_of_%d", n, all) }

// shares returns the shares of shards of n rows, by name.
func shares(n, shards int) map[string]float32 {
	table := map[string]float32{}
	for s := range shards {
		size := spanOf(n, s, shards).Size
		table[shareName(size, n)] = float32(float64(size) / float64(n))
	}
	return table
}

// cut says how a run is cut into shards. Each rank has the same number of consecutive shards.
type cut struct{ shards, ranks, rank int }

// own returns the shards of this rank.
func (c cut) own() graph.Span { return spanOf(c.shards, c.rank, c.ranks) }

// rows returns the rows of this rank among n.
func (c cut) rows(n int) graph.Span {
	own := c.own()
	first := spanOf(n, own.First, c.shards)
	last := spanOf(n, own.First+own.Size-1, c.shards)
	return graph.Span{First: first.First, Size: last.First + last.Size - first.First}
}

// shardedGraph is [trainingGraph] with a batch and chains that are cut, for one rank.
func shardedGraph(b builder, src graph.Source, l ladder, steps int, m move, c cut) *gorgonia.ExprGraph {
	b.Reduced = true
	all := batch{ranks: c.ranks}
	var parts []*shard
	own, shards := c.own(), c.shards
	for s := own.First; s < own.First+own.Size; s++ {
		rows := spanOf(src.Size, s, shards)
		part := src
		part.Part = rows
		dataShare := b.share(rows.Size, src.Size)
		// Without persistent chains, the chains are the rows.
		sh := &shard{chains: rows, all: src.Size, chainShare: dataShare, next: map[string]*gorgonia.Node{}}
		onChains := l
		onChains.shard = sh
		if l.chains > 0 {
			sh.chains, sh.all = spanOf(l.chains, s, shards), l.chains
			sh.chainShare = b.share(sh.chains.Size, l.chains)
			onChains.chains = sh.chains.Size
		}
		onData := builder{b.At(rows.First)}
		positive := onData.PositivePhase(part)
		negative := builder{b.At(sh.chains.First * l.levels)}.negativePhase(positive, onChains, steps, m)
		w := onData.weighting(part, l.chains > 0)
		sides := sidesOf(positive, negative, w, dataShare, sh.chainShare)
		sides.data.batchRows, sides.chains.batchRows = src.Size, sh.all
		all.shards = append(all.shards, sides)
		parts = append(parts, sh)
	}
	b.update(all, m)
	b.putTogether(parts, l, c)
	b.Tick()
	return b.Graph
}

// putTogether gives the variables of the chains their next values, from the values that the shards of
// this rank have. The rows of other ranks' chains stay as they are, see [Trainer.collect].
func (b builder) putTogether(parts []*shard, l ladder, c cut) {
	for _, name := range slices.Sorted(maps.Keys(parts[0].next)) {
		var next []*gorgonia.Node
		for _, p := range parts {
			next = append(next, p.next[name])
		}
		variable := b.ofChains(l, name, next[0].Shape()[1:]...)
		engine.Assign(variable, engine.NewPut(variable, next, engine.Put{From: parts[0].chains.First, Blocks: l.levels}))
	}
	if len(parts[0].tallies) > 0 {
		tally := b.Variable(graph.Tally, tensor.Float32, 2*(l.levels-1))
		counts := total(c.ranks, len(parts), func(s int) *gorgonia.Node { return parts[s].tallies[0] })
		engine.Assign(tally, engine.NewAdd(tally, counts))
	}
	if len(parts[0].acceptances) > 0 {
		acceptance := total(c.ranks, len(parts), func(s int) *gorgonia.Node { return parts[s].acceptances[0] })
		engine.Assign(b.Variable(graph.Acceptance, tensor.Float32, 1, 1), acceptance)
	}
}

// total returns the sum of the n terms of this rank, and over all ranks.
func total(ranks, n int, term func(i int) *gorgonia.Node) *gorgonia.Node {
	sum := tree(n, term)
	if ranks > 1 {
		return engine.NewTotal(sum)
	}
	return sum
}

// tree returns the sum of n terms, a power of two, in a binary tree. It makes a term where the tree
// first needs it, so that few terms exist at a time.
func tree(n int, term func(i int) *gorgonia.Node) *gorgonia.Node {
	return treeFrom(0, n, term)
}

func treeFrom(first, n int, term func(i int) *gorgonia.Node) *gorgonia.Node {
	if n == 1 {
		return term(first)
	}
	left := treeFrom(first, n/2, term)
	return engine.NewAdd(left, treeFrom(first+n/2, n/2, term))
}

// shards returns the number of shards.
func (c Config) shards() int { return max(c.Shards, 1) }

// checkShards returns a [*FieldError] unless every shard has rows of every batch, and chains.
func (t *Trainer) checkShards() error {
	shards, size := t.config.shards(), t.ranks().Size()
	if shards%size > 0 {
		return &FieldError{"Shards", shards, fmt.Sprintf("a multiple of the %d ranks", size)}
	}
	if shards == 1 {
		return nil
	}
	for _, limit := range []struct {
		n    int
		what string
	}{
		{t.batch, "as a batch has %d rows"},
		{t.data.Train.N % t.batch, "as the last batch of an epoch has %d rows"},
		{t.chains(), "as there are %d chains"},
	} {
		if 0 < limit.n && limit.n < shards {
			return &FieldError{"Shards", shards, fmt.Sprintf("at most %d, "+limit.what, 1<<(bits.Len(uint(limit.n))-1), limit.n)}
		}
	}
	return nil
}

// shares returns the shares of all shards' rows and chains, by the names of their variables.
func (t *Trainer) shares() map[string]float32 {
	table := map[string]float32{}
	if shards := t.config.shards(); shards > 1 {
		for _, n := range []int{t.batch, t.data.Train.N % t.batch, t.chains()} {
			if n > 0 {
				maps.Copy(table, shares(n, shards))
			}
		}
	}
	return table
}

// shardVariables lists the variables that shards add to a run.
func (t *Trainer) shardVariables() []variable {
	var list []variable
	for _, name := range slices.Sorted(maps.Keys(t.shares())) {
		list = append(list, variable{name, tensor.Float32, []int{1, 1}, false})
	}
	if l := t.ladder(); l.levels > 1 {
		list = append(list, variable{graph.NoTally, tensor.Float32, []int{2 * (l.levels - 1)}, false})
	}
	return list
}
