package main

import (
	"fmt"
	"os/exec"
	"slices"
	"strings"
	"testing"
)

// standIn runs peers.py where PyTorch has no CUDA: tensors stay on the processor, and a graph makes its
// launches when it is captured, and none at a replay. It checks an update against the definition.
const standIn = `
import contextlib, runpy, sys, torch
for name in ["zeros", "randn", "rand"]:
    make = getattr(torch, name)
    setattr(torch, name, lambda *shape, device, make=make: make(*shape))
class Stream:
    def wait_stream(self, other): pass
class Graph:
    def replay(self): pass
cuda = torch.cuda
cuda.Stream = cuda.current_stream = Stream
cuda.stream = cuda.graph = lambda what: contextlib.nullcontext()
cuda.CUDAGraph, cuda.synchronize, cuda.get_device_capability = Graph, lambda: None, lambda: (9, 0)
ended = []
sys.exit = ended.append
sys.argv = ["peers.py", "--small"]
peers = runpy.run_path("peers.py", run_name="__main__")
m = peers["Machine"](7, 5, 4, 2)
v, w, a, b = m.rows[:4], m.w.clone(), m.a.clone(), m.b.clone()
m.update(v)
p, q = torch.sigmoid(v @ w + b), torch.sigmoid(m.v_model @ w + b)
rate = peers["RATE"]
for got, want in [(m.w, w + rate * (v.t() @ p - m.v_model.t() @ q) / 4), (m.a, a + rate * (v - m.v_model).mean(0)),
                  (m.b, b + rate * (p - q).mean(0))]:
    assert torch.allclose(got, want, atol=1e-6), (got, want)  # float32 sums of up to 7 terms below 1
assert ended == [0], ended
assert set(m.chains.flatten().tolist()) <= {0, 1}
`

// runTorch runs the first Python that has PyTorch.
func runTorch(arguments []string) (output string, err error) {
	for _, python := range []string{"/usr/bin/python3", "python3"} {
		var text []byte
		if text, err = exec.Command(python, arguments...).CombinedOutput(); err == nil {
			return string(text), nil
		}
		output += string(text)
	}
	return output, err
}

// TestPeers: the updates of PyTorch run on its processor, and with a stand-in for CUDA, and the kit reads
// the lines that they print.
func TestPeers(t *testing.T) {
	if testing.Short() {
		t.Skip("starts PyTorch")
	}
	const size = "V=24/H=16/B=8/k=1"
	for _, test := range []struct {
		name      string
		arguments []string
		want      []string
	}{
		{"processor", []string{"peers.py", "--small", "--cpu"}, []string{"f32 eager"}},
		{"stand-in", []string{"-c", standIn}, []string{"f32 eager", "f32 graph", "tf32 eager", "tf32 graph"}},
	} {
		output, err := runTorch(test.arguments)
		if strings.Contains(output, "No module named") {
			t.Skip("no Python with PyTorch")
		}
		if err != nil {
			t.Fatalf("%s: %v\n%s", test.name, err, output)
		}
		figures, failed := readBenchmarks(output)
		var got []string
		for _, f := range figures {
			for _, mode := range []string{"eager", "graph"} {
				if f.Values["µs/update/"+mode] > 0 {
					for _, precision := range []string{"f32", "tf32"} {
						if f.Name == fmt.Sprintf("precision=%s/%s", precision, size) {
							got = append(got, precision+" "+mode)
						}
					}
				}
			}
		}
		if !slices.Equal(got, test.want) || len(failed) > 0 {
			t.Errorf("%s: got %q and failures %q, want %q\n%s", test.name, got, failed, test.want, output)
		}
	}
}
