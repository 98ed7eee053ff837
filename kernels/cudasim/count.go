//go:build gpu

package cudasim

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// Counts returns how often this process has called each function of the driver and of
// cuBLAS, by its name without a version, and
//
//	bytes.host_to_device, bytes.device_to_host, bytes.device_to_device, bytes.set
//	kernels, products    run so far, each time that a graph is replayed anew
//	nodes                of graphs run so far
//	live.*               objects with a handle that are not destroyed
//
// It reports false where no simulator runs.
func Counts() (counts map[string]int, ok bool) {
	folder := os.Getenv("CUDASIM_COUNTS")
	if folder == "" {
		return nil, false
	}
	counts, err := readCounts(filepath.Join(folder, strconv.Itoa(os.Getpid())))
	return counts, err == nil
}

// readCounts reads the file of a process: lines of a name and a number, and empty ones.
func readCounts(path string) (map[string]int, error) {
	table, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	counts := make(map[string]int)
	for line := range strings.Lines(string(table)) {
		line = strings.TrimSpace(line)
		end := strings.LastIndexByte(line, ' ')
		if end < 0 {
			continue
		}
		n, err := strconv.Atoi(line[end+1:])
		if err != nil {
			return nil, err
		}
		counts[strings.TrimSpace(line[:end])] = n
	}
	return counts, nil
}
