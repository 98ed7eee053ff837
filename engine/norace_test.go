//go:build !race

package engine

// raceDetector reports that the race detector watches the tests, which then take ten times as long.
const raceDetector = false
