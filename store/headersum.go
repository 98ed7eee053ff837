package store

import (
	"fmt"
	"maps"
)

// keyHeaderSum is the metadata's key of the SHA-256 of the header: of its text as it would be
// without this key.
const keyHeaderSum = "header_sha256"

// headerText returns the JSON object of a header. It is a function of what the header says: members
// are in a fixed order, without spaces.
func headerText(entries []tensorEntry, metadata map[string]string) string {
	text := fmt.Sprintf("{%s:%s", jsonOf(keyMetadata), jsonOf(metadata))
	for _, e := range entries {
		text += fmt.Sprintf(",%s:%s", jsonOf(e.name), jsonOf(e))
	}
	return text + "}"
}

// withHeaderSum returns metadata with the sum of the header that they are a part of.
func withHeaderSum(entries []tensorEntry, metadata map[string]string) map[string]string {
	all := maps.Clone(metadata)
	delete(all, keyHeaderSum)
	all[keyHeaderSum] = sumOf([]byte(headerText(entries, all)))
	return all
}

// checkHeaderSum returns an error if a header has a sum that is not its own. Files of earlier
// versions have none.
func checkHeaderSum(entries []tensorEntry, metadata map[string]string) (summed bool, err error) {
	got, summed := metadata[keyHeaderSum]
	if !summed {
		return false, nil
	}
	if want := withHeaderSum(entries, metadata)[keyHeaderSum]; got != want {
		return true, fmt.Errorf("%s of the header is %q, want %q", keyHeaderSum, want, got)
	}
	return true, nil
}
