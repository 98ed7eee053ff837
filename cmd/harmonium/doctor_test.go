package main

import (
	"encoding/json"
	"strings"
	"testing"

	"harmonium/engine"
)

func TestDoctor(t *testing.T) {
	var got diagnosis
	if err := json.Unmarshal([]byte(mustRun(t, "doctor", "--json")), &got); err != nil {
		t.Fatal(err)
	}
	if got.Version != version() || got.Report == nil || got.InUse == "" {
		t.Errorf("got %+v, want version %s and a report", got, version())
	}
	text := mustRun(t, "doctor")
	for _, c := range got.Checks {
		if !strings.Contains(text, c.Implementation) || !strings.Contains(text, c.Kernel) {
			t.Errorf("got %q, want it to name %s and %s", text, c.Implementation, c.Kernel)
		}
	}
	refuses(t, exitUsage, "1 arguments, want none", "doctor", "now")
}

func TestDoctorOfUnknownKernels(t *testing.T) {
	cmd, stdout, stderr := process(t, "doctor")
	cmd.Env = append(cmd.Env, "HARMONIUM_KERNELS=abacus")
	err := cmd.Run()
	if code := cmd.ProcessState.ExitCode(); code != exitFailure || !strings.Contains(stderr.String(), `"abacus"`) {
		t.Errorf("got %v, %q and %q, want code %d and a line about the kernels", err, stdout, stderr, exitFailure)
	}
}

func TestDoctorReportsFailure(t *testing.T) {
	r := &engine.Report{Checks: []engine.Check{
		{Implementation: "avx2", Kernel: "mean"},
		{Implementation: "avx2", Kernel: "field", Error: "element 3 of 5 is 1, want 2"},
	}}
	if err, want := verdict(r), "self-test: avx2 kernels, field: element 3 of 5 is 1, want 2"; err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
	if err := verdict(&engine.Report{Checks: r.Checks[:1]}); err != nil {
		t.Errorf("got %v, want no error", err)
	}
	var text strings.Builder
	diagnosis{Report: r}.print(&text)
	if want := "FAILED: element 3 of 5 is 1, want 2"; !strings.Contains(text.String(), want) {
		t.Errorf("got %q, want it to say %q", text.String(), want)
	}
}
