package main

import (
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"harmonium/rbm/train"
)

// TestKeptMetrics: lines up to the given update are kept, but for a torn last line and damaged lines.
func TestKeptMetrics(t *testing.T) {
	one, two, three := `{"epoch":1,"update":10}`+"\n", `{"epoch":2,"update":20}`+"\n", `{"epoch":3,"update":30}`+"\n"
	for _, c := range []struct {
		content string
		update  int
		want    string
		last    int
	}{
		{"", 0, "", 0},
		{one + two + three, 30, one + two + three, 30},
		{one + two + three, 35, one + two + three, 30},
		{one + two + three, 29, one + two, 20},
		{one + two + three, 0, "", 0},
		{one + two + `{"epoch":3,"upd`, 35, one + two, 20},
		{one + two + `{"epoch":3,"update":30}`, 35, one + two, 20}, // torn before the line feed
		{`{"ep`, 35, "", 0},
	} {
		got, past, damaged := keptMetrics([]byte(c.content), c.update)
		last := 0
		if len(past) > 0 {
			last = past[len(past)-1].Update
		}
		if damaged != nil || string(got) != c.want || last != c.last {
			t.Errorf("%q at update %d: kept %q, last %d, damaged %v, want %q, %d and none", c.content, c.update, got, last,
				damaged, c.want, c.last)
		}
	}
	got, past, damaged := keptMetrics([]byte(one+"garbage\n"+three), 30)
	if string(got) != one+three || len(past) != 2 || !slices.Equal(damaged, []int{2}) {
		t.Errorf("garbage in the midst: kept %q, %v, damaged %v, want the other lines and line 2", got, past, damaged)
	}
}

// TestMetricsLog: a log that is opened after update 1 has its torn line removed, and appends records without times,
// which go to times.jsonl.
func TestMetricsLog(t *testing.T) {
	folder := runFolder(t.TempDir())
	path := folder.file(fileMetrics)
	if err := os.WriteFile(path, []byte(`{"update":1}`+"\n"+`{"upd`), 0o666); err != nil {
		t.Fatal(err)
	}
	log, err := openMetrics(folder, 1)
	if err != nil {
		t.Fatal(err)
	}
	defer log.close()
	if err := log.append(epochRecord{Metrics: train.Metrics{Epoch: 2, Update: 2, Seconds: 1.5, SamplesPerSecond: 3}}); err != nil {
		t.Fatal(err)
	}
	if len(log.past) != 1 || log.past[0].Update != 1 {
		t.Errorf("records that it held %v, want one of update 1", log.past)
	}
	first, second, _ := strings.Cut(string(readBytes(t, path)), "\n")
	if first != `{"update":1}` || !strings.HasPrefix(second, `{"epoch":2,"update":2,`) || strings.Count(second, "\n") != 1 {
		t.Errorf("the log holds %q and %q, want update 1 and update 2", first, second)
	}
	if times := string(readBytes(t, folder.file(fileTimes))); times != `{"update":2,"seconds":1.5,"samples_per_second":3}`+"\n" ||
		strings.Contains(second, "second") {
		t.Errorf("times.jsonl holds %q beside %q", times, second)
	}
	if got := []time.Duration{folder.spent(1), folder.spent(2)}; got[0] != 0 || got[1] != 1500*time.Millisecond {
		t.Errorf("spent %v after updates 1 and 2, want 0 and 1.5s", got)
	}
}
