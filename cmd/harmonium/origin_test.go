package main

import (
	"os"
	"syscall"
	"testing"

	"harmonium/rbm"
)

// TestModelFromElsewhere: a model that was not made by this user on this machine opens only files below its own folder,
// and other files where the user names them.
func TestModelFromElsewhere(t *testing.T) {
	t.Chdir(t.TempDir())
	m, err := rbm.NewModel(4, 2)
	if err != nil {
		t.Fatal(err)
	}
	m.BaseRates = []float32{0.5, 0.5, 0.5, 0.5}
	for _, folder := range []string{"model", "secret"} {
		if err := os.Mkdir(folder, 0o777); err != nil {
			t.Fatal(err)
		}
		writeText(t, folder+"/rows.csv", "0,1,0,1\n1,0,1,0\n1,1,1,0\n")
	}
	if err := os.Symlink("../secret/rows.csv", "model/link.csv"); err != nil {
		t.Fatal(err)
	}
	const path = "model/m.safetensors"
	for _, c := range []struct {
		key, file, machine string // the key of the model's provenance that names the file, and the machine it is from
		refused            bool
	}{
		{"data", "model/rows.csv", "", false},
		{"data", absolute("model/rows.csv"), "other", false},
		{"data", "secret/rows.csv", "", true},
		{"data", "secret/rows.csv", thisMachine(), false},
		{"data", "model/../secret/rows.csv", "", true},
		{"data", "model/link.csv", "", true},
		{"data", "model/link*.csv", "", true},
		{"data", "model/link.csv:x", "", true}, // an array x of the file
		{"data", `["model/rows.csv","secret/rows.csv"]`, "", true},
		{"test", absolute("secret/rows.csv"), "", true},
		{"valid", "secret/rows.csv", "other", true},
		{"label", "secret/rows.csv", "", true},
		{"label", "secret/rows.csv:x", "", true},
		{"label", "secret/row*.csv", "", true},
		{"label", `["secret/rows.csv"]`, "", true},
	} {
		m.Provenance = map[string]string{"data": "model/rows.csv", "seed": "1", "binarize": "none", keyMachine: c.machine}
		m.Provenance[c.key] = c.file
		if err := m.Save(path); err != nil {
			t.Fatal(err)
		}
		for _, args := range [][]string{
			{"eval", path}, {"features", path, "--out", "f.csv"}, {"sample", path, "--init", "data", "--out", "s.csv"},
		} {
			if c.refused {
				refuses(t, exitFailure, "outside its folder, and was not made by this user on this machine", args...)
			} else {
				mustRun(t, args...)
			}
		}
		mustRun(t, "features", path, "secret/rows.csv", "--out", "f.csv") // the user names the file
	}
}

// TestOwnModel: a model of a run reads the run's rows outside its folder, as it was made here, also after it was renamed.
func TestOwnModel(t *testing.T) {
	t.Chdir(t.TempDir())
	writeText(t, "rows.csv", "0,1,0,1\n1,0,1,0\n1,1,1,0\n")
	mustRun(t, "train", "--data", "rows.csv", "--hidden", "2", "--updates", "3", "--eval", "never", "--out", "run")
	if err := os.Rename("run/"+fileModel, "run/moved.safetensors"); err != nil {
		t.Fatal(err)
	}
	mustRun(t, "eval", "run/moved.safetensors")
}

// TestModelFromPipe: a model is not read from a named pipe.
func TestModelFromPipe(t *testing.T) {
	t.Chdir(t.TempDir())
	if err := syscall.Mkfifo("pipe", 0o600); err != nil {
		t.Fatal(err)
	}
	for _, command := range []string{"inspect", "eval", "features", "sample"} {
		refuses(t, exitFailure, "pipe: a pipe or a device, want a regular file", command, "pipe")
	}
}
