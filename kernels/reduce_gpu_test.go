//go:build gpu

package kernels

import (
	"fmt"
	"testing"
)

// TestReduceParity: the means of two layers of different sizes over data and chains, alone and
// together, and inner products of one to four matrices, have the bits of the definitions. The chains of the second
// layer have 70 rows more than its data, which is more than a slice.
func TestReduceParity(t *testing.T) {
	forParity(t, func(p parity) {
		var layers []GPULayer
		var dots []GPUDots
		var wantMeans, wantDots [][]float32
		var means, differences []Address
		for i, columns := range []int{p.hidden, p.visible} {
			c := normals(p.T, p.random, columns)
			layer := GPULayer{Columns: columns, Difference: p.room(columns)}
			for side, rows := range []int{p.rows, p.rows + 70*i} {
				x, s := normals(p.T, p.random, rows*columns), normals(p.T, p.random, rows)
				mean, dot := make([]float32, 2*columns), make([]float32, rows)
				ColumnMeans(mean[:columns], mean[columns:], ByRows(x, columns), s, 0, columns, rows)
				CenteredDot(dot, x, c, rows, columns)
				m := GPUMeans{Mean: p.room(2 * columns), X: p.put(x), Weights: p.put(s), Rows: rows}
				if side == 0 {
					layer.Data = m
				} else {
					layer.Chains = m
				}
				means, wantMeans = append(means, m.Mean), append(wantMeans, mean)
				dots = append(dots, GPUDots{Out: p.room(rows), X: m.X, C: p.put(c), Rows: rows, Columns: columns})
				wantDots = append(wantDots, dot)
			}
			layer.Room = bytesOnGPU(p, p.gpu, make([]byte, layer.RoomBytes()))
			layers, differences = append(layers, layer), append(differences, layer.Difference)
		}
		check := func(what string) {
			p.Helper()
			for i, want := range wantMeans {
				p.wantBits(fmt.Sprint(what, ": means ", i), means[i], want)
			}
			for i := range layers {
				want := make([]float32, layers[i].Columns)
				Difference(want, wantMeans[2*i], wantMeans[2*i+1])
				p.wantBits(fmt.Sprint(what, ": difference ", i), differences[i], want)
			}
		}
		p.done(p.gpu.LayerMeans(layers...))
		check("together")
		for i, l := range layers {
			for _, result := range []Address{l.Data.Mean, l.Chains.Mean} {
				p.done(p.gpu.Copy(result, p.room(2*l.Columns), 4*2*l.Columns))
			}
			p.done(p.gpu.Copy(differences[i], p.room(l.Columns), 4*l.Columns))
			p.done(p.gpu.LayerMeans(l))
		}
		check("one by one")

		alone := layers[0]
		alone.Chains, alone.Difference, alone.Data.Weights, alone.Data.Mean = GPUMeans{}, 0, 0, p.room(alone.Columns)
		p.done(p.gpu.LayerMeans(alone))
		p.wantBits("plain means alone", alone.Data.Mean, wantMeans[0][:alone.Columns])

		for count := range DotsAtOnce {
			for i := range dots {
				dots[i].Out = p.room(dots[i].Rows)
			}
			p.done(p.gpu.CenteredDots(dots[:count+1]...))
			for i := range count + 1 {
				p.wantBits(fmt.Sprint("dots ", i, " of ", count+1), dots[i].Out, wantDots[i])
			}
		}
	})
}

// TestLayerMeansOfManyRows: 1030 and 2113 rows are more than sixteen slices of 64, the last of them short. 132 columns
// are a tile of 128 and four more. Rows of 7
// floats begin between the multiples of 16 bytes. The means have the bits of the definition.
func TestLayerMeansOfManyRows(t *testing.T) {
	gpu := openGPU(t)
	for _, shape := range [][2]int{{1030, 132}, {2113, 7}} {
		rows, columns := shape[0], shape[1]
		r := newRand()
		x, s, want := normals(t, r, rows*columns), normals(t, r, rows), make([]float32, 2*columns)
		ColumnMeans(want[:columns], want[columns:], ByRows(x, columns), s, 0, columns, rows)
		l := GPULayer{Columns: columns, Data: GPUMeans{X: onGPU(t, gpu, x), Weights: onGPU(t, gpu, s), Rows: rows}}
		l.Room = bytesOnGPU(t, gpu, make([]byte, l.RoomBytes()))
		for _, gpu.blocks = range []int{1, 2, blocksAtMost} {
			l.Data.Mean = onGPU(t, gpu, make([]float32, 2*columns))
			if err := gpu.LayerMeans(l); err != nil {
				t.Fatal(err)
			}
			wantBits(t, fmt.Sprint(shape), fromGPU(t, gpu, make([]float32, 2*columns), l.Data.Mean), want)
		}
	}
}

// TestReduceHalves: the means of a layer and inner products of states are the same, to the bit, from a
// copy of the states in bfloat16.
func TestReduceHalves(t *testing.T) {
	forParity(t, func(p parity) {
		rows, columns := p.rows+70, p.visible
		x, s, c := states(p.T, p.random, rows*columns, 0.4), normals(p.T, p.random, rows), normals(p.T, p.random, columns)
		mean, dot, unread := make([]float32, 2*columns), make([]float32, rows), p.room(rows*columns)
		ColumnMeans(mean[:columns], mean[columns:], ByRows(x, columns), s, 0, columns, rows)
		CenteredDot(dot, x, c, rows, columns)
		half := p.copied(x, rows, columns, 1).High
		l := GPULayer{Columns: columns, Data: GPUMeans{Mean: p.room(2 * columns), X: unread, Half: half, Weights: p.put(s), Rows: rows}}
		l.Room = bytesOnGPU(p, p.gpu, make([]byte, l.RoomBytes()))
		p.done(p.gpu.LayerMeans(l))
		p.wantBits("means", l.Data.Mean, mean)
		d := GPUDots{Out: p.room(rows), X: unread, Half: half, C: p.put(c), Rows: rows, Columns: columns}
		p.done(p.gpu.CenteredDots(d))
		p.wantBits("dots", d.Out, dot)
	})
}
