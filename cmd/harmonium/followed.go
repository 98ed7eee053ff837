package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"harmonium/rbm/report"
	"harmonium/rbm/train"
)

// Limits of what a live page reads. All are chosen between a page that shows what is new and a browser and a disk that
// are not busy with it.
const (
	readAtOnce   = 16 << 20        // bytes of metrics.jsonl in one poll
	largestJSON  = 1 << 20         // bytes of config.json
	largestModel = 1 << 28         // bytes of a checkpoint whose weights the page shows
	modelEvery   = 5 * time.Second // shortest time between two readings of a checkpoint
	shownChains  = 32              // chains whose means the page shows

	// quietTime is the time without a record after which a run counts as ended if no process of this
	// machine holds the lock of its folder. A process of another machine may still be at work.
	quietTime = time.Minute
)

// followed is a run folder on a live page. It reads regular files of the folder alone, and follows no
// link out of it.
type followed struct {
	root  *os.Root
	page  report.Run
	lines *report.Lines

	metrics, config, model os.FileInfo // of metrics.jsonl, config.json and the checkpoint when they were read

	offset int64     // bytes of metrics.jsonl read
	loaded time.Time // when the checkpoint was read
	busy   bool      // a process of this machine was at work
}

func newFollowed(path string) (*followed, error) {
	root, err := os.OpenRoot(path)
	if err != nil {
		return nil, err
	}
	f := &followed{root: root}
	f.begin()
	return f, nil
}

func (f *followed) close() { f.root.Close() }

// begin forgets the records.
func (f *followed) begin() {
	f.page.History = &report.History{}
	f.lines, f.offset = report.NewLines(f.page.History), 0
}

// open opens a regular file of the folder. Opening a pipe does not wait for its writer, and is an error.
func (f *followed) open(name string) (*os.File, os.FileInfo, error) {
	file, err := f.root.OpenFile(name, os.O_RDONLY|withoutWaiting, 0)
	if err != nil {
		return nil, nil, err
	}
	info, err := file.Stat()
	if err == nil && !info.Mode().IsRegular() {
		err = errors.New("no regular file")
	}
	if err != nil {
		file.Close()
		return nil, nil, err
	}
	return file, info, nil
}

// poll reads what is new, and reports whether anything was.
func (f *followed) poll() bool {
	changed := f.readMetrics()
	changed = f.readConfig() || changed
	changed = f.readModel() || changed
	if state := f.state(); state != f.page.State {
		f.page.State, changed = state, true
	}
	return changed
}

// readMetrics reads the lines that were added. If the file was replaced or cut, it begins anew.
func (f *followed) readMetrics() bool {
	file, info, err := f.open(fileMetrics)
	if err != nil {
		return false
	}
	defer file.Close()
	anew := f.metrics != nil && (!os.SameFile(f.metrics, info) || info.Size() < f.offset)
	if anew {
		f.begin()
	}
	f.metrics = info
	n, _ := io.Copy(f.lines, io.NewSectionReader(file, f.offset, readAtOnce)) // after an error the next poll goes on
	f.offset += n
	return anew || n > 0
}

// readConfig reads the settings when they have changed.
func (f *followed) readConfig() bool {
	file, info, err := f.open(fileConfig)
	if err != nil {
		return false
	}
	defer file.Close()
	if !isNewer(info, f.config) {
		return false
	}
	f.config = info
	content, err := io.ReadAll(io.LimitReader(file, largestJSON))
	var c runConfig
	if err != nil || json.Unmarshal(content, &c) != nil {
		return false
	}
	facts, err := c.facts()
	if err != nil {
		return false
	}
	f.page.Facts, f.page.Command = facts, c.command()
	return true
}

// readModel reads the weights and the chains of a new checkpoint, at most once in modelEvery. The checkpoint is
// loaded by its path, so it must be no link out of the folder.
func (f *followed) readModel() bool {
	if time.Since(f.loaded) < modelEvery {
		return false
	}
	file, info, err := f.open(fileCheckpoint)
	if err != nil {
		return false
	}
	file.Close()
	if link, err := f.root.Lstat(fileCheckpoint); err != nil || !link.Mode().IsRegular() || !isNewer(info, f.model) {
		return false
	}
	f.model, f.loaded = info, time.Now()
	f.page.Notes = nil
	if info.Size() > largestModel {
		f.page.Notes = []string{fmt.Sprintf("The checkpoint has %d MB, so its weights are not shown here; harmonium report "+
			"shows them.", info.Size()>>20)}
		return true
	}
	c, err := train.LoadCheckpoint(runFolder(f.root.Name()).file(fileCheckpoint))
	if err != nil {
		return false
	}
	m, means, err := c.ChainMeans(shownChains)
	if err != nil {
		return false
	}
	look := report.LookConfig{Levels: levelsOf(m)}
	look.Width, look.Height = pictureSize(m)
	(*pictureChoice)(nil).apply(&look, c.Provenance["data"]) // the choice without flags
	f.page.Looks = report.Glance(m, means, look)
	return true
}

// isNewer reports whether a file is another one than before, or was written since.
func isNewer(info, before os.FileInfo) bool {
	return before == nil || !os.SameFile(info, before) || !info.ModTime().Equal(before.ModTime()) || info.Size() != before.Size()
}

// state says how far the run is. A run of another machine is at work as long as it writes.
func (f *followed) state() report.State {
	folder, err := f.root.Open(".")
	if err != nil {
		return report.Stopped
	}
	defer folder.Close()
	if !shareLock(folder) {
		f.busy = true
		return report.Running
	}
	if hasEnded(f.root.Lstat) {
		return report.Finished
	}
	if !f.busy && f.metrics != nil && time.Since(f.metrics.ModTime()) < quietTime {
		return report.Running
	}
	return report.Stopped
}

// end writes the file that asks the run to end.
func (f *followed) end() error {
	file, err := f.root.OpenFile(fileStop, os.O_WRONLY|os.O_CREATE, 0o666)
	if err != nil {
		return err
	}
	return file.Close()
}
