package train

import (
	"harmonium/dataset"
	"harmonium/engine"
	"harmonium/rbm/internal/graph"
)

// loadRows loads the training rows for the updates. Rows that stay in their file are read block by block.
func (t *Trainer) loadRows() error {
	rows := t.data.Train
	if t.config.BlockRows > 0 {
		var err error
		if t.blocks, err = dataset.NewBlocks(rows, t.config.BlockRows); err != nil {
			return err
		}
	}
	if t.blocks != nil && rows.Stored() {
		if err := graph.LoadWeights(t.state, rows); err != nil {
			return err
		}
		return t.state.Load(graph.Data, t.blocks, rows.N, rows.V)
	}
	return graph.LoadIncomplete(t.state, rows, t.visible.Units, t.baseRates, t.binarize, t.config.Seed)
}

// order returns the order of the training rows in an epoch: a random permutation, or with blocks a random
// permutation within each of them. Each epoch has other blocks, made of pieces in a random order.
func (t *Trainer) order(epoch int) []int32 {
	order := make([]int32, t.data.Train.N)
	engine.Shuffle(order, t.config.Seed, graph.StreamOrder, epoch)
	if t.blocks != nil {
		pieces := make([]int32, t.blocks.Pieces())
		engine.Shuffle(pieces, t.config.Seed, graph.StreamPieces, epoch)
		t.blocks.Arrange(order, pieces)
	}
	return order
}

// storedData returns variables whose Data holds training rows that stay in their file. Unlike the Data of the
// updates it reads them one by one, so that an estimate leaves the block of the updates in memory.
func (t *Trainer) storedData() (*engine.State, error) {
	if t.trainData == nil {
		s := engine.NewState(t.state.Device())
		if err := graph.LoadData(s, t.data.Train); err != nil {
			return nil, err
		}
		t.trainData = s
	}
	return t.trainData, nil
}
