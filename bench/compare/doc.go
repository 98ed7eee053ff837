// Command compare measures harmonium beside other programs, on this machine and in one run:
//
//	go run ./bench/compare            # about 12 minutes
//	go run ./bench/compare -help      # the flags
//
// A task is one kind of work by one program, such as an update by PyTorch. There are several rounds, and each
// measures every task that is timed once, one after the other, so that a change of the machine's speed during the
// run affects all of them. (Memory and runs of the whole command are measured in the first round.) Every program
// has a process of its own, which waits while another one measures: no two run at once. The command prints
// a table of medians and ratios and writes every sample to a JSON file. It names programs that are not
// installed and leaves them out.
//
// Reading order: main.go; rows.go, the rows of the table; task.go, the tasks and the messages between the processes;
// run.go, the rounds, with process.go and start.go. Then the work itself: serve.go with harmonium.go; command.go,
// whole runs of the command; stock.go, an update with Gorgonia's own ops; peers.py, the other programs. Last,
// table.go.
package main
