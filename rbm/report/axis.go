package report

import (
	"fmt"
	"math"
	"strconv"
	"strings"
)

// axis maps values from low to high, which differ, to pixels.
type axis struct {
	low, high float64
	from, to  float64 // pixels of low and high
}

// at returns the pixel of a value, moved into the axis.
func (a axis) at(x float64) float64 {
	x = min(max(x, a.low), a.high)
	return a.from + (x-a.low)/(a.high-a.low)*(a.to-a.from)
}

// holds reports whether a value is within the axis.
func (a axis) holds(x float64) bool { return x >= a.low && x <= a.high }

// ticks returns round numbers within the axis, about n of them.
func (a axis) ticks(n int) []float64 {
	step := roundStep((a.high - a.low) / float64(n))
	var ticks []float64
	// The limit of 4n ends the loop also where k is so large that k++ is lost in rounding.
	for k := math.Ceil(a.low / step); k*step <= a.high+step*1e-9 && len(ticks) < 4*n; k++ {
		ticks = append(ticks, k*step+0) // +0 makes a zero of a negative zero
	}
	return ticks
}

// roundStep returns the least 1, 2 or 5 times a power of ten that is at least x, up to rounding.
func roundStep(x float64) float64 {
	power := math.Pow(10, math.Floor(math.Log10(x)))
	for _, m := range []float64{1, 2, 5} {
		if m*power >= x*(1-1e-9) {
			return m * power
		}
	}
	return 10 * power
}

// spread returns an axis over some values, with a margin of a 20th of their range on both sides. Values that
// are not finite do not count. If all values are equal, but for rounding, the margin is a 20th of their size, at least
// 0.001, and without values the axis is over 0 to 1.
func spread(values []float64, from, to float64) axis {
	low, high := math.Inf(1), math.Inf(-1)
	for _, v := range values {
		if finite(v) {
			low, high = min(low, v), max(high, v)
		}
	}
	if low > high {
		low, high = 0, 1
	}
	margin := (high - low) / 20
	if !(margin > 1e-9*max(math.Abs(low), math.Abs(high))) { // float64, with a resolution of 1e-16, holds ticks above it
		margin = max(math.Abs(low)/20, 1e-3)
	}
	return axis{low - margin, high + margin, from, to}
}

func finite(x float64) bool { return !math.IsNaN(x) && !math.IsInf(x, 0) }

// number formats a value between 1e-4 and 1e7 with four significant digits, or as an integer from 1000 on, and
// other values with an exponent. The minus is the character U+2212, as in all texts of a page.
func number(x float64) string {
	if x == 0 {
		return "0"
	}
	if size := math.Abs(x); size >= 1e7 || size < 1e-4 {
		return strings.Replace(strconv.FormatFloat(x, 'g', 3, 64), "-", "−", 1)
	} else if size >= 1000 {
		return strings.Replace(strconv.FormatFloat(x, 'f', 0, 64), "-", "−", 1)
	}
	digits := max(0, 3-int(math.Floor(math.Log10(math.Abs(x)))))
	text := strconv.FormatFloat(x, 'f', digits, 64)
	if strings.Contains(text, ".") {
		text = strings.TrimRight(strings.TrimRight(text, "0"), ".")
	}
	return strings.Replace(text, "-", "−", 1)
}

// short formats a value with three significant digits, where there is little room.
func short(x float64) string {
	return strings.Replace(strconv.FormatFloat(x, 'g', 3, 64), "-", "−", 1)
}

// tickTexts formats ticks with as many decimals as their distance has, or by number where they are far from 1.
func tickTexts(ticks []float64) []string {
	texts := make([]string, len(ticks))
	for i, t := range ticks {
		texts[i] = number(t)
	}
	if len(ticks) < 2 {
		return texts
	}
	step := ticks[1] - ticks[0]
	largest := max(math.Abs(ticks[0]), math.Abs(ticks[len(ticks)-1]))
	if largest >= 1e7 || step < 1e-5 { // more than seven digits before or five behind the point
		return texts
	}
	digits := max(0, int(math.Ceil(-math.Log10(step)-1e-9))) // 1e-9 for rounding where the step is a power of 10
	for i, t := range ticks {
		texts[i] = strings.Replace(strconv.FormatFloat(t, 'f', digits, 64), "-", "−", 1)
	}
	return texts
}

// nats formats a log-likelihood.
func nats(x float64) string { return strings.Replace(fmt.Sprintf("%.2f", x), "-", "−", 1) }
