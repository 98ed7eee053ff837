package main

import (
	"strings"
	"testing"
)

// TestDistance: inserted, deleted and replaced letters and swapped neighbours count 1 each; from ca to abc it is 3, as no
// letter is edited twice.
func TestDistance(t *testing.T) {
	for _, c := range []struct {
		a, b string
		want int
	}{
		{"", "", 0}, {"", "abc", 3}, {"abc", "", 3}, {"abc", "abc", 0}, {"abc", "abd", 1},
		{"hiden", "hidden", 1}, {"pdc", "pcd", 1}, {"trian", "train", 1}, {"ca", "abc", 3}, {"kitten", "sitting", 3},
	} {
		if got := distance(c.a, c.b); got != c.want {
			t.Errorf("distance(%q, %q) = %d, want %d", c.a, c.b, got, c.want)
		}
	}
}

// TestDidYouMean: the nearest names are suggested, all that begin with the word, or none where all are far.
func TestDidYouMean(t *testing.T) {
	algorithms := []string{"pcd", "cd", "fpcd", "pt", "ptt"}
	for _, c := range []struct {
		word  string
		names []string
		want  string
	}{
		{"pdc", algorithms, "; did you mean --pcd?"},
		{"pct", algorithms, "; did you mean --pcd, --pt or --ptt?"},
		{"x", algorithms, ""},
		{"", algorithms, ""},
		{"adam", algorithms, ""},
		{"mnist-qick", recipeNames(), "; did you mean --mnist-quick?"},
		{"mnist", recipeNames(), "; did you mean --mnist-quick, --mnist-fast or --mnist-best?"},
	} {
		if got := didYouMean(c.word, "--", c.names); got != c.want {
			t.Errorf("didYouMean(%q) = %q, want %q", c.word, got, c.want)
		}
	}
}

// TestSuggestions: messages about mistyped commands, flags and values suggest the nearest one, if one is near.
func TestSuggestions(t *testing.T) {
	for args, text := range map[string]string{
		"trian":                         `unknown command "trian"; did you mean train?`,
		"help trian":                    `unknown command "trian"; did you mean train?`,
		"zzz":                           `unknown command "zzz"; harmonium --help lists the commands`,
		"train --hiden 3":               "unknown flag: --hiden; did you mean --hidden?",
		"train --learning 3":            "unknown flag: --learning; did you mean --learning-rate?",
		"train --zzz":                   "unknown flag: --zzz; harmonium train --help lists the flags",
		"train --algorithm pdc":         "--algorithm pdc, want auto, pcd, cd, fpcd, pt or ptt; did you mean pcd?",
		"train --recipe mnist-qick":     "--recipe mnist-qick, want mnist-quick, mnist-fast, mnist-best, features or small-exact; did you mean mnist-quick?",
		"train --eval nevr":             "--eval nevr, want never, end or a number of epochs; did you mean never?",
		"train --binarize dinamic":      "did you mean dynamic?",
		"eval m --betas atuo":           "did you mean auto?",
		"completion bsh":                `completion "bsh", want bash, zsh, fish or powershell; did you mean bash or zsh?`,
		"features m --split tset":       "--split tset, want train, test or valid; did you mean test?",
		"sample m --init dta":           "--init dta, want random or data; did you mean data?",
		"train --device gpu":            "--device gpu, want auto, cpu or cuda",
		"train --data mnits --epochs x": "--epochs x, want a whole number",
	} {
		refuses(t, exitUsage, text, strings.Fields(args)...)
	}
}
