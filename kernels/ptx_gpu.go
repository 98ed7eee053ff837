//go:build gpu

package kernels

import (
	"embed"
	"fmt"
	"math"
	"regexp"
	"unsafe"

	"gorgonia.org/cu"
)

//go:generate ptx/generate.sh

//go:embed ptx/*.ptx
var ptx embed.FS

// entry matches the declaration of a kernel in PTX, with its name.
var entry = regexp.MustCompile(`\.visible \.entry (\w+)\(`)

// loadModules loads all PTX files and stores their functions by name.
func (g *GPU) loadModules() error {
	files, err := ptx.ReadDir("ptx")
	if err != nil {
		return fmt.Errorf("kernels: cuda: %w", err)
	}
	for _, f := range files {
		text, err := ptx.ReadFile("ptx/" + f.Name())
		if err != nil {
			return fmt.Errorf("kernels: cuda: %w", err)
		}
		module, err := cu.LoadData(string(text))
		if err != nil {
			return fmt.Errorf("kernels: cuda: %s on %s (compute capability %d.%d): %w", f.Name(), g.Device, g.Major, g.Minor, err)
		}
		g.modules = append(g.modules, module)
		for _, name := range entry.FindAllSubmatch(text, -1) {
			function, err := module.Function(string(name[1]))
			if err != nil {
				return fmt.Errorf("kernels: cuda: %s: %s: %w", f.Name(), name[1], err)
			}
			g.functions[string(name[1])] = function
		}
	}
	return nil
}

// threads is the number of threads in a block of launch, as in grid.h.
const threads = 256

// lanes is the number of threads that share a row, as in grid.h.
const lanes = 16

// launch starts a kernel with one thread per item or, where that takes more than g.blocks blocks, with fewer
// threads that loop over the items. The arguments are in the order of the CUDA source, each an Address, int,
// uint32 or float32.
func (g *GPU) launch(name string, items int, arguments ...any) error {
	return g.launchBlocks(name, items, min((items+threads-1)/threads, g.blocks), threads, arguments...)
}

// launchBlocks starts a kernel with the given number of blocks and of threads in each block. Without items it
// does nothing. The number of items is otherwise only for the error.
func (g *GPU) launchBlocks(name string, items, blocks, threads int, arguments ...any) error {
	if items == 0 {
		return nil
	}
	// gorgonia.org/cu reads eight bytes of every argument.
	cells := make([]uint64, len(arguments))
	pointers := make([]unsafe.Pointer, len(arguments))
	for i, a := range arguments {
		cells[i] = cell(a)
		pointers[i] = unsafe.Pointer(&cells[i])
	}
	return g.do(func() error {
		if err := g.starts(name); err != nil {
			return err
		}
		if err := g.functions[name].Launch(blocks, 1, 1, threads, 1, 1, 0, g.kernelStream(), pointers); err != nil {
			return fmt.Errorf("kernels: cuda: %s of %d items: %w", name, items, err)
		}
		return nil
	})
}

// cell returns the bits of an argument of a kernel, in the low bytes.
func cell(argument any) uint64 {
	switch a := argument.(type) {
	case Address:
		return uint64(a)
	case int:
		return uint64(a)
	case uint32:
		return uint64(a)
	case float32:
		return uint64(math.Float32bits(a))
	}
	panic(fmt.Sprintf("kernels: launch: an argument of type %T", argument))
}

// number returns a bool as the CUDA sources take it: 1 for true, 0 for false.
func number(b bool) int {
	if b {
		return 1
	}
	return 0
}

// sixteens returns the number of items of a matrix (rows, columns) for kernels whose threads compute sixteen
// columns each: four for each group of columnsPerGroup columns that begins within a row (see grid.h).
func sixteens(rows, columns int) int {
	return rows * ((columns + columnsPerGroup - 1) / columnsPerGroup) * 4
}

// key returns the two words of a draw's key, its stream in the high 8 bits of a word, and the number of its first
// row.
func (d Draw) key() (key0, key1, stream, row uint32) {
	return uint32(d.Seed), uint32(d.Seed >> 32), uint32(d.Stream) << 24, d.Row
}
