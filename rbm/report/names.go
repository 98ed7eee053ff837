package report

import (
	"strconv"
	"strings"
)

// shorten cuts long names to at most the given number of letters, which is at least 3. Different names remain
// different.
//
// A name loses its middle. Names that are then alike are all cut at another place, the nearest to the middle at
// which the cut names differ. If there is none, they show a window that begins with the first letter in which they differ. If
// they are still alike, they end with numbers in the order of the names.
func shorten(names []string, most int) []string {
	var different []string
	place := map[string]int{}
	for _, name := range names {
		if _, ok := place[name]; !ok {
			place[name] = len(different)
			different = append(different, name)
		}
	}
	short := shortenDifferent(different, most)
	all := make([]string, len(names))
	for i, name := range names {
		all[i] = short[place[name]]
	}
	return all
}

// shortenDifferent is shorten of different names.
func shortenDifferent(names []string, most int) []string {
	short := make([]string, len(names))
	for i, name := range names {
		names[i] = strings.ToValidUTF8(name, "?") // as no letters could be counted otherwise
		short[i] = cut([]rune(names[i]), most, (most-1)/2)
	}
	for number := 1; ; {
		alike := firstAlike(short)
		if alike == nil {
			return short
		}
		if !recut(names, short, alike, most) {
			for _, i := range alike {
				text := strconv.Itoa(number)
				number++
				letters := []rune(names[i])
				short[i] = string(letters[:min(len(letters), max(0, most-1-len(text)))]) + "…" + text
			}
		}
	}
}

// cut leaves the first letters of a name, an ellipsis and the given number of last letters, together most letters.
func cut(letters []rune, most, last int) string {
	if len(letters) <= most {
		return string(letters)
	}
	return string(letters[:most-1-last]) + "…" + string(letters[len(letters)-last:])
}

// window leaves the letters of a name from the given place on, between two ellipses, together most letters.
func window(letters []rune, most, from int) string {
	if len(letters) <= most {
		return string(letters)
	}
	from = min(from, len(letters)-most+2)
	return "…" + string(letters[from:from+most-2]) + "…"
}

// firstAlike returns the places of the first names that are alike, or nil.
func firstAlike(short []string) []int {
	places := map[string][]int{}
	for i, s := range short {
		places[s] = append(places[s], i)
	}
	for _, s := range short {
		if len(places[s]) > 1 {
			return places[s]
		}
	}
	return nil
}

// recut cuts the names at some places in another way, so that they differ from each other and from all others. It
// reports whether there is such a way.
func recut(names, short []string, places []int, most int) bool {
	taken := map[string]bool{}
	for _, s := range short {
		taken[s] = true
	}
	delete(taken, short[places[0]]) // which at most one of the names keeps
	try := func(shortened func(letters []rune) string) bool {
		seen := map[string]bool{}
		for _, i := range places {
			text := shortened([]rune(names[i]))
			if taken[text] || seen[text] {
				return false
			}
			seen[text] = true
		}
		for _, i := range places {
			short[i] = shortened([]rune(names[i]))
		}
		return true
	}
	half := (most - 1) / 2
	for off := 1; off < most; off++ {
		for _, last := range []int{half - off, half + off} {
			if last >= 0 && last < most && try(func(letters []rune) string { return cut(letters, most, last) }) {
				return true
			}
		}
	}
	common := commonLetters(names, places)
	return try(func(letters []rune) string { return window(letters, most, common) })
}

// commonLetters returns the number of first letters that all names at some places share.
func commonLetters(names []string, places []int) int {
	first := []rune(names[places[0]])
	n := len(first)
	for _, i := range places[1:] {
		letters := []rune(names[i])
		for k := range min(n, len(letters)) {
			if letters[k] != first[k] {
				n = k
				break
			}
		}
		n = min(n, len(letters))
	}
	return n
}
