package kernels

import "testing"

// philoxOf is philox of a counter and a key in the form of the known answers.
func philoxOf(c [4]uint32, k [2]uint32) [4]uint32 {
	w0, w1, w2, w3 := philox(c[0], c[1], c[2], c[3], k[0], k[1])
	return [4]uint32{w0, w1, w2, w3}
}

// TestPhiloxKnownAnswers: the known answers of Random123 for philox4x32-10 (its file kat_vectors).
func TestPhiloxKnownAnswers(t *testing.T) {
	const ones = 0xFFFFFFFF
	// The third one has the first hexadecimal digits of π.
	for _, test := range []struct {
		counter [4]uint32
		key     [2]uint32
		want    [4]uint32
	}{
		{want: [4]uint32{0x6627E8D5, 0xE169C58D, 0xBC57AC4C, 0x9B00DBD8}},
		{
			[4]uint32{ones, ones, ones, ones}, [2]uint32{ones, ones},
			[4]uint32{0x408F276D, 0x41C83B0E, 0xA20BC7C6, 0x6D5451FD},
		},
		{
			[4]uint32{0x243F6A88, 0x85A308D3, 0x13198A2E, 0x03707344}, [2]uint32{0xA4093822, 0x299F31D0},
			[4]uint32{0xD16CFE09, 0x94FDCCEB, 0x5001E420, 0x24126EA1},
		},
	} {
		if got := philoxOf(test.counter, test.key); got != test.want {
			t.Errorf("philox(%08x, %08x) = %08x, want %08x", test.counter, test.key, got, test.want)
		}
	}
}

// TestWordsLayout: each part of a Draw, the row and the block are at their places in the counter and the key.
func TestWordsLayout(t *testing.T) {
	d := Draw{Seed: 0x1122334455667788, Stream: 0xAB, Update: 7, Step: 9, Row: 1000}
	got := d.Words(5, 0x123456)
	want := philoxOf([4]uint32{0xAB123456, 1005, 7, 9}, [2]uint32{0x55667788, 0x11223344})
	if got != want {
		t.Errorf("Words: got %08x, want %08x", got, want)
	}
}

// TestGroupOrder: a group holds the uniform numbers of its 64 columns in the order of the columns.
func TestGroupOrder(t *testing.T) {
	d := Draw{Seed: 42, Row: 3}
	var u [columnsPerGroup]float32
	for q := range 3 {
		d.group(&u, 1, q)
		for j := 64 * q; j < 64*(q+1); j++ {
			want := uniformAt(d, 1, j)
			if got := u[j%64]; got != want {
				t.Errorf("column %d: got %v, want %v", j, got, want)
			}
		}
	}
}

// uniformAt returns the uniform number of column j of row n, at the place that the comment of
// Draw gives.
func uniformAt(d Draw, n, j int) float32 {
	return float32(d.Words(n, j/64*16+j%16)[j%64/16]>>8) / (1 << 24)
}
