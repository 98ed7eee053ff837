package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
)

// jsonVersion is the version of the objects that --json prints, under the key json_version. It
// rises when a key goes or changes its meaning; json.md lists the keys.
const jsonVersion = 1

// writeObject writes the JSON object of a value, with the version before its own keys, as one line.
func writeObject(w io.Writer, value any) error {
	object, err := json.Marshal(value)
	if err != nil {
		return err
	}
	rest, ok := bytes.CutPrefix(object, []byte("{"))
	if !ok {
		return fmt.Errorf("JSON of a %T is no object", value)
	}
	separator := ","
	if string(rest) == "}" {
		separator = ""
	}
	_, err = fmt.Fprintf(w, "{\"json_version\":%d%s%s\n", jsonVersion, separator, rest)
	return err
}
