package train

import (
	"testing"

	"harmonium/dataset"
)

// TestResolve: Resolve chooses the settings that a configuration leaves open by the number of rows and
// columns, keeps the others, and chooses nothing in a configuration that it has resolved.
func TestResolve(t *testing.T) {
	type want struct {
		hidden, chains, temperatures, updates int
		algorithm                             string
		choices                               int // settings chosen: of hidden, algorithm, chains and updates
	}
	for name, tc := range map[string]struct {
		rows, columns int
		change        func(*Config)
		want          want
	}{
		"few columns":   {200, 4, nil, want{16, 200, 10, 5000, "pt", 4}},
		"few rows":      {16, 150, nil, want{16, 100, 10, 5000, "pt", 4}},
		"one row":       {1, 16, nil, want{16, 100, 10, 5000, "pt", 4}},
		"a table":       {2000, 100, nil, want{200, 200, 10, 5000, "pt", 4}},
		"a wide table":  {2000, 150, nil, want{300, 200, 0, 5000, "pcd", 4}},
		"MNIST":         {60000, 784, nil, want{500, 200, 0, 9000, "pcd", 4}},
		"in between":    {45000, 784, nil, want{500, 200, 0, 6750, "pcd", 4}},
		"many rows":     {2000001, 784, nil, want{500, 200, 0, 10001, "pcd", 4}},
		"hidden given":  {60000, 784, func(c *Config) { c.Hidden = 40 }, want{40, 200, 10, 9000, "pt", 3}},
		"cd":            {200, 4, func(c *Config) { c.Algorithm = "cd" }, want{16, 0, 0, 5000, "cd", 2}},
		"small batches": {200, 4, func(c *Config) { c.BatchSize = 10 }, want{16, 100, 10, 5000, "pt", 4}},
		"epochs":        {200, 4, func(c *Config) { c.Epochs = 3 }, want{16, 200, 10, 0, "pt", 3}},
		"all given": {200, 4, func(c *Config) {
			c.Hidden, c.Algorithm, c.Chains, c.Updates = 3, "pcd",
				2, 7
		}, want{3, 2, 0, 7, "pcd", 0}},
		"temperatures":   {200, 4, func(c *Config) { c.Algorithm, c.Temperatures = "pt", 5 }, want{16, 200, 5, 5000, "pt", 3}},
		"larger batches": {5000, 4, func(c *Config) { c.BatchSize = 1000 }, want{16, 1000, 10, 5000, "pt", 4}},
	} {
		c := DefaultConfig()
		if tc.change != nil {
			tc.change(&c)
		}
		got, choices := c.Resolve(&dataset.Rows{N: tc.rows, V: tc.columns})
		if g := (want{got.Hidden, got.Chains, got.Temperatures, got.Updates, got.Algorithm, len(choices)}); g != tc.want {
			t.Errorf("%s: got %+v, want %+v", name, g, tc.want)
		}
		if again, choices := got.Resolve(&dataset.Rows{N: tc.rows, V: tc.columns}); again != got || choices != nil {
			t.Errorf("%s: %+v resolves to %+v by the choices %v, want itself without a choice", name, got, again, choices)
		}
		if err := got.validateResolved(); err != nil {
			t.Errorf("%s: the resolved configuration is refused: %v", name, err)
		}
	}
}
