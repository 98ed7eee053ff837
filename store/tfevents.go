package store

import (
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"math"
	"slices"
	"time"
)

// An event file of TensorBoard is a list of records: a length n (8 bytes), its checksum (4 bytes), n bytes, and
// their checksum (4 bytes). The n bytes are an Event in the encoding of protocol buffers, with these fields.
const (
	eventWallTime    = 1 // double, in seconds
	eventStep        = 2 // int64
	eventFileVersion = 3 // string
	eventSummary     = 5 // message of the values
	summaryValue     = 1 // repeated message
	valueTag         = 1 // string
	valueSimple      = 2 // float
	valueImage       = 4 // message
	valueHistogram   = 5 // message

	imageHeight   = 1 // int32, in pixels
	imageWidth    = 2 // int32, in pixels
	imageChannels = 3 // int32
	imageFile     = 4 // bytes of a PNG

	histogramFirst  = 1 // fields 1 to 5, doubles: least, greatest, number, sum, sum of squares
	histogramLimits = 6 // doubles: the upper end of each bucket
	histogramCounts = 7 // doubles: the number of values in each bucket
)

const (
	eventHead = 8 + 4 // bytes of a record before its Event
	eventTail = 4     // bytes behind it

	// longestEvent is the largest number of bytes of an Event that is read, chosen far above any that is written: a
	// damaged length whose checksum fits by chance is not read into memory.
	longestEvent = 1 << 28
)

// A field begins with 8 times its number plus one of these types.
const (
	wireNumber = 0 // variable length
	wireDouble = 1 // eight bytes
	wireBytes  = 2 // a length, and as many bytes
	wireFloat  = 5 // four bytes
)

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// Events writes an event file of TensorBoard.
type Events struct {
	w   io.Writer
	now func() time.Time
}

// NewEvents returns a writer that appends to w. A new file begins with [Events.Begin].
func NewEvents(w io.Writer) *Events { return &Events{w, time.Now} }

// Begin writes the record that a file begins with.
func (e *Events) Begin() error {
	return e.write(appendBytes(e.event(0), eventFileVersion, []byte("brain.Event:2")))
}

// Value is one value of a step. Exactly one of Scalar, Histogram and PNG holds it; without any it is a histogram of no
// numbers.
type Value struct {
	Tag       string
	Scalar    *float64
	Histogram []float32
	PNG       []byte // an image of Width by Height pixels
	Width     int
	Height    int
}

// Add writes the values of a step.
func (e *Events) Add(step int, values ...Value) error {
	var summary []byte
	for _, v := range values {
		value := appendBytes(nil, valueTag, []byte(v.Tag))
		switch {
		case v.Scalar != nil:
			value = append(value, valueSimple<<3|wireFloat)
			value = binary.LittleEndian.AppendUint32(value, math.Float32bits(float32(*v.Scalar)))
		case v.PNG != nil:
			value = appendBytes(value, valueImage, imageOf(v))
		default:
			value = appendBytes(value, valueHistogram, histogramOf(v.Histogram))
		}
		summary = appendBytes(summary, summaryValue, value)
	}
	return e.write(appendBytes(e.event(step), eventSummary, summary))
}

// event begins an event of a step.
func (e *Events) event(step int) []byte {
	b := appendDouble(nil, eventWallTime, float64(e.now().UnixMicro())/1e6)
	return appendNumber(b, eventStep, uint64(step))
}

// write writes a record.
func (e *Events) write(data []byte) error {
	record := binary.LittleEndian.AppendUint64(nil, uint64(len(data)))
	record = binary.LittleEndian.AppendUint32(record, maskedSum(record))
	record = append(record, data...)
	record = binary.LittleEndian.AppendUint32(record, maskedSum(data))
	_, err := e.w.Write(record)
	return err
}

// maskedSum is the checksum of the format: the CRC-32C of data, rotated right by 15 bits, plus a constant. It is not the
// plain CRC, since the CRC of data that holds CRCs is problematic, as the format's documentation says.
func maskedSum(data []byte) uint32 {
	sum := crc32.Checksum(data, castagnoli)
	return (sum>>15 | sum<<17) + 0xa282ead8
}

// imageOf returns the fields of an image with one grey channel.
func imageOf(v Value) []byte {
	b := appendNumber(nil, imageHeight, uint64(v.Height))
	b = appendNumber(b, imageWidth, uint64(v.Width))
	b = appendNumber(b, imageChannels, 1)
	return appendBytes(b, imageFile, v.PNG)
}

// histogramBuckets is the number of equal buckets of a histogram, TensorFlow's default.
const histogramBuckets = 30

// histogramOf returns the fields of a histogram of x, with equal buckets from its least to its greatest number. Numbers
// that are all the same, or not all finite, share one bucket.
func histogramOf(x []float32) []byte {
	if len(x) == 0 {
		return nil
	}
	low, high := float64(slices.Min(x)), float64(slices.Max(x))
	width := (high - low) / histogramBuckets
	single := !(width > 0 && width <= math.MaxFloat64)
	var sum, squares float64
	counts := make([]float64, histogramBuckets)
	for _, v := range x {
		v := float64(v)
		sum, squares = sum+v, squares+v*v
		k := 0
		if !single {
			k = min(int(histogramBuckets*(v-low)/(high-low)), histogramBuckets-1)
		}
		counts[k]++
	}
	var limits, buckets []byte
	for k, n := range counts {
		limit := low + float64(k+1)*(high-low)/histogramBuckets
		if k == histogramBuckets-1 || single {
			limit = math.Nextafter(high, math.Inf(1)) // above the greatest number
		}
		limits = binary.LittleEndian.AppendUint64(limits, math.Float64bits(limit))
		buckets = binary.LittleEndian.AppendUint64(buckets, math.Float64bits(n))
		if single {
			break
		}
	}
	var b []byte
	for i, v := range []float64{low, high, float64(len(x)), sum, squares} {
		b = appendDouble(b, histogramFirst+i, v)
	}
	b = appendBytes(b, histogramLimits, limits)
	return appendBytes(b, histogramCounts, buckets)
}

func appendNumber(b []byte, field int, x uint64) []byte {
	return binary.AppendUvarint(append(b, byte(field<<3|wireNumber)), x)
}

func appendDouble(b []byte, field int, x float64) []byte {
	return binary.LittleEndian.AppendUint64(append(b, byte(field<<3|wireDouble)), math.Float64bits(x))
}

func appendBytes(b []byte, field int, data []byte) []byte {
	b = binary.AppendUvarint(append(b, byte(field<<3|wireBytes)), uint64(len(data)))
	return append(b, data...)
}

// EventsUpTo returns the length in bytes of the whole records at the start of an event file whose steps are at
// most step. The record behind them has a later step, or is torn or damaged.
func EventsUpTo(r io.Reader, step int) (length int64, err error) {
	for {
		data, err := readEvent(r)
		if err != nil {
			if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, errDamagedEvent) {
				err = nil
			}
			return length, err
		}
		at, err := stepOf(data)
		if err != nil || at > uint64(step) {
			return length, nil
		}
		length += eventHead + int64(len(data)) + eventTail
	}
}

var errDamagedEvent = errors.New("damaged event")

// readEvent reads the bytes of a record, and checks both sums.
func readEvent(r io.Reader) ([]byte, error) {
	var head [eventHead]byte
	if _, err := io.ReadFull(r, head[:]); err != nil {
		return nil, err
	}
	n := binary.LittleEndian.Uint64(head[:])
	if maskedSum(head[:8]) != binary.LittleEndian.Uint32(head[8:]) || n > longestEvent {
		return nil, fmt.Errorf("%w: length", errDamagedEvent)
	}
	data, err := io.ReadAll(io.LimitReader(r, int64(n)+eventTail))
	if err != nil {
		return nil, err
	}
	if uint64(len(data)) < n+eventTail {
		return nil, io.ErrUnexpectedEOF
	}
	if maskedSum(data[:n]) != binary.LittleEndian.Uint32(data[n:]) {
		return nil, fmt.Errorf("%w: content", errDamagedEvent)
	}
	return data[:n], nil
}

// stepOf returns the step of an event.
func stepOf(data []byte) (step uint64, err error) {
	for len(data) > 0 {
		field, value, rest, err := cutField(data)
		if err != nil {
			return 0, err
		}
		if field == eventStep {
			step, _ = binary.Uvarint(value)
		}
		data = rest
	}
	return step, nil
}

// cutField cuts the first field off a message. A number stays encoded as value.
func cutField(data []byte) (field int, value, rest []byte, err error) {
	key, n := binary.Uvarint(data)
	if n <= 0 {
		return 0, nil, nil, errDamagedEvent
	}
	data = data[n:]
	length := -1
	switch key & 7 {
	case wireNumber:
		_, length = binary.Uvarint(data)
	case wireDouble:
		length = 8
	case wireBytes:
		size, n := binary.Uvarint(data)
		if n > 0 && size <= uint64(len(data)-n) {
			data, length = data[n:], int(size)
		}
	case wireFloat:
		length = 4
	}
	if length < 0 || length > len(data) || key&7 == wireNumber && length == 0 {
		return 0, nil, nil, errDamagedEvent
	}
	return int(key >> 3), data[:length], data[length:], nil
}
