package store

import (
	"bytes"
	"encoding/binary"
	"hash/crc32"
	"math"
	"slices"
	"testing"
	"time"
)

// message is a message of protocol buffers: the values of each field, in their order.
type message map[int][][]byte

func parseMessage(t *testing.T, data []byte) message {
	t.Helper()
	m := message{}
	for len(data) > 0 {
		field, value, rest, err := cutField(data)
		if err != nil {
			t.Fatal(err)
		}
		m[field], data = append(m[field], value), rest
	}
	return m
}

func double(b []byte) float64 { return math.Float64frombits(binary.LittleEndian.Uint64(b)) }

func doubles(b []byte) (x []float64) {
	for ; len(b) > 0; b = b[8:] {
		x = append(x, double(b))
	}
	return x
}

// TestEvents parses a file back by the public format. It checks CRC-32C by the example of RFC 3720, B.4, and
// maskedSum by the length 24 and its sum, with which files of TensorFlow begin.
func TestEvents(t *testing.T) {
	if got := crc32.Checksum(make([]byte, 32), castagnoli); got != 0x8a9136aa {
		t.Fatalf("CRC-32C of 32 zeros: got %x", got)
	}
	if got := maskedSum([]byte("\x18\x00\x00\x00\x00\x00\x00\x00")); got != 0x224b7fa3 {
		t.Fatalf("sum of the length 24: got %x", got)
	}
	var b bytes.Buffer
	e := NewEvents(&b)
	e.now = func() time.Time { return time.UnixMicro(1_500_000) }
	x := -2.5
	for _, err := range []error{
		e.Begin(),
		e.Add(7, Value{Tag: "likelihood", Scalar: &x}, Value{Tag: "samples", PNG: []byte("png"), Width: 300, Height: 200}),
		e.Add(1000, Value{Tag: "weights", Histogram: []float32{-1, -1, 0.5, 2}}, Value{Tag: "same", Histogram: []float32{3, 3}}, Value{Tag: "none"}),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	file := b.Bytes()
	var events []message
	for r := bytes.NewReader(file); r.Len() > 0; {
		data, err := readEvent(r)
		if err != nil {
			t.Fatal(err)
		}
		m := parseMessage(t, data)
		if got := double(m[eventWallTime][0]); got != 1.5 {
			t.Errorf("wall time %v, want 1.5", got)
		}
		events = append(events, m)
	}
	if len(events) != 3 || string(events[0][eventFileVersion][0]) != "brain.Event:2" {
		t.Fatalf("%d events, want 3 that begin with the version", len(events))
	}
	values := func(k int) (list []message) {
		for _, v := range parseMessage(t, events[k][eventSummary][0])[summaryValue] {
			list = append(list, parseMessage(t, v))
		}
		return list
	}
	first, second := values(1), values(2)
	if step, _ := binary.Uvarint(events[1][eventStep][0]); step != 7 {
		t.Errorf("step %d, want 7", step)
	}
	if got := math.Float32frombits(binary.LittleEndian.Uint32(first[0][valueSimple][0])); string(first[0][valueTag][0]) != "likelihood" || got != -2.5 {
		t.Errorf("scalar %q is %v, want -2.5", first[0][valueTag][0], got)
	}
	image := parseMessage(t, first[1][valueImage][0])
	height, _ := binary.Uvarint(image[1][0])
	width, _ := binary.Uvarint(image[2][0])
	if string(image[4][0]) != "png" || width != 300 || height != 200 {
		t.Errorf("image of %d x %d, want 300 x 200", width, height)
	}
	h := parseMessage(t, second[0][valueHistogram][0])
	limits, counts := doubles(h[6][0]), doubles(h[7][0])
	for i, want := range []float64{-1, 2, 4, 0.5, 6.25} {
		if got := double(h[i+1][0]); got != want {
			t.Errorf("histogram field %d is %v, want %v", i+1, got, want)
		}
	}
	if len(limits) != histogramBuckets || counts[0] != 2 || counts[15] != 1 || counts[29] != 1 || !slices.IsSorted(limits) || limits[29] <= 2 {
		t.Errorf("buckets %v up to %v", counts, limits)
	}
	if same := parseMessage(t, second[1][valueHistogram][0]); len(doubles(same[7][0])) != 1 {
		t.Errorf("equal values have buckets %v, want one", doubles(same[7][0]))
	}
}

// TestEventsUpTo: whole records of early steps count, and nothing after a torn or damaged one does.
func TestEventsUpTo(t *testing.T) {
	var b bytes.Buffer
	e := NewEvents(&b)
	x := 1.0
	e.Begin()
	var ends []int
	for step := range 5 {
		e.Add(10*step, Value{Tag: "x", Scalar: &x})
		ends = append(ends, b.Len())
	}
	file := b.Bytes()
	damaged := slices.Clone(file)
	damaged[ends[1]+20]++ // in the content of the record behind ends[1]
	for _, c := range []struct {
		file []byte
		step int
		want int
	}{
		{file, 100, ends[4]}, {file, 20, ends[2]}, {file, 29, ends[2]}, {file[:ends[3]+5], 100, ends[3]}, {file[:ends[3]+14], 100, ends[3]},
		{damaged, 100, ends[1]}, {nil, 100, 0}, {[]byte("no event file at all"), 100, 0},
	} {
		if got, err := EventsUpTo(bytes.NewReader(c.file), c.step); int(got) != c.want || err != nil {
			t.Errorf("up to step %d of %d bytes: got %d, %v, want %d", c.step, len(c.file), got, err, c.want)
		}
	}
}

func FuzzEventsUpTo(f *testing.F) {
	var b bytes.Buffer
	e := NewEvents(&b)
	e.Begin()
	e.Add(3, Value{Tag: "x", Histogram: []float32{1}})
	f.Add(b.Bytes())
	f.Fuzz(func(t *testing.T, file []byte) {
		if n, err := EventsUpTo(bytes.NewReader(file), 10); n > int64(len(file)) || err != nil {
			t.Errorf("%d of %d bytes, %v", n, len(file), err)
		}
		stepOf(file)
	})
}
