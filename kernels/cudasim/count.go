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
	table, err := os.ReadFile(filepath.Join(folder, strconv.Itoa(os.Getpid())))
	if err != nil {
		return nil, false
	}
	counts = make(map[string]int)
	for line := range strings.Lines(string(table)) {
		line = strings.TrimSpace(line)
		if end := strings.LastIndexByte(line, ' '); end > 0 {
			n, err := strconv.Atoi(line[end+1:])
			if err != nil {
				return nil, false
			}
			counts[strings.TrimSpace(line[:end])] = n
		}
	}
	return counts, true
}
