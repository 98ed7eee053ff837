package main

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"math"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"testing"
)

func TestTaskNames(t *testing.T) {
	for _, c := range []struct {
		task          task
		name, process string
	}{
		{pcd(harmonium, 500, 1), "library=harmonium/work=update/B=500/k=1", "harmonium"},
		{pcd(harmonium, 500, 10).centered().with(1), "library=harmonium/work=update/B=500/k=10/center=true/threads=1", "harmonium"},
		{pcd(sklearn, 100, 1).in("float64"), "library=sklearn/work=update/B=100/k=1/precision=float64", "sklearn"},
		{products[1].by(numpy).told("X"), "library=numpy/work=product/B=1000/columns=1000/coretype=X", "numpy X"},
		{task{Library: harmonium, Work: commandLoss}, "library=harmonium/work=command-loss", "harmonium command"},
		{task{Library: harmonium, Work: pcdMemory, Batch: 5}, "library=harmonium/work=pcd-memory/B=5", "harmonium pcd-memory"},
	} {
		if got := c.task.String(); got != c.name {
			t.Errorf("name: got %q, want %q", got, c.name)
		}
		if got := c.task.process(); got != c.process {
			t.Errorf("process of %s: got %q, want %q", c.name, got, c.process)
		}
	}
}

func TestRequestLine(t *testing.T) {
	r := request{task: pcd(torch, 100, 10), Start: "s", Blocks: 3, Seconds: 0.5}
	got, err := json.Marshal(r)
	want := `{"library":"torch","work":"update","batch":100,"steps":10,"start":"s","blocks":3,"seconds":0.5}`
	if err != nil || string(got) != want {
		t.Errorf("request: got %s, %v, want %s", got, err, want)
	}
}

// TestWriteRows: the rows of a Gaussian model are grey levels, in a file of their own beside the states of other models.
func TestWriteRows(t *testing.T) {
	folder := t.TempDir()
	binary, gaussian := pcd(torch, 500, 1), grey(torch, 500, 1)
	data, err := binary.open()
	if err != nil {
		t.Fatal(err)
	}
	if binary.rowsPath(folder) == gaussian.rowsPath(folder) {
		t.Fatal("both kinds of rows have the same path")
	}
	contents := map[task][]byte{}
	for _, c := range []task{binary, gaussian} {
		if err := c.writeRows(context.Background(), c.rowsPath(folder)); err != nil {
			t.Fatal(err)
		}
		if contents[c], err = os.ReadFile(c.rowsPath(folder)); err != nil {
			t.Fatal(err)
		}
		if got, want := len(contents[c]), data.Train.N*data.Train.V; got != want {
			t.Fatalf("%s: got %d bytes, want %d", c, got, want)
		}
	}
	if !bytes.Equal(contents[gaussian], data.Train.Bytes) {
		t.Error("the rows of the Gaussian model are not the grey levels of the data set")
	}
	for i, b := range contents[binary] {
		if level := data.Train.Bytes[i]; b > 1 || b == 1 && level == 0 || b == 0 && level == 255 {
			t.Fatalf("state %d is %d, drawn from grey level %d", i, b, level)
		}
	}
}

func TestServe(t *testing.T) {
	in := `{"library":"harmonium","work":"product","batch":2,"columns":3,"blocks":4,"seconds":0.001}` + "\n" +
		`{"library":"harmonium","work":"nonsense"}` + "\n"
	var out bytes.Buffer
	if err := serve(context.Background(), strings.NewReader(in), &out); err != nil {
		t.Fatal(err)
	}
	decoder := json.NewDecoder(&out)
	var h hello
	if err := decoder.Decode(&h); err != nil || h.Error != "" || h.Versions["go"] != runtime.Version() {
		t.Fatalf("hello: got %+v, %v, want the version of Go", h, err)
	}
	var a answer
	if err := decoder.Decode(&a); err != nil || a.Error != "" || len(a.Samples) != 4 {
		t.Fatalf("product: got %+v, %v, want 4 samples", a, err)
	}
	for _, s := range a.Samples {
		if !(s > 0) {
			t.Errorf("product: got %v s, want a positive time", s)
		}
	}
	if err := decoder.Decode(&a); err != nil || !strings.Contains(a.Error, "unknown work") {
		t.Errorf("nonsense: got %+v, %v, want an error about unknown work", a, err)
	}
	if err := serve(context.Background(), strings.NewReader("{"), io.Discard); err == nil {
		t.Error("half a request: got no error")
	}
}

// TestBlock: a block ends by its time or by its number of calls, after one call at least.
func TestBlock(t *testing.T) {
	calls := 0
	count := func() error { calls++; return nil }
	if _, err := block(0, 5, count); err != nil || calls != 1 {
		t.Errorf("no time: got %d calls, %v, want 1", calls, err)
	}
	calls = 0
	if _, err := block(math.MaxInt64, 5, count); err != nil || calls != 5 {
		t.Errorf("all the time: got %d calls, %v, want 5", calls, err)
	}
	if _, err := block(math.MaxInt64, 5, func() error { return io.ErrUnexpectedEOF }); err != io.ErrUnexpectedEOF {
		t.Errorf("failing work: got %v, want its error", err)
	}
}

// TestThinned: every stride-th beta stays, and the first and the last always.
func TestThinned(t *testing.T) {
	betas := []float32{0, 0.25, 0.5, 0.75, 1}
	for _, c := range []struct {
		stride int
		want   []float32
	}{
		{0, betas},
		{1, betas},
		{2, []float32{0, 0.5, 1}},
		{3, []float32{0, 0.75, 1}},
		{9, []float32{0, 1}},
	} {
		got := thinned(betas, c.stride)
		if len(got) != len(c.want) {
			t.Errorf("stride %d: got %v, want %v", c.stride, got, c.want)
			continue
		}
		for i := range got {
			if got[i] != c.want[i] {
				t.Errorf("stride %d: got %v, want %v", c.stride, got, c.want)
			}
		}
	}
}

func TestProcessStatus(t *testing.T) {
	status := "Name:\tx\nVmHWM:\t  123 kB\nVmRSS:\t   45 kB\nVmBad:\tmuch\n"
	for _, c := range []struct {
		field string
		want  float64
		ok    bool
	}{{"VmHWM", 123 * 1024, true}, {"VmRSS", 45 * 1024, true}, {"VmBad", 0, false}, {"Vm", 0, false}} {
		got, err := statusField(status, c.field)
		if got != c.want || (err == nil) != c.ok {
			t.Errorf("%s: got %v, %v, want %v, ok %t", c.field, got, err, c.want, c.ok)
		}
	}
}

func TestLogLikelihood(t *testing.T) {
	for _, c := range []struct {
		output string
		want   float64
		ok     bool
	}{{`{"out":"x","log_likelihood":-90.5}`, -90.5, true}, {`{"out":"x"}`, 0, false}, {`x`, 0, false}} {
		got, err := logLikelihood([]byte(c.output))
		if got != c.want || (err == nil) != c.ok {
			t.Errorf("%s: got %v, %v, want %v, ok %t", c.output, got, err, c.want, c.ok)
		}
	}
}

func TestMachine(t *testing.T) {
	info := "processor\t: 0\nmodel name\t: One\nflags\t\t: a avx512f avx512bw avx512dq avx512vl\nmodel name\t: Two\n"
	if got := cpuField(info, "model name"); got != "One" {
		t.Errorf("model name: got %q, want One", got)
	}
	m := machine{flags: strings.Fields(cpuField(info, "flags"))}
	if !m.wide() {
		t.Errorf("flags %v: got narrow, want wide", m.flags)
	}
	if m.flags = m.flags[:4]; m.wide() {
		t.Errorf("flags %v: got wide, want narrow", m.flags)
	}
}

// child writes a shell script that is used as a measuring process.
func child(t *testing.T, script string) string {
	t.Helper()
	if runtime.GOOS == "windows" {
		t.Skip("the stand-in for a process is a shell script")
	}
	path := filepath.Join(t.TempDir(), "child")
	if err := os.WriteFile(path, []byte("#!/bin/sh\n"+script), 0o755); err != nil {
		t.Fatal(err)
	}
	return path
}

const (
	working = `echo '{"versions":{"python":"1"}}'; while read line; do echo '{"samples":[0.5,0.25]}'; done`
	missing = `echo '{"error":"No module named library"}'`
)

// TestRun measures a library that is installed, one that only the second Python has, one that
// is missing, and one that fails when it is asked.
func TestRun(t *testing.T) {
	failing := `echo '{"versions":{}}'; while read line; do echo '{"error":"out of order"}'; done`
	silent := `exit 3`
	empty := `echo '{"versions":{}}'; while read line; do echo '{}'; done`
	for _, c := range []struct {
		name    string
		scripts []string
		rounds  int
		skipped string // part of the reason
	}{
		{"there", []string{working}, 2, ""},
		{"in the second", []string{missing, working}, 2, ""},
		{"in none", []string{missing, silent}, 0, "No module named library"},
		{"silent", []string{silent}, 0, "no greeting"},
		{"failing", []string{failing}, 0, "out of order"},
		{"empty answers", []string{empty}, 0, "without samples"},
	} {
		t.Run(c.name, func(t *testing.T) {
			l := &launcher{directory: t.TempDir(), peers: "peers.py"}
			for _, s := range c.scripts {
				l.pythons = append(l.pythons, child(t, s))
			}
			r := newRun(plan{Rounds: 2, Blocks: 2, Seconds: 1}, l, io.Discard)
			defer r.close()
			peer := pcd(torch, 500, 1)
			if err := r.measure(context.Background(), []task{peer}); err != nil {
				t.Fatal(err)
			}
			got := 0
			if s := r.results[peer]; s != nil {
				got = len(s.Rounds)
			}
			if got != c.rounds {
				t.Errorf("got %d rounds, want %d", got, c.rounds)
			}
			reason := r.skipped[torch] + r.skipped[peer.String()]
			if (reason != "") != (c.skipped != "") || !strings.Contains(reason, c.skipped) {
				t.Errorf("skipped: got %q, want %q in it", reason, c.skipped)
			}
		})
	}
}

func TestMissingPeerSaysHowToInstall(t *testing.T) {
	l := &launcher{pythons: []string{child(t, missing)}, unbuilt: io.ErrUnexpectedEOF}
	for _, library := range []string{sklearn, torch, numpy, pureGo} {
		_, err := l.start(context.Background(), task{Library: library})
		if err == nil || !strings.Contains(err.Error(), installing[library]) || installing[library] == "" {
			t.Errorf("%s: got %v, want %q in it", library, err, installing[library])
		}
	}
}

func TestMeasureEnds(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	r := newRun(plan{Rounds: 1, Blocks: 1}, &launcher{}, io.Discard)
	if err := r.measure(ctx, []task{pcd(torch, 1, 1)}); err != context.Canceled {
		t.Errorf("got %v, want %v", err, context.Canceled)
	}
}

// TestLines: medians of rounds and blocks, the fastest of the others by its own scale, and goals. The median of ours
// is 2, times 10; slow has 50·10, and fast 4·20 = 80. The ratios of the three rounds are 60/20, 80/20 and 120/40.
func TestLines(t *testing.T) {
	ours, slow, fast := pcd(harmonium, 1, 1), pcd(torch, 1, 1), pcd(sklearn, 1, 1)
	results := map[task]*result{
		ours: {Name: "ours", Rounds: [][]float64{{1, 2, 9}, {2, 2, 2}, {4, 4}}},
		slow: {Name: "slow", Rounds: [][]float64{{50}, {50}, {50}}},
		fast: {Name: "fast", Rounds: [][]float64{{3}, {4}, {6}}},
	}
	both := []entry{{slow, 10}, {fast, 20}, {pcd(gorgonia, 1, 1), 1}}
	for _, c := range []struct {
		row  row
		want line
		met  bool
	}{
		{row{Name: "a", Ours: ours, Theirs: both, Scale: 10, Target: 4},
			line{Name: "a", Ours: 20, Theirs: 80, Fastest: "fast", Ratio: 4, Low: 3, High: 4, Target: 4}, true},
		{row{Name: "b", Ours: ours, Theirs: both, Scale: 10, Target: 4.5},
			line{Name: "b", Ours: 20, Theirs: 80, Fastest: "fast", Ratio: 4, Low: 3, High: 4, Target: 4.5}, false},
		{row{Name: "c", Ours: ours, Scale: 1, Limit: 2}, line{Name: "c", Ours: 2, Limit: 2}, true},
		{row{Name: "d", Ours: ours, Scale: 1, Limit: 1}, line{Name: "d", Ours: 2, Limit: 1}, false},
		{row{Name: "e", Ours: pcd(pureGo, 1, 1), Scale: 1},
			line{Name: "e", Missing: "library=harmonium-go/work=update/B=1/k=1"}, true},
		{row{Name: "f", Ours: ours, Theirs: both[2:], Scale: 1},
			line{Name: "f", Ours: 2, Missing: "library=gorgonia/work=update/B=1/k=1"}, true},
	} {
		got := c.row.line(results)
		if got != c.want || got.met() != c.met {
			t.Errorf("row %s: got %+v met %t, want %+v met %t", c.row.Name, got, got.met(), c.want, c.met)
		}
	}
}

func TestTable(t *testing.T) {
	var out strings.Builder
	err := writeTable(&out, []line{
		{Name: "a", Unit: "µs", Ours: 12.345, Theirs: 123.456, Ratio: 10, Low: 9.5, High: 10.5, Target: 5},
		{Name: "b", Unit: "s", Ours: 21, Limit: 20},
		{Name: "c", Unit: "µs", Ours: 1, Theirs: 2, Ratio: 2, Low: 2, High: 2},
		{Name: "d", Missing: "library=harmonium"},
		{Name: "e", Unit: "s", Ours: 1, Missing: "library=torch"},
	})
	want := `
| workload | harmonium | other | ratio (lowest to highest) | wanted | |
| --- | --- | --- | --- | --- | --- |
| a | 12.3 µs | 123 µs | 10.00 (9.50 to 10.50) | at least 5 | met |
| b | 21 s | | | at most 20 s | missed |
| c | 1 µs | 2 µs | 2.00 (2.00 to 2.00) | | |
| d | | | not measured: library=harmonium | | |
| e | 1 s | | not measured: library=torch | | |
`
	got := regexp.MustCompile(" +").ReplaceAllString(out.String(), " ")
	if err != nil || got != want[1:] {
		t.Errorf("got, %v:\n%s\nwant:\n%s", err, got, want)
	}
}

// TestRowsAreConsistent: the names of rows differ, and each task is listed once.
func TestRowsAreConsistent(t *testing.T) {
	for _, coreType := range []string{"", "SkylakeX"} {
		rows := comparison(coreType, false)
		names := map[string]bool{}
		told := false
		for _, r := range rows {
			if names[r.Name] {
				t.Errorf("row %q occurs twice", r.Name)
			}
			names[r.Name] = true
			if r.Unit == "" || r.Scale <= 0 || r.Target > 0 && len(r.Theirs) == 0 {
				t.Errorf("row %q: got unit %q, scale %v, target %v of %d", r.Name, r.Unit, r.Scale, r.Target, len(r.Theirs))
			}
		}
		seen := map[task]bool{}
		for _, task := range tasks(rows) {
			if seen[task] {
				t.Errorf("task %s occurs twice", task)
			}
			seen[task] = true
			told = told || task.CoreType != ""
		}
		if told != (coreType != "") {
			t.Errorf("core type %q: got tasks with one: %t", coreType, told)
		}
	}
	only := matching(comparison("", true), regexp.MustCompile("^AIS"))
	if len(only) != 2 { // of the plain and of the centered model
		t.Errorf("rows of AIS: got %d, want 2", len(only))
	}
}

// TestBoundScale checks the bound by hand: at 1 GFLOP/s six products of a row with the
// weights take 12·784·500 ns.
func TestBoundScale(t *testing.T) {
	r := bound("b", pcd(harmonium, 500, 1), "", 0)
	p := r.Theirs[0]
	seconds := p.task.flop() * 1e-9
	if got, want := seconds*p.scale, 12*784*500*1e-3; math.Abs(got-want) > 1e-14*want { // a few roundings of 2⁻⁵³
		t.Errorf("bound at 1 GFLOP/s: got %v µs, want %v µs", got, want)
	}
}

func TestReport(t *testing.T) {
	o := options{out: filepath.Join(t.TempDir(), "results")}
	var out strings.Builder
	err := o.report(&out, report{Commit: "abc", Skipped: map[string]string{"torch": "not there"}})
	if err != nil {
		t.Fatal(err)
	}
	files, err := filepath.Glob(filepath.Join(o.out, "*.json"))
	if err != nil || len(files) != 1 {
		t.Fatalf("files: got %v, %v, want one", files, err)
	}
	text, err := os.ReadFile(files[0])
	if err != nil {
		t.Fatal(err)
	}
	var back report
	if err := json.Unmarshal(text, &back); err != nil || back.Commit != "abc" {
		t.Errorf("got %+v, %v, want commit abc", back, err)
	}
	for _, want := range []string{"commit abc", "skipped: torch: not there", files[0]} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("got %q, want %q in it", out.String(), want)
		}
	}
}
