//go:build gpu

package cudasim

import (
	"os"
	"os/exec"
	"runtime"
	"strings"
	"testing"
	"unsafe"

	"gorgonia.org/cu"
)

// In a process of its own, Go code that breaks a rule ends with the simulator's line and the
// stack of its goroutine.
func TestRulesInGo(t *testing.T) {
	if os.Getenv("CUDASIM_BUILD") == "" {
		t.Skip("not under kernels/cudasim/run")
	}
	for _, test := range []struct{ name, want string }{
		{"read", "cudasim: host access to device address"},
		{"thread", "lock the OS thread"},
		{"bounds", "cudasim: cuMemcpyHtoD: destination: out of bounds: 2000 bytes"},
	} {
		child := exec.Command(os.Args[0], "-test.run=TestBreakRule")
		child.Env = append(os.Environ(), "CUDASIM_BREAK="+test.name, "CUDASIM_COUNTS="+t.TempDir())
		out, err := child.CombinedOutput()
		if err == nil || !strings.Contains(string(out), test.want) || !strings.Contains(string(out), "TestBreakRule") {
			t.Errorf("%s: got %v and\n%s\nwant an error, %q and a stack", test.name, err, out, test.want)
		}
	}
}

// TestBreakRule is the child of TestRulesInGo.
func TestBreakRule(t *testing.T) {
	rule := os.Getenv("CUDASIM_BREAK")
	if rule == "" {
		t.Skip("for TestRulesInGo")
	}
	runtime.LockOSThread()
	device, err := cu.GetDevice(0)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := device.MakeContext(cu.SchedAuto); err != nil {
		t.Fatal(err)
	}
	p, err := cu.MemAlloc(1000)
	if err != nil {
		t.Fatal(err)
	}
	switch rule {
	case "read":
		address := p.Uintptr()
		t.Log(**(**byte)(unsafe.Pointer(&address)))
	case "thread":
		done := make(chan bool)
		go func() { // on another OS thread, since this one is locked
			cu.MemFree(p)
			close(done)
		}()
		<-done
	case "bounds":
		host := make([]byte, 2000)
		t.Log(cu.MemcpyHtoD(p, unsafe.Pointer(&host[0]), 2000))
	}
}
