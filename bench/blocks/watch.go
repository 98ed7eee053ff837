package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

// watched is what was seen of a run.
type watched struct {
	seconds  float64
	resident []int   // MB, at equal times
	speed    float64 // rows a second
}

// watch makes a run, in a group unless it is nil, and notes its resident memory.
func watch(g *group, command string, args ...string) (*watched, error) {
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
	for tick := time.NewTicker(200 * time.Millisecond); ; {
		select {
		case <-tick.C:
			if mb := resident(run.Process.Pid); mb > 0 {
				w.resident = append(w.resident, mb)
			}
			continue
		case err := <-ended:
			if err != nil {
				return nil, fmt.Errorf("%s: %w: %s", strings.Join(args, " "), err, bytes.TrimSpace(said.Bytes()))
			}
		}
		break
	}
	w.seconds = time.Since(start).Seconds()
	var err error
	w.speed, err = speedOf(args[4])
	return w, err
}

// resident returns the resident memory of a process in MB, 0 if it has ended.
func resident(pid int) int {
	status, _ := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	_, rest, _ := strings.Cut(string(status), "VmRSS:")
	kb := 0
	fmt.Sscan(rest, &kb)
	return kb >> 10
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
	const shown = 12
	var tenth []string
	most := 0
	for i, mb := range w.resident {
		if most = max(most, mb); i*shown/len(w.resident) != (i-1)*shown/len(w.resident) || i == 0 {
			tenth = append(tenth, fmt.Sprint(mb))
		}
	}
	fmt.Printf("%s: %.0f s, %.0f rows/s; resident MB: at most %d, over the run %s\n", name, w.seconds, w.speed, most, strings.Join(tenth, " "))
}
