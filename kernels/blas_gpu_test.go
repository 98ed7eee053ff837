//go:build gpu

package kernels

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// TestEachCUBLAS: a GPU opens with the cuBLAS that is there, whatever its major version, and with the
// newest of several. Each case is a process of its own, since the dynamic loader reads LD_LIBRARY_PATH when a
// process starts. Its folder of libraries holds the simulator's driver and kernels, and the stand-in for cuBLAS
// under the name of each version. CUDA_HOME names the same folder, so that no CUDA of this machine is found.
func TestEachCUBLAS(t *testing.T) {
	build := os.Getenv("CUDASIM_BUILD")
	if build == "" {
		t.Skip("not under kernels/cudasim/run")
	}
	standIn, err := filepath.Glob(filepath.Join(build, "libcublas.so.*"))
	if err != nil || len(standIn) != 1 {
		t.Fatalf("got %q, %v, want one stand-in for cuBLAS", standIn, err)
	}
	for _, test := range []struct {
		versions []int
		want     string
	}{
		{[]int{11}, "libcublas.so.11"}, {[]int{12}, "libcublas.so.12"}, {[]int{13}, "libcublas.so.13"},
		{[]int{11, 12}, "libcublas.so.12"},
	} {
		folder := t.TempDir()
		links := map[string]string{"libcuda.so.1": filepath.Join(build, "libcuda.so.1"), "kernels": filepath.Join(build, "kernels")}
		for _, version := range test.versions {
			links[fmt.Sprintf("libcublas.so.%d", version)] = standIn[0]
		}
		for name, file := range links {
			if err := os.Symlink(file, filepath.Join(folder, name)); err != nil {
				t.Fatal(err)
			}
		}
		child := exec.Command(os.Args[0], "-test.run=TestOpenGPUForParent", "-test.v")
		child.Env = append(os.Environ(), "HARMONIUM_TEST_CHILD=1", "CUDA_HOME="+folder, "LD_LIBRARY_PATH="+folder,
			"CUDASIM_COUNTS="+t.TempDir()) // the simulator's report on the child, which nobody reads
		out, err := child.CombinedOutput()
		if err != nil || !strings.Contains(string(out), test.want) {
			t.Errorf("cuBLAS %v: %v, and\n%s\nwant %q", test.versions, err, out, test.want)
		}
	}
}

// TestOpenGPUForParent is the child of TestEachCUBLAS.
func TestOpenGPUForParent(t *testing.T) {
	if os.Getenv("HARMONIUM_TEST_CHILD") == "" {
		t.Skip("for TestEachCUBLAS")
	}
	g, err := OpenGPU()
	if err != nil {
		t.Fatal(err)
	}
	fmt.Println(g.BLAS)
	if err := g.Close(); err != nil {
		t.Error(err)
	}
}

// TestBLASFiles: CUDA_HOME adds its lib64 to the search. With or without it, no library comes from a folder relative
// to the working directory.
func TestBLASFiles(t *testing.T) {
	for _, home := range []string{"", "/opt/cuda"} {
		t.Setenv("CUDA_HOME", home)
		files := blasFiles()
		for _, file := range files {
			if folder := filepath.Dir(file); folder != "." && !filepath.IsAbs(folder) {
				t.Errorf("CUDA_HOME %q: got %s, want a bare name or an absolute path", home, file)
			}
		}
		if got, want := slices.Contains(files, "/opt/cuda/lib64/libcublas.so.12"), home != ""; got != want {
			t.Errorf("CUDA_HOME %q: got %q with its folder: %v, want %v", home, files, got, want)
		}
	}
}

// TestNoCUBLAS: the error of a search that finds no library names the versions.
func TestNoCUBLAS(t *testing.T) {
	g := openGPU(t)
	err := g.do(func() error {
		_, err := g.openBLAS([]string{"/nowhere/libcublas.so.12"})
		return err
	})
	if want := "no libcublas.so.13, .12 or .11"; err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("got error %v, want %q", err, want)
	}
}
