"""Measures updates by PCD-k along the plain gradient in PyTorch, as BenchmarkPlainUpdate does in
harmonium: peers.py [--small] [--cpu]. It prints a line for each case, as Go's benchmarks are printed.

The rows are random states with 13 % on, eight batches on the card; there is one chain for each row. The
host waits for the card after each epoch of eight updates. Eager mode writes results in place where it can;
the same epoch is also captured as one CUDA graph. With --cpu the updates are eager and in float32, on the
host.
"""

import sys
import time

import torch

RATE, EPOCH, DENSITY = 0.05, 8, 0.13
SIZES = [(784, 500), (4096, 4096)]
BATCHES = [512, 4096]
STEPS = [1, 10]
SECONDS = 0.2  # least time of the measurement of a case
DEVICE = "cpu" if "--cpu" in sys.argv else "cuda"


class Machine:
    """A model with its chains and rows."""

    def __init__(self, visible, hidden, batch, steps):
        make = lambda *shape: torch.zeros(*shape, device=DEVICE)
        self.w = 0.01 * torch.randn(visible, hidden, device=DEVICE)
        self.a, self.b = make(visible), make(hidden)
        self.rows = (torch.rand(EPOCH * batch, visible, device=DEVICE) < DENSITY).float()
        self.chains, self.batch, self.steps = make(batch, hidden), batch, steps
        self.p, self.p_model = make(batch, hidden), make(batch, hidden)
        self.mean, self.v_model = make(batch, visible), make(batch, visible)

    def update(self, v):
        w, a, b, rate = self.w, self.a, self.b, RATE / self.batch
        torch.addmm(b, v, w, out=self.p).sigmoid_()
        for _ in range(self.steps):
            torch.addmm(a, self.chains, w.t(), out=self.mean).sigmoid_()
            torch.bernoulli(self.mean, out=self.v_model)
            torch.addmm(b, self.v_model, w, out=self.p_model).sigmoid_()
            torch.bernoulli(self.p_model, out=self.chains)
        w.addmm_(v.t(), self.p, alpha=rate)
        w.addmm_(self.v_model.t(), self.p_model, alpha=-rate)
        a.add_(v.mean(0) - self.v_model.mean(0), alpha=RATE)
        b.add_(self.p.mean(0) - self.p_model.mean(0), alpha=RATE)

    def epoch(self):
        for i in range(EPOCH):
            self.update(self.rows[i * self.batch : (i + 1) * self.batch])


def captured(machine):
    """A function that makes an epoch by one call. PyTorch wants an epoch on another stream before the capture."""
    side = torch.cuda.Stream()
    side.wait_stream(torch.cuda.current_stream())
    with torch.cuda.stream(side):
        machine.epoch()
    torch.cuda.current_stream().wait_stream(side)
    graph = torch.cuda.CUDAGraph()
    with torch.cuda.graph(graph):
        machine.epoch()
    return graph.replay


def wait():
    if DEVICE == "cuda":
        torch.cuda.synchronize()


def seconds(epoch):
    """Seconds of an update, after two epochs that are not measured."""
    for _ in range(2):
        epoch()
        wait()
    start, count = time.perf_counter(), 0
    while count == 0 or time.perf_counter() - start < SECONDS:
        epoch()
        wait()
        count += 1
    return (time.perf_counter() - start) / (count * EPOCH)


def main():
    sizes, batches, steps = ([(24, 16)], [8], [1]) if "--small" in sys.argv else (SIZES, BATCHES, STEPS)
    torch.set_grad_enabled(False)
    failed = 0
    precisions, modes = ["f32"], ["eager"]
    if DEVICE == "cuda":
        modes.append("graph")
        if torch.cuda.get_device_capability()[0] >= 8:
            precisions.append("tf32")
    for precision in precisions:
        torch.backends.cuda.matmul.allow_tf32 = precision == "tf32"
        for visible, hidden in sizes:
            for batch in batches:
                for k in steps:
                    for mode in modes:
                        name = f"precision={precision}/V={visible}/H={hidden}/B={batch}/k={k}"
                        try:
                            machine = Machine(visible, hidden, batch, k)
                            t = seconds(machine.epoch if mode == "eager" else captured(machine))
                        except RuntimeError as e:
                            print(f"--- FAIL: {mode}/{name}: {e}", flush=True)
                            failed = 1
                            continue
                        print(f"BenchmarkTorch/{name} 1 {1e6 * t:.2f} µs/update/{mode}", flush=True)
    sys.exit(failed)


main()
