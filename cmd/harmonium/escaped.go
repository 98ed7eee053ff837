package main

import (
	"fmt"
	"io"
	"strings"
	"unicode"
	"unicode/utf8"
)

// escaped returns text with escapes, such as \u001b, for the characters that a terminal obeys. Bytes that
// are not UTF-8 become the replacement character. JSON has the same escapes, so that escaped JSON is the
// same JSON.
func escaped(text string) string {
	if utf8.ValidString(text) && !strings.ContainsFunc(text, obeyed) {
		return text
	}
	var b strings.Builder
	for _, r := range text {
		if obeyed(r) {
			fmt.Fprintf(&b, `\u%04x`, r)
		} else {
			b.WriteRune(r)
		}
	}
	return b.String()
}

// obeyed reports whether a terminal may obey a character instead of showing it: a control character, but
// no line feed or tab, or a mark that turns the direction of text.
func obeyed(r rune) bool {
	return r != '\n' && r != '\t' && (unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r))
}

// plainLine returns text as one plain line. Of more than maxLine characters it keeps the first three
// quarters of maxLine and the last quarter.
func plainLine(text string) string {
	text = escaped(strings.ReplaceAll(text, "\n", " "))
	runes := []rune(text)
	if len(runes) <= maxLine {
		return text
	}
	const end = maxLine / 4
	return fmt.Sprintf("%s[%d characters left out]%s", string(runes[:maxLine-end]), len(runes)-maxLine,
		string(runes[len(runes)-end:]))
}

// maxLine is the largest number of characters of an error's line. It is chosen: some twelve lines of a terminal.
const maxLine = 1000

// output is a writer of plain text that remembers its first error, so that commands need not check
// each write.
type output struct {
	w    io.Writer
	rest []byte // start of a character whose other bytes are yet to come
	err  error
}

func (o *output) Write(p []byte) (int, error) {
	text := append(o.rest, p...)
	whole := len(text) // bytes of whole characters: the last one may be cut after its first k bytes
	for k := 1; k < utf8.UTFMax && k <= len(text); k++ {
		if tail := text[len(text)-k:]; utf8.RuneStart(tail[0]) {
			if !utf8.FullRune(tail) {
				whole -= k
			}
			break
		}
	}
	o.rest = append([]byte(nil), text[whole:]...)
	o.write([]byte(escaped(string(text[:whole]))))
	if o.err != nil {
		return 0, o.err
	}
	return len(p), nil
}

// write writes bytes as they are.
func (o *output) write(p []byte) {
	if o.err == nil && len(p) > 0 {
		_, o.err = o.w.Write(p)
	}
}

// flush writes what is left.
func (o *output) flush() {
	o.write([]byte(escaped(string(o.rest))))
	o.rest = nil
}

// binaryOutput returns the writer under an output, for bytes that are not text.
func binaryOutput(w io.Writer) io.Writer {
	if o, ok := w.(*output); ok {
		return o.w
	}
	return w
}
