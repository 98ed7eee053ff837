package main

import (
	"encoding/json"
	"regexp"
	"strconv"
	"strings"
)

// figure is one measured case, such as an update of one size, with its values by unit. The values of tests
// and of training runs have a name in place of a unit.
type figure struct {
	Name   string             `json:"name"`
	Values map[string]float64 `json:"values"`
}

// processors matches the number of processors, which package testing adds to the name of a benchmark.
var processors = regexp.MustCompile(`-\d+$`)

// readBenchmarks reads the lines of benchmarks: the name, the number of operations, and pairs of a value
// and a unit. It leaves out ns/op, since an operation may be several updates; the benchmarks report the time
// of one update or product by a unit of their own.
func readBenchmarks(output string) (figures []figure, failed []string) {
	for line := range strings.Lines(output) {
		fields := strings.Fields(line)
		if len(fields) > 2 && fields[0] == "---" && fields[1] == "FAIL:" {
			failed = append(failed, fields[2])
		}
		if len(fields) < 4 || len(fields)%2 != 0 || !strings.HasPrefix(fields[0], "Benchmark") {
			continue
		}
		_, name, _ := strings.Cut(processors.ReplaceAllString(fields[0], ""), "/")
		f := figure{strings.TrimPrefix(name, "device=cuda/"), map[string]float64{}}
		for i := 2; i < len(fields); i += 2 {
			if value, err := strconv.ParseFloat(fields[i], 64); err == nil && fields[i+1] != "ns/op" {
				f.Values[fields[i+1]] = value
			}
		}
		if len(f.Values) > 0 {
			figures = append(figures, f)
		}
	}
	return figures, failed
}

// readDoctor returns no figures, and as failed what harmonium doctor lacks to use a GPU.
func readDoctor(output string) (figures []figure, failed []string) {
	var d struct {
		GPU     string   `json:"gpu"`
		Missing []string `json:"gpu_missing"`
	}
	if json.Unmarshal([]byte(output), &d) != nil || d.GPU == "" {
		return nil, append(d.Missing, "doctor names no GPU")
	}
	return nil, nil
}

// readTests counts the tests of a package and lists the failed ones.
func readTests(output string) (figures []figure, failed []string) {
	counts := map[string]float64{"passed": 0, "failed": 0, "skipped": 0}
	for line := range strings.Lines(output) {
		verdict, name, _ := strings.Cut(line, ": ")
		switch verdict {
		case "--- PASS":
			counts["passed"]++
		case "--- SKIP":
			counts["skipped"]++
		case "--- FAIL":
			counts["failed"]++
			failed = append(failed, strings.Fields(name)[0])
		}
	}
	if counts["passed"] == 0 && len(failed) == 0 {
		failed = append(failed, "no test passed")
	}
	return []figure{{"tests", counts}}, failed
}

// readTraining reads the result of a run of the command.
func readTraining(name, output string) (figures []figure, failed []string) {
	var result map[string]any
	for line := range strings.Lines(output) { // the progress is on lines of its own
		var object map[string]any
		if json.Unmarshal([]byte(line), &object) == nil && object["log_likelihood"] != nil {
			result = object
		}
	}
	values := map[string]float64{}
	for _, key := range []string{"log_likelihood", "log_likelihood_low", "log_likelihood_high"} {
		if value, ok := result[key].(float64); ok {
			values[key] = value
		}
	}
	if _, ok := values["log_likelihood"]; !ok {
		return nil, []string{"no log_likelihood in its output"}
	}
	return []figure{{name, values}}, nil
}
