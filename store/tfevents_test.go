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

// double returns the number of a field of type double.
func double(b []byte) float64 { return math.Float64frombits(binary.LittleEndian.Uint64(b)) }

func doubles(b []byte) (x []float64) {
	for ; len(b) > 0; b = b[8:] {
		x = append(x, double(b))
	}
	return x
}

// TestMaskedSum: the CRC-32C of the example in RFC 3720, B.4, and the checksum of the length 24, with which files of
// TensorFlow begin.
func TestMaskedSum(t *testing.T) {
	if got := crc32.Checksum(make([]byte, 32), castagnoli); got != 0x8a9136aa {
		t.Errorf("CRC-32C of 32 zeros: got %x, want 8a9136aa", got)
	}
	if got := maskedSum([]byte("\x18\x00\x00\x00\x00\x00\x00\x00")); got != 0x224b7fa3 {
		t.Errorf("sum of the length 24: got %x, want 224b7fa3", got)
	}
}

// TestEvents: a file is parsed back as the format is published, and holds what was written.
func TestEvents(t *testing.T) {
	var b bytes.Buffer
	e := NewEvents(&b)
	e.now = func() time.Time { return time.UnixMicro(1_500_000) }
	x := -2.5
	for _, err := range []error{
		e.Begin(),
		e.Add(7, Value{Tag: "likelihood", Scalar: &x}, Value{Tag: "samples", PNG: []byte("png"), Width: 300, Height: 200}),
		e.Add(1000, Value{Tag: "weights", Histogram: []float32{-1, -1, 0.5, 2}},
			Value{Tag: "equal numbers", Histogram: []float32{3, 3}}, Value{Tag: "no numbers"},
			Value{Tag: "an infinity", Histogram: []float32{1, float32(math.Inf(1))}},
			Value{Tag: "no number", Histogram: []float32{1, float32(math.NaN())}}),
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
	scalar := math.Float32frombits(binary.LittleEndian.Uint32(first[0][valueSimple][0]))
	if tag := string(first[0][valueTag][0]); tag != "likelihood" || scalar != -2.5 {
		t.Errorf("scalar %q is %v, want -2.5 of likelihood", tag, scalar)
	}
	image := parseMessage(t, first[1][valueImage][0])
	height, _ := binary.Uvarint(image[imageHeight][0])
	width, _ := binary.Uvarint(image[imageWidth][0])
	if file := string(image[imageFile][0]); file != "png" || width != 300 || height != 200 {
		t.Errorf("image %q of %d x %d, want png of 300 x 200", file, width, height)
	}
	h := parseMessage(t, second[0][valueHistogram][0])
	for i, want := range []float64{-1, 2, 4, 0.5, 6.25} { // least, greatest, number, sum, sum of squares
		if got := double(h[histogramFirst+i][0]); got != want {
			t.Errorf("histogram field %d is %v, want %v", histogramFirst+i, got, want)
		}
	}
	// The 30 buckets from -1 to 2 have the width 0.1: twice -1 is in the first, 0.5 begins the sixteenth, 2 is in the last.
	counts := make([]float64, histogramBuckets)
	counts[0], counts[15], counts[29] = 2, 1, 1
	if got := doubles(h[histogramCounts][0]); !slices.Equal(got, counts) {
		t.Errorf("counts %v, want %v", got, counts)
	}
	limits := doubles(h[histogramLimits][0])
	if len(limits) != histogramBuckets || !slices.IsSorted(limits) || limits[29] <= 2 {
		t.Errorf("upper ends %v, want %d rising ones, the last above 2", limits, histogramBuckets)
	}
	for _, i := range []int{1, 3, 4} {
		single := parseMessage(t, second[i][valueHistogram][0])
		if got := doubles(single[histogramCounts][0]); !slices.Equal(got, []float64{2}) {
			t.Errorf("%s: counts %v, want one bucket of both numbers", second[i][valueTag][0], got)
		}
	}
	if none := second[2][valueHistogram][0]; len(none) != 0 {
		t.Errorf("no numbers give the histogram %x, want an empty one", none)
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
	damaged[ends[1]+eventHead+3]++ // in the Event of the record behind ends[1]
	for _, c := range []struct {
		name string
		file []byte
		step int
		want int
	}{
		{"all steps", file, 100, ends[4]},
		{"a step of the file", file, 20, ends[2]},
		{"a step between two of the file", file, 29, ends[2]},
		{"cut in a length", file[:ends[3]+5], 100, ends[3]},
		{"cut in an Event", file[:ends[3]+eventHead+2], 100, ends[3]},
		{"a damaged Event", damaged, 100, ends[1]},
		{"empty", nil, 100, 0},
		{"another format", []byte("no event file at all"), 100, 0},
	} {
		if got, err := EventsUpTo(bytes.NewReader(c.file), c.step); int(got) != c.want || err != nil {
			t.Errorf("%s, up to step %d: got %d of %d bytes, %v, want %d", c.name, c.step, got, len(c.file), err, c.want)
		}
	}
}

// FuzzEventsUpTo: of any bytes EventsUpTo returns a part, and it and stepOf do not panic.
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
