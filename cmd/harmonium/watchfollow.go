package main

import (
	"context"
	"html/template"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"harmonium/rbm/report"
)

const (
	pollEvery   = 500 * time.Millisecond // between two polls of the files; chosen: live for a reader, and cheap
	mostWatched = 12                     // runs on a page; chosen: more lines in a chart cannot be told apart
)

// watched are the folders of a live page and the runs in them.
type watched struct {
	folders []string
	runs    map[string]*followed // by their paths
}

func newWatched(folders []string) *watched {
	return &watched{folders: folders, runs: map[string]*followed{}}
}

func (w *watched) close() {
	for _, r := range w.runs {
		r.close()
	}
}

// follow reads the runs again and again until ctx ends, and publishes what has changed.
func (w *watched) follow(ctx context.Context, publish func(template.HTML, map[string]ending)) {
	tick := time.NewTicker(pollEvery)
	defer tick.Stop()
	for first := true; ; first = false {
		if w.poll() || first {
			body, runs, err := w.body()
			if err != nil {
				body = template.HTML(`<p class="headline">` + template.HTMLEscapeString(err.Error()) + "</p>")
			}
			publish(body, runs)
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

// poll reads what is new in the folders and their runs, and reports whether anything is.
func (w *watched) poll() bool {
	paths := w.find()
	changed := false
	for _, path := range paths {
		if w.runs[path] != nil {
			continue
		}
		if r, err := newFollowed(path); err == nil {
			w.runs[path], changed = r, true
		}
	}
	for path, r := range w.runs {
		if !slices.Contains(paths, path) {
			r.close()
			delete(w.runs, path)
			changed = true
		} else if r.poll() {
			changed = true
		}
	}
	return changed
}

// find lists the run folders: the given ones, and those in given folders. Of more than mostWatched it lists those with
// the latest config.json, which a run writes when it starts.
func (w *watched) find() []string {
	var paths []string
	for _, folder := range w.folders {
		if isRunFolder(folder) {
			paths = append(paths, folder)
			continue
		}
		entries, err := os.ReadDir(folder)
		if err != nil {
			continue
		}
		for _, e := range entries {
			if path := filepath.Join(folder, e.Name()); e.IsDir() && !strings.HasPrefix(e.Name(), ".") && isRunFolder(path) {
				paths = append(paths, path)
			}
		}
	}
	if len(paths) <= mostWatched {
		return paths
	}
	begun := map[string]time.Time{}
	for _, path := range paths {
		if info, err := os.Lstat(runFolder(path).file(fileConfig)); err == nil {
			begun[path] = info.ModTime()
		}
	}
	slices.SortStableFunc(paths, func(a, b string) int { return begun[b].Compare(begun[a]) })
	return paths[:mostWatched]
}

// isRunFolder reports whether a run has begun in the folder.
func isRunFolder(path string) bool {
	info, err := os.Lstat(runFolder(path).file(fileConfig))
	return err == nil && info.Mode().IsRegular()
}

// body draws the runs, and returns for each run at work the function that ends it, by the run's name on the page.
func (w *watched) body() (template.HTML, map[string]ending, error) {
	paths := slices.Sorted(maps.Keys(w.runs))
	if len(paths) == 0 {
		return `<p class="headline">No run folder here yet.</p>`, nil, nil
	}
	names, endings := folderNames(paths), map[string]ending{}
	var runs []*report.Run
	for i, path := range paths {
		f := w.runs[path]
		r := f.page
		r.Name, r.Stop = names[i], ""
		if r.State == report.Running {
			r.Stop = names[i]
			endings[names[i]] = f.end
		}
		runs = append(runs, &r)
	}
	body, err := report.Body(runs...)
	return body, endings, err
}
