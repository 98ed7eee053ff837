//go:build gpu

package cudasim

import (
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

// program compiles a C program of testdata against the simulator. Without a simulator, as on a
// real device, it skips the test.
func program(t *testing.T, name string) string {
	t.Helper()
	build := os.Getenv("CUDASIM_BUILD")
	if build == "" {
		t.Skip("not under kernels/cudasim/run")
	}
	blas, err := filepath.Glob(filepath.Join(build, "libcublas.so.*"))
	if err != nil || len(blas) != 1 {
		t.Fatalf("libraries in %s: %v, %v", build, blas, err)
	}
	path := filepath.Join(t.TempDir(), name)
	compile := exec.Command("gcc", "-Wall", "-Werror", "-o", path, "testdata/"+name+".c", blas[0],
		filepath.Join(build, "libcuda.so.1"), "-lpthread")
	if out, err := compile.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	return path
}

// start runs a case of a program. The counters go to a folder of their own, so that the remains
// of a broken example do not fail the whole run.
func start(t *testing.T, path, name string, environment ...string) (string, error) {
	t.Helper()
	cmd := exec.Command(path, name)
	cmd.Env = append(append(os.Environ(), "CUDASIM_COUNTS="+t.TempDir()), environment...)
	out, err := cmd.CombinedOutput()
	return string(out), err
}

// Each rule reports an example that breaks it, in one line.
func TestRules(t *testing.T) {
	path := program(t, "rules")
	both := []string{"CUDASIM_ORDER=both"}
	for _, test := range []struct {
		name, want  string
		environment []string
	}{
		{"host_read", "host access to device address", nil},
		{"host_read_freed_pinned", "host access to pinned allocation 1 of 64 bytes", nil},
		{"pinned_overwritten", "host access to pinned allocation 1 of 64 bytes", nil},
		{"pinned_read_early", "to which a copy is in flight", nil},
		{"pinned_wrong_event", "from which a copy is in flight", nil},
		{"copy_bounds", "cuMemcpyHtoD: destination: out of bounds: 1001 bytes", nil},
		{"copy_offset", "cuMemcpyDtoH: source: out of bounds: 8 bytes", nil},
		{"copy_swapped", "cuMemcpyHtoD: destination: 0x", nil},
		{"copy_overlap", "cuMemcpyDtoDAsync: source and destination overlap", nil},
		{"copy_pinned_bounds", "out of bounds or after free: 65 bytes", nil},
		{"copy_pinned_freed", "of pinned allocation 1 of 64 bytes", nil},
		{"fill_alignment", "is not aligned to 4 bytes", nil},
		{"fill_bounds", "cuMemsetD8Async: destination: out of bounds: 65 bytes", nil},
		{"use_after_free", "cuMemcpyDtoH: source: use after free", nil},
		{"double_free", "cuMemFree: double free of allocation 1", nil},
		{"free_inside", "is not the start of an allocation", nil},
		{"allocate_nothing", "cuMemAlloc: 0 bytes", nil},
		{"leak", "cuCtxDestroy: leaks allocation 1 of 64 bytes", nil},
		{"leak_stream", "cuCtxDestroy: leaks stream, module", nil},
		{"destroyed_stream", "cuStreamSynchronize: the stream is destroyed", nil},
		{"no_context", "cuMemAlloc: no context is current", nil},
		{"other_thread", "lock the OS thread", nil},
		{"other_context", "memory of another context", nil},
		{"other_context_stream", "the stream is of another context", nil},
		{"unknown_call", "cuCtxResetPersistingL2Cache: is not simulated", nil},
		{"bad_image", "the image is not PTX", nil},
		{"unknown_kernel", "no kernel toy_nothing in the module", nil},
		{"kernel_without_source", "kernel toy_nothing is in the PTX but in no source", nil},
		{"other_parameters", "kernel toy_add takes other parameters in its PTX", nil},
		{"too_many_threads", "more than 1024 threads in a block", nil},
		{"launch_bounds", "more threads than the launch bounds of the kernel", nil},
		{"empty_grid", "an empty grid or block", nil},
		{"too_large_grid", "too large a grid", nil},
		{"too_much_shared", "more than 48 KiB of shared memory", nil},
		{"null_argument", "kernel toy_reverse: no argument 0", nil},
		{"host_argument", "kernel toy_reverse: argument 0: 0x", nil},
		{"freed_argument", "kernel toy_reverse: argument 0: use after free", nil},
		{"misaligned_argument", "is not aligned to 4 bytes", nil},
		{"swapped_arguments", "argument 1 takes 32 bits, and is given device address", nil},
		{"freed_before_it_ran", "cuMemcpyDtoDAsync: source: use after free", nil},
		{"broken_bound", "kernel broken_bound: wrote to device address", nil},
		{"broken_page", "kernel broken_bound: block (0,0,0) thread (64,0,0): device address", nil},
		{"broken_behind", "kernel broken_bound: argument 0: out of bounds", nil},
		{"broken_pointer", "bytes behind allocation 1", nil},
		{"broken_shared", "index out of bounds", nil},
		{"broken_alignment", "misaligned access", nil},
		{"broken_barrier", "while thread (32,0,0) has returned", nil},
		{"broken_branch", "while thread (32,0,0) waits at", nil},
		{"broken_race", "kernel broken_race: the result depends on the order of the threads", both},
		{"broken_mask", "the mask 0000ffff leaves out the calling lane", nil},
		{"broken_shuffle", "while thread (16,0,0) has returned", nil},
		{"capture_allocation", "cuMemAlloc: not permitted while a stream captures", nil},
		{"capture_free", "cuMemFree: not permitted while a stream captures", nil},
		{"capture_copy", "cuMemcpyHtoD: not permitted while a stream captures", nil},
		{"capture_pageable", "a captured copy with host memory that is not pinned", nil},
		{"capture_synchronize", "cuStreamSynchronize: the stream captures", nil},
		{"capture_context_synchronize", "cuCtxSynchronize: not permitted while a stream captures", nil},
		{"capture_legacy", "cuMemsetD8: not permitted while a stream captures", nil},
		{"capture_legacy_stream", "the legacy stream cannot capture", nil},
		{"capture_twice", "the stream captures already", nil},
		{"capture_unjoined", "cuStreamEndCapture: the stream does not wait for another one", nil},
		{"capture_end_branch", "cuStreamEndCapture: the capture began on another stream", nil},
		{"capture_event_wait", "cuEventSynchronize: the event is of a capture", nil},
		{"capture_late", "cuStreamWaitEvent: the event is not of the capture", nil},
		{"event_outside", "cuEventRecordWithFlags: an external event outside of a capture", nil},
		{"event_not_recorded", "cuEventElapsedTime: the event was not recorded", nil},
		{"primary_destroyed", "cuCtxDestroy: a primary context is released, not destroyed", nil},
		{"primary_leak", "cuDevicePrimaryCtxRelease: leaks allocation 1 of 64 bytes", nil},
		{"primary_unused", "cuDevicePrimaryCtxRelease: device 0 has no primary context", nil},
		{"nccl_context", "ncclCommInitRankConfig: the current context is not the primary one of its device", nil},
		{"event_without_time", "cuEventElapsedTime: the event takes no time", nil},
		{"capture_end", "the stream does not capture", nil},
		{"capture_other_thread", "cuStreamEndCapture: the capture began on OS thread", nil},
		{"blas_overlap", "cublasSgemm: C overlaps an operand", nil},
		{"blas_bounds", "cublasSgemm: C: out of bounds", nil},
		{"blas_stride", "cublasSgemm: A: leading dimension 7, want at least 8", nil},
		{"blas_alignment", "cublasSgemm: C: 0x", nil},
		{"blas_workspace", "captured without a workspace of its own", nil},
		{"blas_destroyed", "cublasSgemm: the cuBLAS handle is destroyed", nil},
		{"blas_leak", "cuCtxDestroy: leaks cuBLAS handle", nil},
	} {
		t.Run(test.name, func(t *testing.T) {
			out, err := start(t, path, test.name, test.environment...)
			if err == nil {
				t.Errorf("it passed:\n%s", out)
			}
			line, _, _ := strings.Cut(out, "\n")
			if !strings.HasPrefix(line, "cudasim: ") || !strings.Contains(line, test.want) {
				t.Errorf("got %q, want \"cudasim: \" and %q", line, test.want)
			}
		})
	}
}

// Programs that keep the rules run and compute correct results, in every order of the threads.
func TestWorks(t *testing.T) {
	path := program(t, "works")
	for _, order := range []string{"forward", "reverse", "both"} {
		for _, test := range []struct{ name, environment string }{
			{"copies", ""}, {"launches", ""}, {"barriers", ""}, {"shuffles", ""}, {"atomics", ""}, {"pageable", ""}, {"replay", ""},
			{"events", ""}, {"times", ""}, {"stretches", ""}, {"primary", "CUDASIM_DEVICES=2"}, {"branches", ""},
			{"chunks", ""}, {"chunks", "CUDASIM_COPIES=early"}, {"early", "CUDASIM_COPIES=early"}, {"fresh", ""},
			{"memory", "CUDASIM_MEMORY=1M"}, {"codes", "CUDASIM_VIOLATIONS=return"}, {"products", ""}, {"math_modes", ""},
		} {
			t.Run(order+"/"+test.name+test.environment, func(t *testing.T) {
				out, err := start(t, path, test.name, "CUDASIM_ORDER="+order, test.environment)
				if err != nil || !strings.HasSuffix(out, "passed\n") {
					t.Errorf("%v\n%s", err, out)
				}
			})
		}
	}
}

// A process that ends without destroying its objects fails the run.
func TestUnfinished(t *testing.T) {
	out, err := exec.Command("./run", program(t, "rules"), "unfinished").CombinedOutput()
	want := "ended and left context: 1,stream: 1,module: 1,allocations: 1"
	if err == nil || !strings.Contains(string(out), want) {
		t.Errorf("got %v, %q, want an error and %q", err, out, want)
	}
}

// The same program ends as the settings say.
func TestSettings(t *testing.T) {
	path := program(t, "works")
	for _, test := range []struct{ environment, want string }{
		{"CUDASIM_DEVICES=0", "cuInit(0): code 100"},
		{"CUDASIM_CAPABILITY=5.2", "cuModuleLoadData(&module, image): code 209"},
		{"CUDASIM_THREADS=1", "passed"},
	} {
		if out, _ := start(t, path, "launches", test.environment); !strings.Contains(out, test.want) {
			t.Errorf("%s: got %q, want %q", test.environment, out, test.want)
		}
	}
}

func TestCounts(t *testing.T) {
	folder := t.TempDir()
	if out, err := start(t, program(t, "works"), "replay", "CUDASIM_COUNTS="+folder); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	files, err := filepath.Glob(filepath.Join(folder, "*"))
	if err != nil || len(files) != 1 {
		t.Fatalf("files of counters: %v, %v", files, err)
	}
	counts, err := readCounts(files[0])
	if err != nil {
		t.Fatal(err)
	}
	// Three replays of a fill, two kernels and a copy of 1000 floats: the case "replay" of testdata/works.c.
	for name, want := range map[string]int{
		"cuGraphLaunch": 3, "cuLaunchKernel": 2, "nodes": 12, "kernels": 6, "products": 0, "bytes.set": 12000,
		"bytes.host_to_device": 12000, "bytes.device_to_host": 12000, "live.allocations": 0, "live.context": 0,
	} {
		if got := counts[name]; got != want {
			t.Errorf("%s: got %d, want %d", name, got, want)
		}
	}
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
