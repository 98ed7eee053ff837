package memory

import (
	"fmt"
	"math"
	"testing"
	"testing/fstest"
)

// TestFree: the free memory is by the least limit, of the machine, of the address space, of each control group,
// and of GOMEMLIMIT.
func TestFree(t *testing.T) {
	const kilo, mega = 1 << 10, 1 << 20
	infinite := math.Inf(1)
	numbers := func(x int) *fstest.MapFile { return &fstest.MapFile{Data: fmt.Appendln(nil, x)} }
	file := func(text string) *fstest.MapFile { return &fstest.MapFile{Data: []byte(text)} }
	machine := fstest.MapFS{
		"proc/meminfo":     file("MemTotal: 9000 kB\nMemFree: 10 kB\nMemAvailable: 8000 kB\n"),
		"proc/self/status": file("Name:\tx\nVmPeak: 5000 kB\nVmSize: 3000 kB\n"),
	}
	with := func(more fstest.MapFS) fstest.MapFS {
		all := fstest.MapFS{}
		for _, m := range []fstest.MapFS{machine, more} {
			for name, f := range m {
				all[name] = f
			}
		}
		return all
	}
	stat2 := "anon 7\nactive_file %d\ninactive_file %[1]d\ntotal_inactive_file 1\n"
	groups2 := fstest.MapFS{ // no limit on box/job; box has 5 MiB and uses 3, one of them for files: 3 are left
		"proc/self/cgroup":                     file("0::/box/job\n"),
		"sys/fs/cgroup/box/job/memory.max":     file("max\n"),
		"sys/fs/cgroup/box/job/memory.current": numbers(1000),
		"sys/fs/cgroup/box/memory.max":         numbers(5 * mega),
		"sys/fs/cgroup/box/memory.current":     numbers(3 * mega),
		"sys/fs/cgroup/box/memory.stat":        file(fmt.Sprintf(stat2, mega/2)),
	}
	stat1 := "active_file 9\ntotal_active_file 0\ntotal_inactive_file %d\n"
	// A container that sees its own group as the root, although its path is /not/here. The group has 4 MiB and uses
	// 2, one of them for files: 3 are left. The hierarchy "systemd" does not control memory, so its limit is none.
	groups1 := fstest.MapFS{
		"proc/self/cgroup":                            file("9:name=systemd:/\n4:memory,hugetlb:/not/here\n0::/\n"),
		"sys/fs/cgroup/memory/memory.limit_in_bytes":  numbers(4 * mega),
		"sys/fs/cgroup/memory/memory.usage_in_bytes":  numbers(2 * mega),
		"sys/fs/cgroup/memory/memory.stat":            file(fmt.Sprintf(stat1, mega)),
		"sys/fs/cgroup/systemd/memory.limit_in_bytes": numbers(1),
		"sys/fs/cgroup/systemd/memory.usage_in_bytes": numbers(0),
	}
	for _, c := range []struct {
		name string
		s    system
		want Limit
	}{
		{"machine", system{machine, infinite, infinite}, Limit{8000 * kilo, ""}},
		{"address space", system{machine, 4000 * kilo, infinite}, Limit{1000 * kilo, "ulimit -v"}},
		{"address space used up", system{machine, 2000 * kilo, infinite}, Limit{0, "ulimit -v"}},
		{"Go", system{machine, infinite, 77}, Limit{77, "GOMEMLIMIT"}},
		{"version 2", system{with(groups2), infinite, infinite}, Limit{3 * mega, "the limit of the control group"}},
		{"version 1", system{with(groups1), infinite, infinite}, Limit{3 * mega, "the limit of the control group"}},
		{"nothing known", system{fstest.MapFS{}, infinite, infinite}, Limit{infinite, ""}},
	} {
		if got := c.s.free(); got != c.want {
			t.Errorf("%s: %v, want %v", c.name, got, c.want)
		}
	}
}

// TestFreeHere: this machine has some free memory, at least the 16 MiB of small, and Check refuses 10¹⁸ bytes,
// which no machine has, if a limit is known.
func TestFreeHere(t *testing.T) {
	free := Free().Bytes
	if !(free > small) { // in this form NaN fails too
		t.Errorf("%v bytes are free, want more than %d", free, small)
	}
	if err := Check("a test", small+1); err != nil {
		t.Errorf("%d bytes: %v, want no error", small+1, err)
	}
	if err := Check("a test", 1e18); err == nil && !math.IsInf(free, 1) {
		t.Errorf("an exabyte is free of %v bytes, want an error", free)
	}
}

// TestCheck: under a limit that leaves 200 MB, Check accepts half of them and refuses 5 TB. The rest allows for what
// the test itself allocates. Check gives unused memory back to the system before it refuses, so more than 200 MB
// may be free, but no more than the whole limit.
func TestCheck(t *testing.T) {
	whole := limit(t, 200e6)
	if err := Check("a test", 100e6); err != nil {
		t.Errorf("100 MB of 200 MB: %v", err)
	}
	err := Check("a test", 5e12)
	if got, ok := err.(*Error); !ok || got.Need != 5e12 || got.Free.By != "GOMEMLIMIT" {
		t.Errorf("5 TB of 200 MB: %v, want an error about 5 TB and GOMEMLIMIT", err)
	} else if free := got.Free.Bytes; !(free > 100e6 && free <= whole) {
		t.Errorf("5 TB of 200 MB: %v bytes are free, want 100 MB to %v", free, whole)
	}
	e := &Error{"a test", 38.2e9, Limit{23e9, "ulimit -v"}}
	if got := e.Error(); got != "out of memory: a test needs about 38 GB, 23 GB are free by ulimit -v" {
		t.Errorf("the error reads %q", got)
	}
}

func TestSize(t *testing.T) {
	for bytes, want := range map[float64]string{
		0: "0.0 kB", 1234: "1.2 kB", 64e6: "64 MB", 9.96e6: "10 MB", 1.26e9: "1.3 GB", 38.4e9: "38 GB", 7.2e13: "72 TB",
	} {
		if got := Size(bytes); got != want {
			t.Errorf("Size(%v) = %q, want %q", bytes, got, want)
		}
	}
}
