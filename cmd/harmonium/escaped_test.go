package main

import (
	"bytes"
	"encoding/json"
	"os"
	"strings"
	"testing"
	"unicode/utf8"

	"harmonium/rbm"
)

func TestEscaped(t *testing.T) {
	for text, want := range map[string]string{
		"":                        "",
		"a\tb\nc ü 漢":             "a\tb\nc ü 漢",
		"\x1b[31mred\x07\r\x7f":   `\u001b[31mred\u0007\u000d\u007f`,
		"\u009b31m\u202egnp.exe":  `\u009b31m\u202egnp.exe`,
		"bad \xff\x9b end\u2066x": "bad \ufffd\ufffd end\\u2066x",
	} {
		if got := escaped(text); got != want {
			t.Errorf("escaped(%q) = %q, want %q", text, got, want)
		}
	}
}

// TestOutputInPieces: text is the same in whatever pieces it is written.
func TestOutputInPieces(t *testing.T) {
	const text = "ü漢\x1b[2J\U0001F600\xe6\xbc"
	for size := 1; size <= len(text); size++ {
		var b bytes.Buffer
		o := &output{w: &b}
		for rest := text; rest != ""; {
			n := min(size, len(rest))
			if got, err := o.Write([]byte(rest[:n])); got != n || err != nil {
				t.Fatal(got, err)
			}
			rest = rest[n:]
		}
		o.flush()
		if got, want := b.String(), escaped(text); got != want {
			t.Errorf("in pieces of %d: %q, want %q", size, got, want)
		}
	}
}

// TestPlainLine bounds the length of a line: of 2·2²⁰+3 characters it keeps 1000, beside a note of at most 50.
func TestPlainLine(t *testing.T) {
	long := plainLine(strings.Repeat("x\n", 1<<20) + "end")
	if n := utf8.RuneCountInString(long); n > maxLine+50 || !strings.HasSuffix(long, "end") ||
		!strings.Contains(long, "[2096155 characters left out]") {
		t.Errorf("%d characters: %.80s…", n, long)
	}
}

// TestControlCharacters of a file and of an argument reach no terminal.
func TestControlCharacters(t *testing.T) {
	t.Chdir(t.TempDir())
	m, err := rbm.NewModel(4, 2)
	if err != nil {
		t.Fatal(err)
	}
	const evil = "\x1b]0;title\x07\u009b2J"
	m.Provenance = map[string]string{"data": evil, evil: "x", "seed": "1" + evil}
	if err := m.Save("m" + evil); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile("rows"+evil+".csv", []byte("1,0,1,0\n1,0,1,"+evil+"\n"), 0o666); err != nil {
		t.Fatal(err)
	}
	for _, args := range [][]string{
		{"inspect", "m" + evil}, {"inspect", "m" + evil, "--json"}, {"inspect", evil}, {"eval", "m" + evil}, {evil},
		{"train", "--" + evil}, {"train", "--data", "rows" + evil + ".csv"}, {"train", "--recipe", evil},
		{"train", "--out", evil, "--data", "bars-and-stripes:2", "--hidden", "2", "--updates", "2"},
	} {
		_, stdout, lines := executeLines(args...)
		if all := stdout + strings.Join(lines, "\n"); all != escaped(all) {
			t.Errorf("%q prints %q", args, all)
		}
		if args[len(args)-1] == "--json" {
			var i inspection
			if err := json.Unmarshal([]byte(stdout), &i); err != nil || i.Provenance["data"] != evil {
				t.Errorf("the object has data %q (%v), want %q", i.Provenance["data"], err, evil)
			}
		}
	}
}

// TestEmptyValues: an empty value, as of a variable of the shell that is not set, is refused.
func TestEmptyValues(t *testing.T) {
	t.Chdir(t.TempDir())
	for text, args := range map[string][]string{
		"--resume '', want a value":             {"train", "--resume", ""},
		"--out '', want a value":                {"train", "--out="},
		"--data '', want a value":               {"train", "--data", ""},
		"--clamp '', want a value":              {"sample", "m", "--clamp", ""},
		"eval: argument 1 is empty, want MODEL": {"eval", ""},
		"convert: argument 2 is empty":          {"convert", "a", ""},
	} {
		refuses(t, exitUsage, text, args...)
	}
}
