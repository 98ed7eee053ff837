package bench

import (
	"fmt"
	"math"
	"os"
	"strings"
	"testing"
)

// cluster is a cluster of H100 as they are sold: eight in a machine. Rates are 80 % of the published ones of NVLink 4
// (450 GB/s each way and card) and of NDR InfiniBand (400 Gbit/s = 50 GB/s each way and card). The 80 % and the times of
// an exchange without content, 10 and 20 µs, are assumed, as the page says.
var cluster = Cluster{cards[h100], 8, Wire{"NVLink", 10e-6, 0.8 * 450e9}, Wire{"InfiniBand", 20e-6, 0.8 * 50e9}}

var (
	scalingSizes = []size{{784, 500}, {4096, 4096}, {16384, 4096}}
	scalingCards = []int{1, 2, 4, 8, 16, 32, 64}
)

const (
	scalingBatch = 4096    // rows of an update, or of each card
	worthDouble  = 1.3     // least speedup for which twice the cards pay; chosen, and named in the text
	worthWeak    = 0.8     // least efficiency at which further cards pay; chosen, and named in the text
	mostRows     = 1 << 24 // of a batch that rowsFor tries; chosen, beyond any batch of use
)

// scalingPage returns the text of bench/scaling.md.
func scalingPage(t *testing.T) string {
	var page strings.Builder
	fmt.Fprintf(&page, `# What many cards would gain

This page predicts updates by PCD-1 on 1 to 64 H100, along the centered gradient in tf32. **These are predictions, not
measurements**, and no run on several cards has been timed. A card takes the time that [gpu.md](gpu.md) predicts for its
share of the rows, and then the time of the two sums of an update, as `+"`ranks.Sum`"+` makes them in one fixed tree whatever
the number of cards: of 4·(V+H) means, and of V·H numbers of the gradient. Each card of R sends 2·(R-1)/R of the
numbers in 2·log2(R) exchanges, and each of two all of them in one. Sums and computing do not overlap, and the gaps of more launches are not counted.

| cards | exchange | each way |
|---|---|---|
| of a machine, %d of them, by %s | %.0f µs | %.0f GB/s |
| of two machines, by %s | %.0f µs | %.0f GB/s |

The rates are 80 %% of the published ones. The times of an exchange of nothing are assumed.

`+"`go test ./bench -run TestScalingPage -write`"+` writes this page, and a test compares the two.

## Strong scaling

One update of %d rows in all, in microseconds, with the speedup over one card and the share of the sums.

`, cluster.Machine, cluster.Inside.Name, 1e6*cluster.Inside.Exchange, cluster.Inside.Rate/1e9,
		cluster.Between.Name, 1e6*cluster.Between.Exchange, cluster.Between.Rate/1e9, scalingBatch)
	scalingTable(t, &page, func(int) int { return scalingBatch },
		func(alone, time float64) string { return fmt.Sprintf("%.1fx", alone/time) })
	page.WriteString("\nWhere it stops to pay, when a doubling of the cards has to make an update 1.3 times as fast:\n\n")
	for _, s := range scalingSizes {
		last, fastest := strongLimits(t, s)
		fmt.Fprintf(&page, "- %s: %s; the least time is on %s.\n", byName(s), upTo(last), plural(fastest))
	}
	fmt.Fprintf(&page, `
## Weak scaling

One update of %d rows for each card, in microseconds, with the efficiency, the time on one card over this one.

`, scalingBatch)
	scalingTable(t, &page, func(cards int) int { return scalingBatch * cards },
		func(alone, time float64) string { return fmt.Sprintf("%.0f %%", 100*alone/time) })
	page.WriteString("\nWhere it stops to pay, when the efficiency has to be 80 %:\n\n")
	for _, s := range scalingSizes {
		fmt.Fprintf(&page, "- %s: %s.\n", byName(s), upTo(weakLimit(t, s)))
	}
	page.WriteString(`
The page counts the time of an update alone. Larger batches need fewer updates only as far as the noise of the gradient
limits the learning rate.

## Batches that pay

Rows of a batch from which on cards have half their number as speedup, and 0.8 times their number.

| V x H | cards | half | 0.8 |
|---|---|---|---|
`)
	for _, s := range scalingSizes {
		for _, cards := range []int{2, 8, 64} {
			fmt.Fprintf(&page, "| %s | %d | %s | %s |\n", byName(s), cards, rowsFor(t, s, cards, 0.5), rowsFor(t, s, cards, 0.8))
		}
	}
	return page.String()
}

func byName(s size) string { return fmt.Sprintf("%dx%d", s.visible, s.hidden) }

// onCards returns the predicted seconds of an update whose rows the cards divide, and the seconds of its sums alone.
func onCards(t *testing.T, s size, rows, cards int) (all, sums float64) {
	launches := planned(t, s, rows/cards, 1, cluster.Card.Precision)
	all = cluster.Update(launches, s.visible, s.hidden, cards)
	return all, all - cluster.Card.Update(launches, cluster.Card.Precision)
}

// scalingTable writes a table with a row for each size and a column for each number of cards. rows returns the rows of
// an update in all, and figure a figure from the times on one card and on the number of cards.
func scalingTable(t *testing.T, page *strings.Builder, rows func(cards int) int, figure func(alone, time float64) string) {
	page.WriteString("| V x H |")
	for _, cards := range scalingCards {
		fmt.Fprintf(page, " %d |", cards)
	}
	page.WriteString("\n|---|" + strings.Repeat("---|", len(scalingCards)) + "\n")
	for _, s := range scalingSizes {
		fmt.Fprintf(page, "| %s |", byName(s))
		alone, _ := onCards(t, s, rows(1), 1)
		for _, cards := range scalingCards {
			time, sums := onCards(t, s, rows(cards), cards)
			if fmt.Fprintf(page, " %.0f", 1e6*time); cards > 1 {
				fmt.Fprintf(page, ", %s, %.0f %%", figure(alone, time), 100*sums/time)
			}
			page.WriteString(" |")
		}
		page.WriteString("\n")
	}
}

// strongLimits returns the number of cards up to which each doubling pays, and the number with the least time.
func strongLimits(t *testing.T, s size) (last, fastest int) {
	best, before, pays := math.Inf(1), math.Inf(1), true
	for _, cards := range scalingCards {
		time, _ := onCards(t, s, scalingBatch, cards)
		if pays = pays && before/time >= worthDouble; pays {
			last = cards
		}
		if time < best {
			best, fastest = time, cards
		}
		before = time
	}
	return last, fastest
}

// weakLimit returns the number of cards up to which the efficiency is at least worthWeak.
func weakLimit(t *testing.T, s size) (last int) {
	alone, _ := onCards(t, s, scalingBatch, 1)
	for _, cards := range scalingCards {
		if time, _ := onCards(t, s, scalingBatch*cards, cards); alone/time < worthWeak {
			break
		}
		last = cards
	}
	return last
}

// rowsFor returns the least power of two of rows, up to mostRows, at which cards have a speedup of a share of their
// number, or "none".
func rowsFor(t *testing.T, s size, cards int, share float64) string {
	for rows := cards; rows <= mostRows; rows *= 2 {
		alone, _ := onCards(t, s, rows, 1)
		if time, _ := onCards(t, s, rows, cards); alone/time >= share*float64(cards) {
			return fmt.Sprint(rows)
		}
	}
	return "none"
}

func upTo(cards int) string {
	switch most := scalingCards[len(scalingCards)-1]; cards {
	case 1:
		return "a second card does not pay"
	case most:
		return fmt.Sprintf("it pays up to %d cards, the most here", most)
	}
	return fmt.Sprintf("it pays up to %d cards", cards)
}

func plural(cards int) string {
	if cards == 1 {
		return "one card"
	}
	return fmt.Sprintf("%d cards", cards)
}

// TestScalingPage compares scaling.md with the predictions of now. With -write it makes the file anew before.
func TestScalingPage(t *testing.T) {
	want := scalingPage(t)
	if *write {
		if err := os.WriteFile("scaling.md", []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile("scaling.md")
	if err != nil {
		t.Fatal(err)
	}
	if string(got) != want {
		t.Error("scaling.md is not what its numbers say: go test ./bench -run TestScalingPage -write")
	}
}

// TestSumOfCards: a sum of few numbers takes an exchange for each doubling of the cards, with all numbers. A sum of
// many on four cards takes twice as many exchanges: a half of the numbers travels in the first and in the last,
// within a machine, and a quarter in the two between, by the slow wire.
//
// To send 1000 numbers takes 1 s within a machine and 10 s between machines, as does an exchange without content, and
// to add them 0.001 s.
func TestSumOfCards(t *testing.T) {
	c := Cluster{Card{Bandwidth: 12e6}, 2, Wire{Exchange: 1, Rate: 4e3}, Wire{Exchange: 10, Rate: 4e2}}
	for _, tc := range []struct {
		what  string
		n     float64
		cards int
		want  float64
	}{
		{"one card", 1000, 1, 0},
		{"few numbers in a machine", 1000, 2, 1 + 1 + 0.001},
		{"few numbers in two machines", 1000, 4, 1 + 1 + 0.001 + 10 + 10 + 0.001},
		{"many numbers in a machine", 8000, 2, 1 + 8 + 0.008},
		{"many numbers in two machines", 8000, 4, 2*(1+4) + 0.004 + 2*(10+20) + 0.002},
	} {
		// Sums of at most ten terms, each rounded by 2⁻⁵³.
		if got := c.Sum(tc.n, tc.cards); math.Abs(got-tc.want) > 1e-14*tc.want {
			t.Errorf("%s: got %v s, want %v", tc.what, got, tc.want)
		}
	}
}
