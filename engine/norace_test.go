//go:build !race

package engine

// raceDetector reports whether the race detector runs, which makes a test about ten times as long. Slow
// tests then leave cases out.
const raceDetector = false
