package ranks

import (
	"fmt"
	"path/filepath"
)

// ncclFolders returns the folders in which to look for NCCL, in this order: "", which stands for the search of the
// dynamic loader, the toolkit that CUDA_HOME names, if it is set, and the customary place of the toolkit.
func ncclFolders(cudaHome string) []string {
	folders := []string{""}
	if cudaHome != "" {
		folders = append(folders, filepath.Join(cudaHome, "lib64"))
	}
	return append(folders, "/usr/local/cuda/lib64")
}

// station is what a rank tells the others before their GPUs are connected: its machine, its GPU, and the version of
// NCCL that it has, or why it has none.
type station struct {
	Host, GPU, Version, Error string
}

// unconnectable returns why NCCL cannot connect the GPUs of the ranks, or "".
func unconnectable(stations []station) string {
	for rank, s := range stations {
		switch first := stations[0]; {
		case s.Error != "":
			return fmt.Sprintf("rank %d on %s: %s", rank, s.Host, s.Error)
		case s.Version != first.Version:
			return fmt.Sprintf("rank %d on %s has NCCL %s, and rank 0 has NCCL %s", rank, s.Host, s.Version, first.Version)
		}
		for earlier, other := range stations[:rank] {
			if other.Host == s.Host && other.GPU == s.GPU {
				return fmt.Sprintf("ranks %d and %d share a GPU of %s", earlier, rank, s.Host)
			}
		}
	}
	return ""
}
