package memory

import (
	"bufio"
	"bytes"
	"cmp"
	"io/fs"
	"math"
	"os"
	"path"
	"runtime/debug"
	"runtime/metrics"
	"slices"
	"strconv"
	"strings"
)

// Limit is the number of bytes that a limit leaves free, and the name of the limit.
type Limit struct {
	Bytes float64
	By    string // such as "ulimit -v"; empty for the memory of the machine
}

// Free returns the least of all limits. Its Bytes are infinite if no limit is known.
func Free() Limit {
	return system{os.DirFS("/"), addressSpace(), goLimit()}.free()
}

// system is a machine, with the limits of this process.
type system struct {
	root    fs.FS   // of the file system
	address float64 // RLIMIT_AS in bytes, or +Inf
	goLeft  float64 // bytes that GOMEMLIMIT leaves, or +Inf
}

// free is [Free] on a system.
func (s system) free() Limit {
	limits := []Limit{
		{s.available(), ""},
		{s.address - s.mapped(), "ulimit -v"},
		{s.groups(), "the limit of the control group"},
		{s.goLeft, "GOMEMLIMIT"},
	}
	least := slices.MinFunc(limits, func(a, b Limit) int { return cmp.Compare(a.Bytes, b.Bytes) })
	least.Bytes = max(0, least.Bytes)
	return least
}

// available returns the bytes that programs can take without swapping.
func (s system) available() float64 {
	kilobytes, ok := s.field("proc/meminfo", "MemAvailable:")
	if !ok {
		return math.Inf(1)
	}
	return kilobytes * 1024
}

// mapped returns the size of the address space of this process.
func (s system) mapped() float64 {
	kilobytes, _ := s.field("proc/self/status", "VmSize:")
	return kilobytes * 1024
}

// groups returns the bytes that the memory limits of the control groups of this process leave. The pages of
// files do not count as use, since the system can drop them.
func (s system) groups() float64 {
	least := math.Inf(1)
	content, _ := fs.ReadFile(s.root, "proc/self/cgroup")
	for line := range strings.Lines(string(content)) {
		// hierarchy:controllers:path, with no controllers in version 2
		part := strings.SplitN(strings.TrimSpace(line), ":", 3)
		if len(part) != 3 {
			continue
		}
		version := version2
		if part[1] != "" {
			if !slices.Contains(strings.Split(part[1], ","), "memory") {
				continue
			}
			version = version1
		}
		// A container may see its own group as the root of the mount, although the path names another folder: the
		// loop steps over folders that do not exist.
		for at := path.Clean("/" + part[2]); ; at = path.Dir(at) {
			least = min(least, s.left(version, path.Join(version.mount, at)))
			if at == "/" {
				break
			}
		}
	}
	return least
}

// groupVersion says where a version of control groups has its numbers.
type groupVersion struct {
	limit, use string // files in the folder of a group, in bytes
	prefix     string // of the names in memory.stat that include the groups below
	mount      string // folder of the topmost group
}

var (
	version1 = groupVersion{"memory.limit_in_bytes", "memory.usage_in_bytes", "total_", "sys/fs/cgroup/memory"}
	version2 = groupVersion{"memory.max", "memory.current", "", "sys/fs/cgroup"}
)

// left returns the bytes that the limit of the control group in a folder leaves, infinite if it has none.
func (s system) left(g groupVersion, folder string) float64 {
	limit, ok := s.number(path.Join(folder, g.limit))
	use, known := s.number(path.Join(folder, g.use))
	if !ok || !known {
		return math.Inf(1)
	}
	stat := path.Join(folder, "memory.stat")
	active, _ := s.field(stat, g.prefix+"active_file")
	inactive, _ := s.field(stat, g.prefix+"inactive_file")
	return limit - max(0, use-active-inactive)
}

// number reads a file of one number.
func (s system) number(name string) (float64, bool) {
	content, err := fs.ReadFile(s.root, name)
	if err != nil {
		return 0, false
	}
	x, err := strconv.ParseFloat(string(bytes.TrimSpace(content)), 64)
	return x, err == nil
}

// field reads the number that follows a key at the start of a line of a file.
func (s system) field(name, key string) (float64, bool) {
	content, err := fs.ReadFile(s.root, name)
	if err != nil {
		return 0, false
	}
	lines := bufio.NewScanner(bytes.NewReader(content))
	for lines.Scan() {
		if words := strings.Fields(lines.Text()); len(words) > 1 && words[0] == key {
			x, err := strconv.ParseFloat(words[1], 64)
			return x, err == nil
		}
	}
	return 0, false
}

// goLimit returns the bytes that GOMEMLIMIT leaves, or +Inf if the environment does not set it.
func goLimit() float64 {
	if os.Getenv("GOMEMLIMIT") == "" {
		return math.Inf(1)
	}
	return float64(debug.SetMemoryLimit(-1)) - inUse()
}

// inUse returns the bytes that Go has from the system and has not given back.
func inUse() float64 {
	sample := []metrics.Sample{{Name: "/memory/classes/total:bytes"}, {Name: "/memory/classes/heap/released:bytes"}}
	metrics.Read(sample)
	return float64(sample[0].Value.Uint64()) - float64(sample[1].Value.Uint64())
}

// Bound makes Go collect garbage before it takes more memory than is free now, unless GOMEMLIMIT is
// set. By default Go lets garbage grow to the size of the memory in use.
func Bound() {
	// The free bytes are infinite if no limit is known. The sum with the bytes in use must fit into an int64.
	if free := Free().Bytes; os.Getenv("GOMEMLIMIT") == "" && free < math.MaxInt64/2 {
		debug.SetMemoryLimit(int64(inUse() + free))
	}
}
