package report

import (
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"
)

// TestShorten: each way of shortening names to 8 letters.
func TestShorten(t *testing.T) {
	for _, c := range []struct {
		name        string
		names, want []string
	}{
		{"without the middle", []string{"short", "abcdefgh", "abcdefghi", "größenänderung"}, []string{"short", "abcdefgh", "abcd…ghi", "größ…ung"}},
		{"cut later", []string{"bill_length_mm", "bill_depth_mm", "flipper_length_mm"}, []string{"bill_l…m", "bill_d…m", "flip…_mm"}},
		{"cut earlier", []string{"measured_value_017_mm", "measured_value_018_mm"}, []string{"mea…7_mm", "mea…8_mm"}},
		{"window", []string{"the_value_of_length_in_the_end", "the_value_of_height_in_the_end"}, []string{"…length…", "…height…"}},
		{"equal", []string{"same name twice", "same name twice"}, []string{"same…ice", "same…ice"}},
	} {
		got := shorten(c.names, 8)
		if !slices.Equal(got, c.want) {
			t.Errorf("%s: %q: got %q, want %q", c.name, c.names, got, c.want)
		}
	}
}

// TestShortenedNamesDiffer: random different names remain different and have at most 8 letters, also where they differ
// in places that no cut and no window shows for all of them.
func TestShortenedNamesDiffer(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for range 300 {
		var names []string
		for range 1 + r.IntN(40) {
			letters := []rune("eine_ziemlich_lange_größe_in_mm")
			for range r.IntN(3) {
				letters[r.IntN(len(letters))] = 'x'
			}
			names = append(names, string(letters[:len(letters)-r.IntN(3)]))
		}
		short := shorten(names, 8)
		long := map[string]string{} // the name of each shortened one
		for i, s := range short {
			if other, ok := long[s]; ok && other != names[i] {
				t.Fatalf("%q stands for %q and %q", s, other, names[i])
			}
			if utf8.RuneCountInString(s) > 8 {
				t.Fatalf("%q stands for %q, want at most 8 letters", s, names[i])
			}
			long[s] = names[i]
		}
	}
}

// TestShortenBadText: names that are not UTF-8 stay different and within their limit.
func TestShortenBadText(t *testing.T) {
	for _, most := range []int{8, 14, 60} {
		got := shorten([]string{"l\xe4nge", "l\xf6nge"}, most)
		for _, name := range got {
			if n := utf8.RuneCountInString(name); !utf8.ValidString(name) || n > most || strings.Contains(name, "\x00") {
				t.Errorf("%d letters: got %q", most, name)
			}
		}
		if got[0] == got[1] {
			t.Errorf("%d letters: got twice %q", most, got[0])
		}
	}
}
