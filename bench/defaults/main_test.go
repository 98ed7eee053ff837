package main

import (
	"strings"
	"testing"
)

// TestCalls: calls of each mode are accepted, and a call with a flag or an argument that its mode does not read,
// or with a value out of range, is an error that names the flag.
func TestCalls(t *testing.T) {
	for arguments, want := range map[string]string{
		"":            "",
		"-tables XOR": "",
		"-seeds 2 -python python3 -rows 9 data.csv": "",
		"-sweep axes -rows 9 data.csv":              "",
		"-sweep drawn -from 3 -cells 4 data.csv":    "",
		"-patience 3 -every 2 -seeds 2":             "",
		`-settings {"algorithm":"cd","hidden":3}`:   "",
		`-settings {"algoritm":"cd"}`:               `-settings: json: unknown field "algoritm"`,
		"-rows 9":                                   "-rows has no effect on drawn tables",
		"-every 2 data.csv":                         "-every has no effect on DATA",
		"-tables XOR data.csv":                      "-tables has no effect on DATA",
		"-cells 4 -sweep axes data.csv":             "-cells has no effect on -sweep axes",
		"-seeds 2 -sweep drawn data.csv":            "-seeds has no effect on -sweep drawn",
		"-sweep drawn -patience 3":                  "-sweep has no effect on -patience",
		"-patience 3 data.csv":                      "-patience draws its tables, and data.csv is one more",
		"-sweep lines data.csv":                     "-sweep lines, want axes or drawn",
		"-sweep axes":                               "-sweep: 0 data sets, want one",
		"-sweep drawn -from 4 -cells 4 data.csv":    "-from 4, want 0 to 3, below the number of -cells",
		"-patience 0":                               "-patience 0, want at least 1",
		"-seeds 0":                                  "-seeds 0, want at least 1",
	} {
		_, err := parse(strings.Fields(arguments))
		switch {
		case want == "" && err != nil:
			t.Errorf("%q: error %v, want none", arguments, err)
		case want != "" && (err == nil || !strings.Contains(err.Error(), want)):
			t.Errorf("%q: error %v, want %q", arguments, err, want)
		}
	}
}
