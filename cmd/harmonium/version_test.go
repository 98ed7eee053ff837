package main

import (
	"encoding/json"
	"reflect"
	"runtime"
	"runtime/debug"
	"strings"
	"testing"
)

// TestVersion: the command and the flag print the build of this program, and --json has it as an object.
func TestVersion(t *testing.T) {
	text := mustRun(t, "version")
	if flag := mustRun(t, "--version"); flag != text {
		t.Errorf("--version prints %q, want as the command version does %q", flag, text)
	}
	var got build
	if err := json.Unmarshal([]byte(mustRun(t, "version", "--json")), &got); err != nil {
		t.Fatal(err)
	}
	if want := readBuild(debug.ReadBuildInfo()); !reflect.DeepEqual(got, want) || want.String() != text {
		t.Errorf("--json has %+v, want %+v, and as text %q", got, want, text)
	}
	if want := runtime.GOOS + "/" + runtime.GOARCH; got.Platform != want || got.Go != runtime.Version() || got.Devices[0] != "cpu" {
		t.Errorf("got %+v, want platform %s, Go %s and the device cpu", got, want, runtime.Version())
	}
}

// TestReadBuild: version, commit, tags and cgo come from the build's information. The platform and the devices are of
// this program.
func TestReadBuild(t *testing.T) {
	info := &debug.BuildInfo{GoVersion: "go1.99", Main: debug.Module{Version: "v1.2.3"}, Settings: []debug.BuildSetting{
		{Key: "-tags", Value: "gpu,hdf5"}, {Key: "CGO_ENABLED", Value: "1"}, {Key: "vcs.revision", Value: "abc123"},
		{Key: "vcs.time", Value: "2026-01-02T03:04:05Z"}, {Key: "vcs.modified", Value: "true"},
	}}
	b := readBuild(info, true)
	want := build{"v1.2.3", "abc123", "2026-01-02T03:04:05Z", true, b.Platform, []string{"gpu", "hdf5"}, true, b.Devices, "go1.99"}
	if !reflect.DeepEqual(b, want) {
		t.Errorf("got %+v, want %+v", b, want)
	}
	for _, part := range []string{
		"version v1.2.3\n", "commit: abc123 of 2026-01-02T03:04:05Z, with uncommitted changes\n", "kernels in C",
		"tags: gpu hdf5\n", "\ngo1.99\n",
	} {
		if !strings.Contains(b.String(), part) {
			t.Errorf("%q has no %q", b, part)
		}
	}
	if none := readBuild(nil, false); none.Version != "unknown" || !strings.Contains(none.String(), "built without version control") {
		t.Errorf("without information: %+v", none)
	}
}
