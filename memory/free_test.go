package memory

import (
	"math"
	"testing"
	"testing/fstest"
)

// TestFree: the free memory is by the least limit, of the machine, of the address space, of each control group,
// and of GOMEMLIMIT.
func TestFree(t *testing.T) {
	const kilo, mega = 1 << 10, 1 << 20
	infinite := math.Inf(1)
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
	second := fstest.MapFS{
		"proc/self/cgroup":                     file("0::/box/job\n"),
		"sys/fs/cgroup/box/job/memory.max":     file("max\n"),
		"sys/fs/cgroup/box/job/memory.current": file("1000\n"),
		"sys/fs/cgroup/box/memory.max":         file("5242880\n"),
		"sys/fs/cgroup/box/memory.current":     file("3145728\n"),
		"sys/fs/cgroup/box/memory.stat":        file("anon 7\nactive_file 524288\ninactive_file 524288\ntotal_inactive_file 1\n"),
	}
	first := fstest.MapFS{ // in a container that sees its own group as the root
		"proc/self/cgroup":                            file("9:name=systemd:/\n4:memory,hugetlb:/not/here\n0::/\n"),
		"sys/fs/cgroup/memory/memory.limit_in_bytes":  file("4194304\n"),
		"sys/fs/cgroup/memory/memory.usage_in_bytes":  file("2097152\n"),
		"sys/fs/cgroup/memory/memory.stat":            file("active_file 9\ntotal_active_file 0\ntotal_inactive_file 1048576\n"),
		"sys/fs/cgroup/systemd/memory.limit_in_bytes": file("1\n"),
		"sys/fs/cgroup/systemd/memory.usage_in_bytes": file("0\n"),
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
		{"version 2", system{with(second), infinite, infinite}, Limit{3 * mega, "the limit of the control group"}},
		{"version 1", system{with(first), infinite, infinite}, Limit{3 * mega, "the limit of the control group"}},
		{"nothing known", system{fstest.MapFS{}, infinite, infinite}, Limit{infinite, ""}},
	} {
		if got := c.s.free(); got != c.want {
			t.Errorf("%s: %v, want %v", c.name, got, c.want)
		}
	}
}

// TestFreeHere: this machine has memory, and an allocation that no machine has is refused if a limit is
// known.
func TestFreeHere(t *testing.T) {
	free := Free().Bytes
	if !(free > 1<<20) {
		t.Errorf("%v bytes are free, want at least a megabyte", free)
	}
	if err := Check("a test", small+1); err != nil {
		t.Error(err)
	}
	if err := Check("a test", 1e18); err == nil && !math.IsInf(free, 1) {
		t.Errorf("an exabyte is free of %v bytes, want an error", free)
	}
}

// TestCheck under a limit of the environment. Check gives unused memory back to the system before it
// refuses, so more may be free than when the limit was set.
func TestCheck(t *testing.T) {
	whole := limit(t, 200e6)
	if err := Check("a test", 100e6); err != nil {
		t.Errorf("100 MB of 200 MB: %v", err)
	}
	err := Check("a test", 5e12)
	want, ok := err.(*Error)
	if !ok || want.Need != 5e12 || want.Free.By != "GOMEMLIMIT" || !(want.Free.Bytes > 100e6 && want.Free.Bytes <= whole) {
		t.Errorf("5 TB of 200 MB: %v", err)
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
