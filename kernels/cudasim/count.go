//go:build gpu

package cudasim

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// Counts returns the number of calls of this process to each function of the driver and of
// cuBLAS, by its name without a version. It also returns
//
//	bytes.host_to_device, bytes.device_to_host, bytes.device_to_device, bytes.set
//	kernels, products    run so far, including each replay of a graph
//	nodes                of graphs run so far
//	live.*               objects with a handle that are not destroyed
//
// ok is false if no simulator runs.
func Counts() (counts map[string]int, ok bool) {
	folder := os.Getenv("CUDASIM_COUNTS")
	if folder == "" {
		return nil, false
	}
	counts, err := readCounts(filepath.Join(folder, strconv.Itoa(os.Getpid())))
	return counts, err == nil
}

// readCounts reads the file of a process. Each line holds a name and a number, or is empty.
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
