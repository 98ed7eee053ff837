package dataset

import (
	_ "embed"
	"strings"

	"harmonium/store"
)

// penguins names the table of the Palmer penguins (Horst, Hill and Gorman, palmerpenguins, 2020; CC0).
const penguins = "penguins"

//go:embed penguins/penguins.csv
var penguinsTable string

func readPenguins() (store.Table, error) {
	t, err := store.Decode(strings.NewReader(penguinsTable), int64(len(penguinsTable)), store.Options{Cells: true})
	t.Format = "built in"
	return t, err
}
