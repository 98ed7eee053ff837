// Likelihood makes the runs that bench/likelihood.md tells of, evaluates their models, draws
// their learning curves and prints the tables of that page.
//
// Every run has a folder of its own. One that has been evaluated is not made again, and one
// that was stopped goes on: the command may be ended and called again, and with a new folder
// for its runs it remakes all of them.
package main
