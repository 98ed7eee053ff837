package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"html/template"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"harmonium/rbm/report"
)

// watchClient asks a live server as the page does.
type watchClient struct {
	t      *testing.T
	server *httptest.Server
	header http.Header
}

// do makes a request with the client's header, changed by header: a key with "" is left out, and Host is the host that the
// request names. It follows no redirect, and returns the answer with its body.
func (c watchClient) do(method, path string, header map[string]string) (*http.Response, string) {
	c.t.Helper()
	r, err := http.NewRequest(method, c.server.URL+path, nil)
	if err != nil {
		c.t.Fatal(err)
	}
	r.Header = c.header.Clone()
	for key, value := range header {
		if key == "Host" {
			r.Host = value
		} else if value == "" {
			r.Header.Del(key)
		} else {
			r.Header.Set(key, value)
		}
	}
	client := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	answer, err := client.Do(r)
	if err != nil {
		c.t.Fatal(err)
	}
	defer answer.Body.Close()
	body, _ := io.ReadAll(answer.Body)
	return answer, string(body)
}

// watchServed starts a server with one run, and returns it with a client that has the token, and with the number of times
// that the run was asked to end.
func watchServed(t *testing.T) (*watchServer, watchClient, *int) {
	t.Helper()
	s := newWatchServer("secret")
	ended := new(int)
	s.publish("<p>first</p>", map[string]ending{"run": func() error { *ended++; return nil }})
	server := httptest.NewServer(s)
	t.Cleanup(server.Close)
	c := watchClient{t, server, http.Header{}}
	answer, _ := c.do("GET", "/?token=secret", nil)
	cookies := answer.Cookies()
	if answer.StatusCode != http.StatusSeeOther || len(cookies) != 1 || !cookies[0].HttpOnly {
		t.Fatalf("the address with the token: %d and cookies %v, want 303 and one that scripts cannot read", answer.StatusCode, cookies)
	}
	c.header.Set("Cookie", cookies[0].Name+"="+cookies[0].Value)
	return s, c, ended
}

// TestWatchServes: the server answers requests with the token to its own address and from its own page. All others get an
// error, which is no HTML and ends no run.
func TestWatchServes(t *testing.T) {
	_, c, ended := watchServed(t)
	own := c.server.URL
	for _, x := range []struct {
		method, path string
		header       map[string]string
		code         int
		text         string
	}{
		{"GET", "/", nil, 200, "<p>first</p>"},
		{"GET", "/watch.js", nil, 200, "EventSource"},
		{"GET", "/", map[string]string{"Host": "localhost:1234", "Cookie": "harmonium1234=secret"}, 200, "first"},
		{"GET", "/", map[string]string{"Host": "[::1]:99", "Cookie": "harmonium99=secret"}, 200, "first"},
		{"GET", "/", map[string]string{"Cookie": ""}, 403, "token"},
		{"GET", "/events", map[string]string{"Cookie": ""}, 403, "token"},
		{"GET", "/", map[string]string{"Host": "localhost:1234", "Cookie": "harmonium1234=wrong"}, 403, "token"},
		{"GET", "/?token=wrong", map[string]string{"Cookie": ""}, 403, "token"},
		{"GET", "/?token=", map[string]string{"Cookie": ""}, 403, "token"},
		{"GET", "/", map[string]string{"Host": "evil.example"}, 421, "evil.example"},
		{"GET", "/?token=secret", map[string]string{"Host": "evil.example:80"}, 421, "evil.example"},
		{"GET", "/", map[string]string{"Host": "127.0.0.1.evil.example"}, 421, "evil"},
		{"GET", "/", map[string]string{"Host": "<b>"}, 421, "answers to its address alone"},
		{"GET", "/events", map[string]string{"Origin": "http://evil.example"}, 403, "only the page"},
		{"GET", "/", map[string]string{"Origin": "null"}, 403, "only the page"},
		{"GET", "/../watch.go", nil, 404, ""},
		{"GET", "/%2e%2e/%2e%2e/etc/passwd", nil, 404, ""},
		{"GET", "/metrics.jsonl", nil, 404, ""},
		{"GET", "//etc/passwd", nil, 404, ""},
		{"POST", "/", nil, 404, ""},
		{"GET", "/stop?run=run", nil, 404, ""},
		{"POST", "/stop?run=run", nil, 403, "only the page"},
		{"POST", "/stop?run=run", map[string]string{"Origin": "http://evil.example"}, 403, "only the page"},
		{"POST", "/stop?run=run", map[string]string{"Origin": strings.Replace(own, "http", "https", 1)}, 403, "only the page"},
		{"POST", "/stop?run=run", map[string]string{"Origin": own, "Cookie": ""}, 403, "token"},
		{"POST", "/stop?run=other", map[string]string{"Origin": own}, 404, "no such run"},
	} {
		answer, body := c.do(x.method, x.path, x.header)
		if answer.StatusCode != x.code || !strings.Contains(body, x.text) {
			t.Errorf("%s %s %v: %d, %.200s; want %d, …%s…", x.method, x.path, x.header, answer.StatusCode, body, x.code, x.text)
		}
		if policy := answer.Header.Get("Content-Security-Policy"); !strings.HasPrefix(policy, "default-src 'none'") {
			t.Errorf("%s %s: policy %q", x.method, x.path, policy)
		}
		if allowed := answer.Header.Get("Access-Control-Allow-Origin"); allowed != "" {
			t.Errorf("%s %s: pages of %s may read the answer", x.method, x.path, allowed)
		}
		if x.code != 200 && strings.HasPrefix(answer.Header.Get("Content-Type"), "text/html") {
			t.Errorf("%s %s: an error as HTML", x.method, x.path)
		}
	}
	if *ended != 0 {
		t.Error("a refused request has ended a run")
	}
	answer, _ := c.do("POST", "/stop?run=run", map[string]string{"Origin": own})
	if answer.StatusCode != http.StatusNoContent || *ended != 1 {
		t.Errorf("ending a run: %d, done %d times, want 204 and once", answer.StatusCode, *ended)
	}
}

// TestWatchStreams: 50 clients at once get the body and then its change. A client beyond mostClients is turned away.
func TestWatchStreams(t *testing.T) {
	const clients = 50
	s, c, _ := watchServed(t)
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	var streams []*bufio.Reader
	for range clients {
		r, _ := http.NewRequestWithContext(ctx, "GET", c.server.URL+"/events", nil)
		r.Header = c.header
		answer, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		defer answer.Body.Close()
		streams = append(streams, bufio.NewReader(answer.Body))
	}
	next := func(b *bufio.Reader) (body string) {
		line, err := b.ReadString('\n')
		b.ReadString('\n')
		if json.Unmarshal([]byte(strings.TrimPrefix(line, "data: ")), &body) != nil {
			t.Fatalf("event %q, %v", line, err)
		}
		return body
	}
	for _, want := range []string{"<p>first</p>", "<p>second\nline</p>"} {
		for i, b := range streams {
			if got := next(b); got != want {
				t.Fatalf("client %d got %q, want %q", i, got, want)
			}
		}
		s.publish("<p>second\nline</p>", nil)
	}
	for range mostClients - clients {
		s.enter(1)
	}
	if answer, _ := c.do("GET", "/events", nil); answer.StatusCode != http.StatusServiceUnavailable {
		t.Errorf("client %d: %d, want 503", mostClients+1, answer.StatusCode)
	}
}

// record returns a line of metrics with an estimate from -1.5 to -7.5 nats.
func record(update int) string {
	return fmt.Sprintf(`{"epoch":%d,"update":%d,"log_z_online":1,"log_likelihood_train":-%d.5,"independent_train":-9}`+"\n",
		update, update, update%7+1)
}

// bodies polls some folders and returns the body of their page.
func bodies(t *testing.T, w *watched) string {
	t.Helper()
	w.poll()
	body, _, err := w.body()
	if err != nil {
		t.Fatal(err)
	}
	return string(body)
}

// TestWatchFollows: the page shows records that are added to the metrics of a run, and a line when its end is written. It
// begins anew with a file that is replaced or cut, and shows new run folders and no removed ones.
func TestWatchFollows(t *testing.T) {
	folder := t.TempDir()
	run := filepath.Join(folder, "run")
	w := newWatched([]string{folder})
	defer w.close()
	if got := bodies(t, w); !strings.Contains(got, "No run folder here yet") {
		t.Errorf("an empty folder shows %s", got)
	}
	os.Mkdir(run, 0o777)
	write(t, run, fileConfig, `{"version":"v<i>","data":{"data":"rows"},"training":{"hidden":3}}`)
	metrics := filepath.Join(run, fileMetrics)
	add := func(text string) {
		file, err := os.OpenFile(metrics, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o666)
		if err != nil {
			t.Fatal(err)
		}
		file.WriteString(text)
		file.Close()
	}
	updates := func(want int) {
		t.Helper()
		bodies(t, w)
		last := w.runs[run].page.History.Last()
		if want == 0 && last != nil || want > 0 && (last == nil || last.Update != want) {
			t.Errorf("the last record is %+v, want update %d", last, want)
		}
	}
	updates(0)
	add(record(10) + `{"epoch":2,`)
	updates(10)
	if w.poll() {
		t.Error("a poll without anything new reports a change")
	}
	add(`"update":20}` + "\nbroken\n")
	updates(20)
	page := bodies(t, w)
	if !strings.Contains(page, "1 of 3 lines") {
		t.Errorf("the page does not count the damaged line:\n%.2000s", page)
	}
	if !strings.Contains(page, "v&lt;i&gt;") || strings.Contains(page, "<i>") {
		t.Errorf("the page has no version, or an unescaped one:\n%.2000s", page)
	}
	os.Rename(metrics, metrics+".old")
	add(record(5))
	updates(5)
	os.Truncate(metrics, 0)
	updates(0)
	os.Remove(filepath.Join(run, fileConfig))
	if got := bodies(t, w); !strings.Contains(got, "No run folder here yet") {
		t.Error("a folder that is no run folder any more still shows")
	}
}

// TestWatchStates: a run whose folder a process of this machine has locked is at work, and without a model has stopped as
// soon as the lock is gone. A run without a lock, as of another machine, is at work until it has not written for
// quietTime. A run with a model that is no older than its checkpoint is finished.
func TestWatchStates(t *testing.T) {
	run := t.TempDir()
	write(t, run, fileConfig, "{}")
	write(t, run, fileMetrics, record(1))
	w := newWatched([]string{run})
	defer w.close()
	state := func(want report.State) {
		t.Helper()
		w.poll()
		if got := w.runs[run].page.State; got != want {
			t.Errorf("state %q, want %q", got, want)
		}
	}
	state(report.Running)
	old := time.Now().Add(-2 * quietTime)
	os.Chtimes(filepath.Join(run, fileMetrics), old, old)
	state(report.Stopped)
	lock, err := runFolder(run).lock()
	if err != nil {
		t.Fatal(err)
	}
	state(report.Running)
	if _, endings, _ := w.body(); len(endings) != 1 {
		t.Errorf("%d runs can be ended, want 1", len(endings))
	}
	if err := w.runs[run].end(); err != nil || !exists(filepath.Join(run, fileStop)) {
		t.Errorf("no file asks the run to end: %v", err)
	}
	os.Chtimes(filepath.Join(run, fileMetrics), time.Now(), time.Now())
	lock.Close()
	state(report.Stopped) // at once, though it wrote just now
	write(t, run, fileCheckpoint, "damaged")
	write(t, run, fileModel, "damaged")
	state(report.Finished)
	os.Chtimes(filepath.Join(run, fileModel), old, old)
	state(report.Stopped) // the checkpoint is newer than the model
	os.Remove(filepath.Join(run, fileCheckpoint))
	state(report.Finished)
}

// TestWatchMemoryIsFlat: 10,000 records take no more memory than 2500, but for noise.
func TestWatchMemoryIsFlat(t *testing.T) {
	run := t.TempDir()
	write(t, run, fileConfig, "{}")
	w := newWatched([]string{run})
	defer w.close()
	file, err := os.Create(filepath.Join(run, fileMetrics))
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	var body template.HTML
	heap := func() uint64 {
		var m runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&m)
		return m.HeapAlloc
	}
	var early uint64
	for update := 1; update <= 10000; update++ {
		file.WriteString(record(update))
		if update%2500 == 0 {
			w.poll()
			body, _, err = w.body()
		}
		if update == 2500 {
			early = heap()
		}
	}
	if last := w.runs[run].page.History.Last().Update; last != 10000 || err != nil {
		t.Errorf("the last record is of update %d, %v, want 10000", last, err)
	}
	if n := len(w.runs[run].page.History.Records); n > 4000 {
		t.Errorf("the history has %d records, want at most 4000", n)
	}
	// These are at most 1500 more than early, of some 300 bytes: what else grows must not take 8 MB. A body draws up to
	// 4000 points of some 12 bytes in each line, and 2 MB allow 40 such lines.
	if late := heap(); late > early+8<<20 {
		t.Errorf("%d MB after 2500 records, %d MB after 10000", early>>20, late>>20)
	}
	if len(body) > 2<<20 {
		t.Errorf("a body of %d bytes after 10000 records", len(body))
	}
}

// TestStopFile: the stop file ends a run with a checkpoint, as an interrupt does, and the run removes it. A file from
// before the run does not end it. The run's hundred million updates do not end before.
func TestStopFile(t *testing.T) {
	slow(t)
	t.Chdir(t.TempDir())
	cmd, _, stderr := process(t, with(bars, "--updates", "100000000", "--eval", "never", "--out", "long")...)
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	defer cmd.Process.Kill()
	for !exists("long/checkpoint.safetensors") {
		time.Sleep(10 * time.Millisecond)
	}
	writeText(t, "long/harmonium.stop", "")
	cmd.Wait()
	if code := cmd.ProcessState.ExitCode(); code != exitInterrupted || !strings.Contains(stderr.String(), "interrupted after update") {
		t.Errorf("exit code %d, want %d and the update:\n%s", code, exitInterrupted, stderr)
	}
	if exists("long/harmonium.stop") {
		t.Error("the run has not removed the stop file")
	}
	writeText(t, "stale", "")
	if newStopFile("stale").found() {
		t.Error("a file of before ends a run")
	}
}

// TestWatchRefuses: mistakes in the call, and folders that do not exist.
func TestWatchRefuses(t *testing.T) {
	t.Chdir(t.TempDir())
	writeText(t, "file", "")
	for _, c := range []struct {
		code int
		want string
		args string
	}{
		{exitUsage, "watch: 0 arguments, want FOLDER...", ""},
		{exitUsage, "--listen here, want an IP address", ". --listen here"},
		{exitUsage, "--port -1", ". --port -1"},
		{exitUsage, "--port 65536", ". --port 65536"},
		{exitFailure, "absent", "absent"},
		{exitFailure, "file is no folder", "file"},
	} {
		refuses(t, c.code, c.want, append([]string{"watch"}, strings.Fields(c.args)...)...)
	}
}

// startWatch runs the command in this process until the test ends, and returns the address that it
// prints.
func startWatch(t *testing.T, folder string) (address string) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	out, in := io.Pipe()
	done := make(chan int, 1)
	go func() { done <- run(ctx, []string{"watch", folder}, in, io.Discard) }()
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		cancel()
		if code := <-done; code != 0 {
			t.Errorf("exit code %d, want 0", code)
		}
	})
	_, address, _ = strings.Cut(strings.TrimSpace(line), ": ")
	return address
}

// TestWatchRuns: the command prints an address that serves the page, without the token once a cookie has it, and ends with
// its context. A thousand requests, each on a connection of its own, leave no file open: a few more than after the first
// are allowed, as the last connections may still be closing.
func TestWatchRuns(t *testing.T) {
	address := startWatch(t, t.TempDir())
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	client := &http.Client{Jar: jar, Transport: &http.Transport{DisableKeepAlives: true}}
	first := 0
	for n := range 1000 {
		answer, err := client.Get(address)
		if err != nil || answer.StatusCode != http.StatusOK {
			t.Fatalf("%s: %v, %v, want 200", address, answer, err)
		}
		io.Copy(io.Discard, answer.Body)
		answer.Body.Close()
		address, _, _ = strings.Cut(address, "?")
		if n == 0 {
			first = openFiles()
		}
	}
	if last := openFiles(); last > first+10 {
		t.Errorf("%d files are open after the requests, and %d after the first", last, first)
	}
}

// openFiles returns the number of files that this process has open, as Linux lists them; elsewhere 0.
func openFiles() int {
	list, _ := os.ReadDir("/proc/self/fd")
	return len(list)
}
