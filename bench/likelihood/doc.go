// Likelihood makes the runs of bench/likelihood.md, evaluates their models, draws their learning
// curves and prints the tables of that page.
//
// Every run has a folder of its own. The command skips runs that have been evaluated and
// continues runs that were stopped, so it may be ended and called again. With another folder
// for all runs, -runs FOLDER, it makes every run anew.
package main
