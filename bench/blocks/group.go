package main

import (
	"os"
	"path/filepath"
	"strconv"
)

// group is a memory cgroup.
type group struct{ folder string }

// newGroup makes a memory cgroup with a limit in bytes.
func newGroup(limit int) (*group, error) {
	root, name := "/sys/fs/cgroup", "memory.max"
	if _, err := os.Stat(filepath.Join(root, "memory")); err == nil { // version 1
		root, name = filepath.Join(root, "memory"), "memory.limit_in_bytes"
	}
	folder, err := os.MkdirTemp(root, "blocks")
	if err != nil {
		return nil, err
	}
	g := &group{folder}
	if err := os.WriteFile(filepath.Join(folder, name), []byte(strconv.Itoa(limit)), 0o600); err != nil {
		g.remove()
		return nil, err
	}
	return g, nil
}

// shell returns a shell command that joins the group, unless that is nil, and becomes the command of its
// arguments.
func (g *group) shell() string {
	if g == nil {
		return `exec "$@"`
	}
	return "echo $$ > " + filepath.Join(g.folder, "cgroup.procs") + ` && exec "$@"`
}

// remove removes the group, which no process is in any more.
func (g *group) remove() { os.Remove(g.folder) }
