//go:build linux

package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
)

// process is a process of this machine, as /proc has it.
type process struct {
	id      int
	command string
}

// ranked are the variables in which the mpirun of Open MPI and of MPICH give a process its rank.
var ranked = []string{"OMPI_COMM_WORLD_RANK", "PMI_RANK"}

// processes returns the processes that have a line in their environment, of all ranks if rank is negative, else of
// this rank. A process that has ended has no environment.
func processes(line string, rank int) ([]process, error) {
	paths, err := filepath.Glob("/proc/[0-9]*")
	if err != nil {
		return nil, err
	}
	var found []process
	for _, path := range paths {
		environment, err := os.ReadFile(filepath.Join(path, "environ"))
		if err != nil || !has(environment, line) || rank >= 0 && !ofRank(environment, rank) {
			continue
		}
		id, err := strconv.Atoi(filepath.Base(path))
		if err != nil {
			continue
		}
		command, _ := os.ReadFile(filepath.Join(path, "cmdline"))
		found = append(found, process{id, string(bytes.ReplaceAll(command, []byte{0}, []byte{' '}))})
	}
	return found, nil
}

// has reports whether an environment has a line.
func has(environment []byte, line string) bool {
	return bytes.Contains(append([]byte{0}, environment...), []byte("\x00"+line+"\x00"))
}

func ofRank(environment []byte, rank int) bool {
	for _, name := range ranked {
		if has(environment, fmt.Sprintf("%s=%d", name, rank)) {
			return true
		}
	}
	return false
}
