package store

import (
	"fmt"
	"maps"
	"strings"
)

// keyHeaderSum is the key, in the metadata, of the SHA-256 of the header's text without this key.
const keyHeaderSum = "header_sha256"

// headerText returns the JSON object of a header. The same content gives the same text: members are in a fixed
// order, without spaces.
func headerText(entries []tensorEntry, metadata map[string]string) string {
	var text strings.Builder
	fmt.Fprintf(&text, "{%s:%s", jsonOf(keyMetadata), jsonOf(metadata))
	for _, e := range entries {
		fmt.Fprintf(&text, ",%s:%s", jsonOf(e.name), jsonOf(e))
	}
	text.WriteString("}")
	return text.String()
}

// withHeaderSum returns the metadata of a header with the header's sum.
func withHeaderSum(entries []tensorEntry, metadata map[string]string) map[string]string {
	all := maps.Clone(metadata)
	delete(all, keyHeaderSum)
	all[keyHeaderSum] = sumOf([]byte(headerText(entries, all)))
	return all
}

// checkHeaderSum reports whether a header has a sum, which files of earlier versions do not have, and returns an
// error if the sum is wrong.
func checkHeaderSum(entries []tensorEntry, metadata map[string]string) (summed bool, err error) {
	want, summed := metadata[keyHeaderSum]
	if !summed {
		return false, nil
	}
	if got := withHeaderSum(entries, metadata)[keyHeaderSum]; got != want {
		return true, fmt.Errorf("%s of the header is %q, want %q", keyHeaderSum, got, want)
	}
	return true, nil
}
