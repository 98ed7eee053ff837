package store

import (
	"encoding/binary"
	"fmt"
	"io"
	"strconv"
	"strings"
)

// mostText is the largest number of characters of a text in an NPZ archive. Chosen, far above what a name or the
// schema of a table needs: the header that claims the length may lie.
const mostText = 1 << 16

// encodeNPYText writes a text as an array without dimensions of NumPy's type U: four bytes a character,
// little-endian. An empty text is one zero, as NumPy writes it.
func encodeNPYText(w io.Writer, text string) error {
	letters := []rune(text)
	if text == "" {
		letters = []rune{0}
	}
	if _, err := w.Write(formatNPYHeader(fmt.Sprint("<U", len(letters)), nil)); err != nil {
		return err
	}
	return binary.Write(w, binary.LittleEndian, letters)
}

// texts reads the texts of the given names that the archive holds.
func (z *npz) texts(names []string) (texts map[string]string, err error) {
	texts = map[string]string{}
	for _, name := range names {
		if z.members[name] == nil {
			continue
		}
		if texts[name], err = z.text(name, mostText); err != nil {
			return nil, err
		}
	}
	return texts, nil
}

// text reads a text of at most the given number of characters: of NumPy's type S, with a byte each, or U, with four
// bytes. Zeros fill it up to its size.
func (z *npz) text(name string, most int) (text string, err error) {
	err = z.open(name, func(r io.Reader) error {
		s := &stream{r: r}
		h, err := readNPYHeader(s)
		if err != nil {
			return err
		}
		size, err := strconv.Atoi(h.descr[min(2, len(h.descr)):])
		if err != nil || size < 1 || size > most || h.kind() != 'S' && h.kind() != 'U' || len(h.shape) != 0 {
			return fmt.Errorf("type %s of shape %s, want a text of at most %d characters", quote(h.descr), FormatShape(h.shape), most)
		}
		if h.kind() == 'S' {
			raw, err := s.take(size)
			text = strings.TrimRight(string(raw), "\x00")
			return err
		}
		raw, err := s.take(4 * size)
		var order binary.ByteOrder = binary.LittleEndian
		if h.descr[0] == '>' {
			order = binary.BigEndian
		}
		var letters []rune
		for ; len(raw) > 0; raw = raw[4:] {
			if letter := rune(order.Uint32(raw)); letter != 0 {
				letters = append(letters, letter)
			}
		}
		text = string(letters)
		return err
	})
	return text, err
}
