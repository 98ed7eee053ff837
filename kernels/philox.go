package kernels

// Draw identifies the random numbers of one batch. Randomness has no state: the word for a unit
// is a pure function of the seed and of counters. The generator is Philox4x32-10. Its key is the
// seed, low word first, and its counter is
//
//	word 0   stream (high 8 bits), block of four columns (low 24 bits)
//	word 1   row: the global index of a sample or chain
//	word 2   update
//	word 3   step
//
// One call gives four words. Column j of a row takes word (j%64)/16 of block (j/64)*16 + j%16. A
// vector that computes sixteen neighbouring blocks thus fills 64 neighbouring columns without a
// shuffle of its lanes.
type Draw struct {
	Seed   uint64
	Stream uint8  // number of the draw within a graph
	Update uint32 // parameter update, or epoch in a draw of data
	Step   uint32 // Gibbs step within the update
	Row    uint32 // global index of the batch's first row
}

// columnsPerGroup is the number of neighbouring columns that sixteen calls of Philox fill.
const columnsPerGroup = 64

// The multipliers and key increments of Philox4x32.
const (
	philoxM0 = 0xD2511F53
	philoxM1 = 0xCD9E8D57
	philoxW0 = 0x9E3779B9
	philoxW1 = 0xBB67AE85
)

// philox is the counter-based generator Philox4x32-10 (Salmon, Moraes, Dror and Shaw, Parallel
// Random Numbers: As Easy as 1, 2, 3, SC 2011, §3.3). It returns four words, given the words x0 to
// x3 of the counter and the words k0 and k1 of the key.
func philox(x0, x1, x2, x3, k0, k1 uint32) (uint32, uint32, uint32, uint32) {
	for range 10 {
		p0 := uint64(philoxM0) * uint64(x0)
		p1 := uint64(philoxM1) * uint64(x2)
		x0, x1 = uint32(p1>>32)^x1^k0, uint32(p1)
		x2, x3 = uint32(p0>>32)^x3^k1, uint32(p0)
		k0 += philoxW0
		k1 += philoxW1
	}
	return x0, x1, x2, x3
}

// Words returns the four words of one block of row n of the batch. They belong to the columns
// (block/16)*64 + block%16 + 16*i for i in 0..3.
func (d Draw) Words(n, block int) [4]uint32 {
	w0, w1, w2, w3 := d.words(n, block)
	return [4]uint32{w0, w1, w2, w3}
}

func (d Draw) words(n, block int) (w0, w1, w2, w3 uint32) {
	return philox(uint32(d.Stream)<<24|uint32(block)&(1<<24-1), d.Row+uint32(n), d.Update, d.Step,
		uint32(d.Seed), uint32(d.Seed>>32))
}

// uniform maps a word to [0,1): its upper 24 bits as an exact multiple of 2⁻²⁴.
func uniform(word uint32) float32 { return float32(word>>8) * 0x1p-24 }

// group writes to u the uniform numbers of row n in the 64 columns from 64*q on.
func (d Draw) group(u *[columnsPerGroup]float32, n, q int) {
	for lane := range 16 {
		w0, w1, w2, w3 := d.words(n, q*16+lane)
		u[lane], u[16+lane], u[32+lane], u[48+lane] = uniform(w0), uniform(w1), uniform(w2), uniform(w3)
	}
}
