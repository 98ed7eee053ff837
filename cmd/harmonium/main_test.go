package main

import (
	"bytes"
	"context"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"testing"
)

// testedCommand makes the test binary run as the command, in a process of its own that signals
// and kill -9 can reach.
const testedCommand = "HARMONIUM_TESTED_COMMAND"

// TestMain gives runs one thread unless they say otherwise: the threads of tiny models mostly wait for
// each other, and keep other packages' tests from a processor meanwhile.
func TestMain(m *testing.M) {
	if os.Getenv(testedCommand) != "" {
		main()
	}
	os.Setenv("GOMAXPROCS", "1")
	runtime.GOMAXPROCS(1)
	os.Exit(m.Run())
}

// slow skips a test that takes seconds, if the tests are to be short.
func slow(t *testing.T) {
	t.Helper()
	if testing.Short() {
		t.Skip("takes seconds")
	}
}

// process returns the command as a process that has not started yet.
func process(t *testing.T, args ...string) (cmd *exec.Cmd, stdout, stderr *bytes.Buffer) {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd = exec.Command(self, args...)
	cmd.Env = append(os.Environ(), testedCommand+"=1")
	stdout, stderr = new(bytes.Buffer), new(bytes.Buffer)
	cmd.Stdout, cmd.Stderr = stdout, stderr
	return cmd, stdout, stderr
}

// mustRun runs the command in this process, which must end with exit code 0, and returns
// its standard output.
func mustRun(t *testing.T, args ...string) string {
	t.Helper()
	var stdout, stderr bytes.Buffer
	if code := run(context.Background(), args, &stdout, &stderr); code != 0 {
		t.Fatalf("%q: exit code %d, want 0; standard error:\n%s", args, code, &stderr)
	}
	return stdout.String()
}

// refuses runs the command in this process, which must end with the exit code and one
// line on standard error that holds the text.
func refuses(t *testing.T, want int, text string, args ...string) {
	t.Helper()
	var stdout, stderr bytes.Buffer
	code := run(context.Background(), args, &stdout, &stderr)
	line, rest, _ := strings.Cut(stderr.String(), "\n")
	if code != want || rest != "" || !strings.HasPrefix(line, "harmonium: ") || !strings.Contains(line, text) {
		t.Errorf("%q: exit code %d, standard error:\n%swant %d and one line, harmonium: …%s…", args, code, &stderr, want, text)
	}
}

// executeLines runs the command in this process and returns the lines that it prints on
// standard error.
func executeLines(args ...string) (code int, stdout string, stderr []string) {
	var out, err bytes.Buffer
	code = run(context.Background(), args, &out, &err)
	return code, out.String(), strings.Split(strings.TrimSuffix(err.String(), "\n"), "\n")
}
