package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"harmonium/engine"
)

// TestSibling: where there are a driver and a GPU build, the GPU build takes over for cuda, and
// for auto if it names its GPU. It gets the unchanged command line.
func TestSibling(t *testing.T) {
	if engine.HasCUDA {
		t.Skip("the GPU build has no sibling")
	}
	folder := t.TempDir()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	program := filepath.Join(folder, "harmonium")
	if err := os.Link(self, program); err != nil { // another file system
		data, err := os.ReadFile(self)
		if err == nil {
			err = os.WriteFile(program, data, 0o700)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	// Shell scripts in place of GPU builds: one whose doctor finds a GPU, and one whose doctor finds it too old.
	fitSibling := `[ "$1" = doctor ] && echo '{"gpu":"one","gpu_missing":[]}' || echo "sibling: $*"`
	unfitSibling := `[ "$1" = doctor ] && echo '{"gpu_missing":["too old"]}' || { echo "sibling: $*"; exit 7; }`
	for _, tc := range []struct {
		name, device, sibling string
		driver                bool // libcuda.so.1 can be found
		code                  int
		stdout, stderr        string
	}{
		{"cuda", "cuda", fitSibling, true, 0, "sibling: features none.safetensors --out x.npy --device cuda", ""},
		{"auto", "auto", fitSibling, true, 0, "sibling: features none.safetensors --out x.npy --device auto", ""},
		{"cuda, an unfit GPU", "cuda", unfitSibling, true, 7, "sibling: features", ""},
		{"auto, an unfit GPU", "auto", unfitSibling, true, 1, "", "none.safetensors"},
		{"cpu", "cpu", fitSibling, true, 1, "", "none.safetensors"},
		{"cuda, no driver", "cuda", fitSibling, false, 1, "", "device cuda: no NVIDIA driver"},
		{"cuda, no sibling", "cuda", "", true, 1, "", "device cuda: no GPU build: harmonium-cuda"},
		{"auto, no sibling", "auto", "", true, 1, "", "none.safetensors"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			sibling := filepath.Join(folder, "harmonium-cuda")
			libraries := t.TempDir()
			os.Remove(sibling)
			if tc.sibling != "" {
				if err := os.WriteFile(sibling, []byte("#!/bin/sh\n"+tc.sibling+"\n"), 0o700); err != nil {
					t.Fatal(err)
				}
			}
			if tc.driver {
				if err := os.WriteFile(filepath.Join(libraries, "libcuda.so.1"), nil, 0o600); err != nil {
					t.Fatal(err)
				}
			}
			cmd, stdout, stderr := process(t, "features", "none.safetensors", "--out", "x.npy", "--device", tc.device)
			cmd.Path, cmd.Dir = program, folder
			cmd.Env = append(cmd.Env, "LD_LIBRARY_PATH="+libraries)
			cmd.Run()
			if code := cmd.ProcessState.ExitCode(); code != tc.code {
				t.Errorf("exit code %d, want %d", code, tc.code)
			}
			if got := stdout.String(); !strings.HasPrefix(got, tc.stdout) || tc.stdout == "" && got != "" {
				t.Errorf("standard output %q, want %q", got, tc.stdout)
			}
			if got := stderr.String(); !strings.Contains(got, tc.stderr) || tc.stderr == "" && got != "" {
				t.Errorf("standard error %q, want %q", got, tc.stderr)
			}
		})
	}
}

// TestPrecisionFlag: a precision that does not exist is refused by its flag, and tf32 by a device that has no such
// products.
func TestPrecisionFlag(t *testing.T) {
	refuses(t, exitUsage, "--precision f16, want", "train", "--data", "bars-and-stripes:2",
		"--out", filepath.Join(t.TempDir(), "run"), "--precision", "f16")
	if !engine.HasCUDA {
		refuses(t, exitFailure, "precision tf32, want f32", "train", "--data", "bars-and-stripes:2", "--epochs", "1",
			"--out", filepath.Join(t.TempDir(), "run"), "--device", "cpu", "--precision", "tf32")
	}
}
