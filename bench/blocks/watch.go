package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// watched is what was seen of a run.
type watched struct {
	seconds float64
	own     []int   // MB of resident memory that holds no files, five times a second
	files   []int   // MB of resident memory that holds files, such as the code of the command
	speed   float64 // rows a second
}

// watch makes a run that writes to a folder, in a group unless it is nil, and notes its resident memory.
func watch(g *group, folder, command string, args ...string) (*watched, error) {
	var said bytes.Buffer
	run := exec.Command("sh", append([]string{"-c", g.shell(), "sh", command}, args...)...)
	run.Stdout, run.Stderr = &said, &said
	if err := run.Start(); err != nil {
		return nil, err
	}
	ended := make(chan error, 1)
	start := time.Now()
	go func() { ended <- run.Wait() }()
	w := &watched{}
	tick := time.NewTicker(200 * time.Millisecond)
	defer tick.Stop()
	for running := true; running; {
		select {
		case <-tick.C:
			if own, files := resident(run.Process.Pid); own > 0 {
				w.own, w.files = append(w.own, own), append(w.files, files)
			}
		case err := <-ended:
			if err != nil {
				return nil, fmt.Errorf("%s: %w: %s", strings.Join(args, " "), err, bytes.TrimSpace(said.Bytes()))
			}
			running = false
		}
	}
	w.seconds = time.Since(start).Seconds()
	var err error
	w.speed, err = speedOf(folder)
	return w, err
}

// resident returns the resident memory of a process in MB, without files and of files; 0 if it has ended.
func resident(pid int) (own, files int) {
	status, _ := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	field := func(name string) int {
		_, rest, _ := strings.Cut(string(status), name)
		kb := 0
		fmt.Sscan(rest, &kb)
		return kb >> 10
	}
	return field("RssAnon:"), field("RssFile:")
}

// speedOf returns the rows a second of the last epoch of a run.
func speedOf(folder string) (float64, error) {
	times, err := os.ReadFile(filepath.Join(folder, "times.jsonl"))
	if err != nil {
		return 0, err
	}
	lines := bytes.Split(bytes.TrimSpace(times), []byte("\n"))
	var last struct {
		Speed float64 `json:"samples_per_second"`
	}
	err = json.Unmarshal(lines[len(lines)-1], &last)
	return last.Speed, err
}

func (w *watched) print(name string) {
	fmt.Printf("%s: %.0f s, %.0f rows/s; MB over the run: resident without files %s; files %s\n", name, w.seconds, w.speed,
		overTime(w.own), overTime(w.files))
}

// overTime writes the maximum of values, and up to 24 of them at equal distances.
func overTime(values []int) string {
	const shown = 24
	var some []string
	for i, mb := range values { // the first value of each of `shown` equal parts
		if i == 0 || i*shown/len(values) != (i-1)*shown/len(values) {
			some = append(some, fmt.Sprint(mb))
		}
	}
	return fmt.Sprintf("at most %d (%s)", slices.Max(values), strings.Join(some, " "))
}
