package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
)

// process is a child that measures. It sends a greeting and then an answer to each request, one line of
// JSON each.
type process struct {
	command *exec.Cmd
	in      io.WriteCloser
	out     *json.Decoder
	hello   hello
}

// startProcess starts a command with the environment of this process and the added variables, each as
// NAME=VALUE, and waits for its greeting. A greeting with an error, or none, is an error.
func startProcess(ctx context.Context, command []string, environment ...string) (*process, error) {
	p := &process{command: exec.CommandContext(ctx, command[0], command[1:]...)}
	p.command.Env = append(os.Environ(), environment...)
	p.command.Stderr = os.Stderr
	var err error
	if p.in, err = p.command.StdinPipe(); err != nil {
		return nil, err
	}
	out, err := p.command.StdoutPipe()
	if err != nil {
		return nil, err
	}
	p.out = json.NewDecoder(out)
	if err := p.command.Start(); err != nil {
		return nil, err
	}
	if err := p.out.Decode(&p.hello); err != nil {
		p.hello.Error = fmt.Sprintf("no greeting from %s: %v", command[0], err)
	}
	if p.hello.Error != "" {
		p.close()
		return nil, errors.New(p.hello.Error)
	}
	return p, nil
}

// ask sends a request and waits for its answer.
func (p *process) ask(r request) (answer, error) {
	var a answer
	if err := json.NewEncoder(p.in).Encode(r); err != nil {
		return a, fmt.Errorf("request: %w", err)
	}
	if err := p.out.Decode(&a); err != nil {
		return a, fmt.Errorf("answer: %w", err)
	}
	if a.Error != "" {
		return a, errors.New(a.Error)
	}
	if len(a.Samples) == 0 {
		return a, errors.New("an answer without samples")
	}
	return a, nil
}

// close ends the child by closing its input. The exit status of the child is ignored.
func (p *process) close() {
	p.in.Close()
	p.command.Wait()
}

// launcher starts the processes of tasks.
type launcher struct {
	directory string   // folder of the files that processes share
	program   string   // path of this program
	pureGo    string   // path of this program built without C
	unbuilt   error    // why pureGo could not be built, or nil
	pythons   []string // Python interpreters, in the order they are tried
	peers     string   // path of peers.py, which measures the Python libraries
}

// installing says what a library needs that could not be started.
var installing = map[string]string{
	sklearn: "Debian: apt-get install python3-sklearn libopenblas0",
	torch:   "Debian: apt-get install python3-torch python3-threadpoolctl libopenblas0",
	numpy:   "Debian: apt-get install python3-numpy python3-threadpoolctl libopenblas0",
	pureGo:  "needs the go command, and must run in the module's folder",
}

// start starts the process of a task.
func (l *launcher) start(ctx context.Context, t task) (*process, error) {
	switch t.Library {
	case harmonium, gorgonia:
		return startProcess(ctx, []string{l.program, "--serve"})
	case pureGo:
		if l.unbuilt != nil {
			return nil, fmt.Errorf("not built (%s): %w", installing[pureGo], l.unbuilt)
		}
		// A build without C would refuse a choice of C kernels.
		return startProcess(ctx, []string{l.pureGo, "--serve"}, "HARMONIUM_KERNELS=")
	}
	var environment []string
	if t.CoreType != "" {
		environment = append(environment, "OPENBLAS_CORETYPE="+t.CoreType)
	}
	var reasons []string
	for _, python := range l.pythons {
		p, err := startProcess(ctx, []string{python, l.peers, t.Library, l.directory}, environment...)
		if err == nil {
			return p, nil
		}
		reasons = append(reasons, fmt.Sprintf("%s: %v", python, err))
	}
	return nil, fmt.Errorf("not installed (%s): %s", installing[t.Library], strings.Join(reasons, "; "))
}
