// Command compare measures harmonium beside other programs, on this machine and in one run:
//
//	go run ./bench/compare
//
// Every library runs in a process of its own that waits until it is asked to measure, so that
// no two run at once. The tasks take turns, A B C D A B C D, for several rounds. The command
// prints a table of medians and ratios and writes every sample to a JSON file. A program that
// is not installed is named and left out.
//
// Reading order: main.go, rows.go (what is compared), task.go (the protocol), run.go,
// serve.go with harmonium.go, command.go and stock.go, peers.py, table.go.
package main
