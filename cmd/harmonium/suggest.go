package main

import "strings"

// didYouMean returns "; did you mean X?" with the names nearest to a mistyped word, each after the given dashes: those
// that begin with the word, if it has three letters or more, or else those at the least distance, if it is at most a
// third of the word's length, or 1 for a word of two letters. If there are none it returns "".
func didYouMean(word, dashes string, names []string) string {
	limit := max(1, len(word)/3)
	best := limit + 1
	var near []string
	for _, name := range names {
		d := distance(word, name)
		if len(word) > 2 && strings.HasPrefix(name, word) {
			d = 0
		}
		if d > best || d > limit || d >= len(word) { // at distance len(word) a name may share no letter with the word
			continue
		}
		if d < best {
			best, near = d, nil
		}
		near = append(near, dashes+name)
	}
	if near == nil {
		return ""
	}
	return "; did you mean " + orList(near) + "?"
}

// orList joins words as a sentence does: a, b or c.
func orList(words []string) string {
	last := len(words) - 1
	if last < 1 { // one word or none
		return strings.Join(words, "")
	}
	return strings.Join(words[:last], ", ") + " or " + words[last]
}

// distance is the least number of edits that make b of a, where an edit inserts, deletes or replaces a byte or swaps
// two neighbours, and no byte is edited twice.
func distance(a, b string) int {
	rows := make([][]int, len(a)+1)
	for i := range rows {
		rows[i] = make([]int, len(b)+1)
		rows[i][0] = i
	}
	for j := range rows[0] {
		rows[0][j] = j
	}
	for i := 1; i <= len(a); i++ {
		for j := 1; j <= len(b); j++ {
			replaced := rows[i-1][j-1]
			if a[i-1] != b[j-1] {
				replaced++
			}
			rows[i][j] = min(replaced, rows[i-1][j]+1, rows[i][j-1]+1)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				rows[i][j] = min(rows[i][j], rows[i-2][j-2]+1)
			}
		}
	}
	return rows[len(a)][len(b)]
}
