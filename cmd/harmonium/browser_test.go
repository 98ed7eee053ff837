package main

import (
	"bufio"
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

// screenshots, if set, is the folder that the tests in a browser leave their pictures in.
const screenshots = "HARMONIUM_SCREENSHOTS"

// browser is a headless Chromium that the test speaks to by pipes, in its DevTools protocol.
type browser struct {
	t       *testing.T
	in      *os.File
	session string

	mu       sync.Mutex
	last     int                          // number of the last command
	answers  map[int]chan json.RawMessage // where results go, by the number of the command
	loaded   chan struct{}                // has an element for each page that has loaded
	faults   []string                     // errors on the console
	requests []string                     // addresses asked for
}

// chromium returns the path of a Chromium, or "".
func chromium() string {
	for _, name := range []string{"chromium-headless-shell", "chromium", "chromium-browser", "google-chrome"} {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	return ""
}

// openBrowser starts a browser with an empty page, or skips the test where there is none.
func openBrowser(t *testing.T) *browser {
	t.Helper()
	path := chromium()
	if path == "" {
		t.Skip("no Chromium here: the page is not checked in a browser (Debian: apt-get install chromium-headless-shell)")
	}
	toBrowser, in, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	out, fromBrowser, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(path, "--headless", "--no-sandbox", "--disable-gpu", "--remote-debugging-pipe", "--hide-scrollbars",
		"--no-first-run", "--disable-background-networking", "--disable-dev-shm-usage", "--user-data-dir="+t.TempDir())
	cmd.ExtraFiles = []*os.File{toBrowser, fromBrowser} // files 3 and 4, which --remote-debugging-pipe reads and writes
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	toBrowser.Close()
	fromBrowser.Close()
	b := &browser{t: t, in: in, answers: map[int]chan json.RawMessage{}, loaded: make(chan struct{}, 16)}
	go b.listen(out)
	t.Cleanup(func() {
		b.call("Browser.close", nil)
		in.Close()
		cmd.Wait()
		out.Close()
	})
	var target struct{ TargetID string }
	b.into(&target, "Target.createTarget", map[string]any{"url": "about:blank"})
	var attached struct{ SessionID string }
	b.into(&attached, "Target.attachToTarget", map[string]any{"targetId": target.TargetID, "flatten": true})
	b.session = attached.SessionID
	for _, domain := range []string{"Page", "Runtime", "Log", "Network"} {
		b.call(domain+".enable", nil)
	}
	return b
}

// listen reads the browser's messages until it ends.
func (b *browser) listen(out *os.File) {
	lines := bufio.NewReader(out)
	for {
		text, err := lines.ReadBytes(0)
		if err != nil {
			return
		}
		var m struct {
			ID     int
			Method string
			Result json.RawMessage
			Params struct {
				Type    string
				Entry   struct{ Level, Text, URL string }
				Request struct{ URL string }
			}
		}
		json.Unmarshal(bytes.TrimSuffix(text, []byte{0}), &m)
		b.mu.Lock()
		switch {
		case m.ID > 0:
			b.answers[m.ID] <- m.Result
			delete(b.answers, m.ID)
		case m.Method == "Page.loadEventFired":
			b.loaded <- struct{}{}
		case m.Method == "Log.entryAdded" && m.Params.Entry.Level == "error", m.Method == "Runtime.exceptionThrown",
			m.Method == "Runtime.consoleAPICalled" && m.Params.Type == "error":
			b.faults = append(b.faults, string(text))
		case m.Method == "Network.requestWillBeSent":
			b.requests = append(b.requests, m.Params.Request.URL)
		}
		b.mu.Unlock()
	}
}

// call sends a command and returns its result.
func (b *browser) call(method string, params map[string]any) json.RawMessage {
	b.t.Helper()
	answer := make(chan json.RawMessage, 1)
	b.mu.Lock()
	b.last++
	id := b.last
	b.answers[id] = answer
	b.mu.Unlock()
	message := map[string]any{"id": id, "method": method, "params": params}
	if b.session != "" && method != "Browser.close" { // a command to the browser, and not to the page of the session
		message["sessionId"] = b.session
	}
	text, err := json.Marshal(message)
	if err == nil {
		_, err = b.in.Write(append(text, 0))
	}
	if err != nil {
		b.t.Fatal(err)
	}
	select {
	case result := <-answer:
		return result
	case <-time.After(30 * time.Second):
		b.t.Fatalf("the browser does not answer %s", method)
		return nil
	}
}

// into sends a command and decodes its result.
func (b *browser) into(result any, method string, params map[string]any) {
	b.t.Helper()
	if err := json.Unmarshal(b.call(method, params), result); err != nil {
		b.t.Fatalf("%s: %v", method, err)
	}
}

// visit opens an address and waits until it has loaded.
func (b *browser) visit(address string) {
	b.t.Helper()
	b.call("Page.navigate", map[string]any{"url": address})
	select {
	case <-b.loaded:
	case <-time.After(30 * time.Second):
		b.t.Fatalf("%s does not load", address)
	}
}

// evaluate returns the value of an expression on the page.
func (b *browser) evaluate(expression string) any {
	b.t.Helper()
	var answer struct {
		Result           struct{ Value any }
		ExceptionDetails any
	}
	b.into(&answer, "Runtime.evaluate", map[string]any{"expression": expression, "returnByValue": true})
	if answer.ExceptionDetails != nil {
		b.t.Fatalf("%s: %v", expression, answer.ExceptionDetails)
	}
	return answer.Result.Value
}

// show sets the width of the window and the color scheme.
func (b *browser) show(width int, scheme string) {
	b.t.Helper()
	b.call("Emulation.setDeviceMetricsOverride", map[string]any{"width": width, "height": 900, "deviceScaleFactor": 1,
		"mobile": false})
	b.call("Emulation.setEmulatedMedia",
		map[string]any{"features": []map[string]string{{"name": "prefers-color-scheme", "value": scheme}}})
}

// picture leaves a screenshot of the whole page, if a folder for them is set.
func (b *browser) picture(name string) {
	folder := os.Getenv(screenshots)
	if folder == "" {
		return
	}
	var shot struct{ Data string }
	b.into(&shot, "Page.captureScreenshot", map[string]any{"captureBeyondViewport": true})
	content, err := base64.StdEncoding.DecodeString(shot.Data)
	if err == nil {
		err = os.WriteFile(filepath.Join(folder, name+".png"), content, 0o666)
	}
	if err != nil {
		b.t.Fatal(err)
	}
}

// check fails the test if there was an error on the console, or a request to an address that does not
// begin with one of the allowed ones.
func (b *browser) check(what string, allowed ...string) {
	b.t.Helper()
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, fault := range b.faults {
		b.t.Errorf("%s: on the console: %s", what, fault)
	}
	for _, address := range b.requests {
		if !slices.ContainsFunc(allowed, func(a string) bool { return strings.HasPrefix(address, a) }) {
			b.t.Errorf("%s: the page asked for %s", what, address)
		}
	}
	b.faults, b.requests = nil, nil
}

// TestReportInBrowser opens the pages of a run on pictures, of a run on a table, of a run that was ended
// early, and of five runs: no error, no request, nothing wider than the window, no text below 8 pixels (chosen: the
// smallest that can be read), and the keyboard reaches everything that opens. The windows have the widths of a
// telephone, a tablet and a screen.
func TestReportInBrowser(t *testing.T) {
	slow(t)
	b := openBrowser(t)
	folder := t.TempDir()
	t.Chdir(folder)
	writeText(t, "rows.csv", "a,b,c,d,e,<i>f</i>\n"+strings.Repeat("0,0,1,1,0,1\n1,1,0,0,1,0\n0,1,0,1,1,1\n", 8))
	mustRun(t, with(bars, "--updates", "30", "--online-every", "1", "--out", "pictures")...)
	mustRun(t, "train", "--data", "rows.csv", "--hidden", "3", "--updates", "30", "--valid", "0.2", "--out", "table")
	os.CopyFS("ended", os.DirFS("table"))
	os.Remove("ended/model.safetensors") // a folder without it counts as of a run that was ended early
	mustRun(t, "report", "ended")
	mustRun(t, "report", "pictures", "table", "ended", "pictures", "table", "--out", "five.html")
	for name, file := range map[string]string{"pictures": "pictures/report.html", "table": "table/report.html",
		"ended": "ended/report.html", "five": "five.html"} {
		b.show(1400, "light")
		b.visit("file://" + filepath.Join(folder, file))
		for _, width := range []int{360, 800, 1400} {
			for _, scheme := range []string{"light", "dark"} {
				b.show(width, scheme)
				if got := b.evaluate("document.documentElement.scrollWidth"); got.(float64) > float64(width) {
					t.Errorf("%s: the page is %v wide in a window of %d", name, got, width)
				}
				// The text of charts has 12 units of the SVG; getScreenCTM has the scale.
				const smallest = `Math.min(...[...document.querySelectorAll("svg")].map(e => 12 * e.getScreenCTM().a))`
				if got := b.evaluate(smallest); got.(float64) < 8 {
					t.Errorf("%s: text of %.1f pixels in a window of %d, want at least 8", name, got, width)
				}
				b.picture(fmt.Sprintf("%s-%d-%s", name, width, scheme))
			}
		}
		const unreached = `[...document.querySelectorAll("a[href], summary, .scroll")].filter(e => e.tabIndex < 0).length`
		if got := b.evaluate(unreached); got != 0.0 {
			t.Errorf("%s: the keyboard does not reach %v elements", name, got)
		}
		b.call("Input.dispatchKeyEvent", map[string]any{"type": "rawKeyDown", "key": "Tab", "windowsVirtualKeyCode": 9})
		if got := b.evaluate(`document.activeElement.className`); got != "skip" {
			t.Errorf("%s: the first tab goes to %q, want the link that skips", name, got)
		}
		b.check(name, "file://"+folder, "data:image/png")
	}
}

// TestWatchInBrowser: what a run writes shows within two seconds, and what the reader has opened stays
// open; a run that is gone shows as such.
func TestWatchInBrowser(t *testing.T) {
	b := openBrowser(t)
	run := t.TempDir()
	write(t, run, fileConfig, `{"version":"1","data":{"data":"rows"},"training":{"hidden":3}}`)
	write(t, run, fileMetrics, record(1)+record(2))
	lock, err := runFolder(run).lock()
	if err != nil {
		t.Fatal(err)
	}
	address := startWatch(t, run)
	b.visit(address)
	shows := func(what string) {
		t.Helper()
		until := time.Now().Add(2 * time.Second)
		for !strings.Contains(b.evaluate(`document.body.innerText`).(string), what) {
			if time.Now().After(until) {
				t.Fatalf("the page does not show %q within two seconds:\n%s", what, b.evaluate(`document.body.innerText`))
			}
			time.Sleep(20 * time.Millisecond)
		}
	}
	shows("running, 2 updates")
	b.evaluate(`document.querySelector("details").open = true`)
	file, err := os.OpenFile(filepath.Join(run, fileMetrics), os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	file.WriteString(record(30))
	shows("running, 30 updates")
	if got := b.evaluate(`document.querySelector("details").open`); got != true {
		t.Error("what the reader has opened does not stay open")
	}
	b.evaluate(`window.confirm = () => true; document.querySelector("[data-stop]").click()`)
	shows("asked the run to end")
	if !exists(filepath.Join(run, fileStop)) {
		t.Error("the button has not asked the run to end")
	}
	lock.Close()
	shows("stopped before its end")
	b.evaluate(`document.getElementById("pause").click()`)
	shows("paused")
	own, _, _ := strings.Cut(address, "?")
	b.check("watch", own, "data:image/png")
}
