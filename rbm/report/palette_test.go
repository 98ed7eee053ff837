package report

import (
	"math"
	"strconv"
	"strings"
	"testing"
)

// luminance is the relative luminance of a color #rrggbb (WCAG 2.2, "relative luminance").
func luminance(t *testing.T, color string) float64 {
	t.Helper()
	var sum float64
	for i, share := range []float64{0.2126, 0.7152, 0.0722} {
		c, err := strconv.ParseUint(color[1+2*i:3+2*i], 16, 8)
		if err != nil {
			t.Fatal(err)
		}
		x := float64(c) / 255
		if x <= 0.04045 {
			x /= 12.92
		} else {
			x = math.Pow((x+0.055)/1.055, 2.4)
		}
		sum += share * x
	}
	return sum
}

// contrast is the contrast ratio of WCAG 2.2.
func contrast(t *testing.T, a, b string) float64 {
	t.Helper()
	high, low := luminance(t, a), luminance(t, b)
	return (max(high, low) + 0.05) / (min(high, low) + 0.05)
}

// TestContrast: everything that is read has a contrast of at least 4.5 to the page and to panels, which level AA of
// WCAG 2.2 requires of text, and no two series look alike without color.
func TestContrast(t *testing.T) {
	// The definition gives 1.05/0.05; its dozen roundings change that by at most 12·21·2⁻⁵³ < 2⁻⁴⁵.
	if got := contrast(t, "#000000", "#ffffff"); math.Abs(got-21) > 0x1p-45 {
		t.Fatalf("black on white: %v, want 21", got)
	}
	shades := append([]shade{textShade, quietShade, goodShade, badShade}, seriesShades...)
	for _, s := range shades {
		for _, behind := range []shade{pageShade, panelShade} {
			if c := contrast(t, s.light, behind.light); c < 4.5 {
				t.Errorf("%s on %s: contrast %.2f, want at least 4.5", s.light, behind.light, c)
			}
			if c := contrast(t, s.dark, behind.dark); c < 4.5 {
				t.Errorf("%s on %s: contrast %.2f, want at least 4.5", s.dark, behind.dark, c)
			}
		}
	}
	if len(dashes) != len(seriesShades) {
		t.Errorf("%d dashes for %d colors, want one each", len(dashes), len(seriesShades))
	}
	seen := map[string]bool{}
	for k := range seriesShades {
		seen[dashes[k]+marker(k, 0, 0)] = true
		if !strings.HasSuffix(marker(k, 0, 0), "z") {
			t.Errorf("the marker of series %d is open and has no area to fill", k)
		}
	}
	if len(seen) != len(seriesShades) {
		t.Errorf("%d pairs of dash and marker for %d colors, want one each", len(seen), len(seriesShades))
	}
}
