package main

// testCase is a kind of run, by the flags of harmonium train.
type testCase struct {
	name  string
	flags []string
}

// common makes runs of a few tenths of a second, with a checkpoint every five updates.
var common = []string{"--data", "bars-and-stripes:3", "--hidden", "6", "--batch-size", "5", "--epochs", "30",
	"--checkpoint-every", "5", "--online-every", "10", "--eval", "20", "--device", "cpu", "--threads", "1"}

// cases are all algorithms, and what else the checkpoint holds: the state of an optimizer, of the guard after warnings
// of a diverging run, of patience, and of hidden units of another kind.
var cases = []testCase{
	{"pcd", []string{"--algorithm", "pcd"}},
	{"cd adam", []string{"--algorithm", "cd", "--optimizer", "adam", "--learning-rate", "0.01"}},
	{"fpcd", []string{"--algorithm", "fpcd"}},
	{"pt", []string{"--algorithm", "pt"}},
	{"ptt", []string{"--algorithm", "ptt"}},
	{"pcd nesterov sparse", []string{"--algorithm", "pcd", "--optimizer", "nesterov", "--momentum", "0.5,0.9", "--sparsity", "0.1"}},
	{"pcd diverging", []string{"--algorithm", "pcd", "--learning-rate", "2", "--schedule", "constant"}},
	{"pt patience", []string{"--algorithm", "pt", "--valid", "0.2", "--patience", "4", "--online-every", "1"}},
	{"ptt spins", []string{"--algorithm", "ptt", "--hidden-units", "spin"}},
}
