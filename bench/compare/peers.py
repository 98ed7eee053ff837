"""Measures one Python library: peers.py LIBRARY DIRECTORY.

Reads requests from standard input and answers on standard output, a line of JSON each
way; task.go describes them. The directory holds the training rows as bytes of 0 and 1
(N, 784) in rows-0.u8, as grey levels from 0 to 255 in rows-grey.u8, and rows of
sequences in files named by their alphabets.

Everything is written for speed: rows are contiguous slices made beforehand, results go
where they belong without temporaries where the library can, and the settings that matter
(threads, source of random numbers) are found by trying.
"""

import itertools
import json
import os
import sys
import time

VISIBLE = 784
SITES = 53  # of a row of sequences, each with a 1 for its letter
WARM_UP = 0.2  # seconds
RATE = 0.05  # learning rate; it has no part in the speed
GREY_RATE = 1e-4  # learning rate of variances, likewise


def thread_counts():
    """1, 2, 4, ... and the number of processors."""
    processors = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    counts = [1]
    while 2 * counts[-1] < processors:
        counts.append(2 * counts[-1])
    return sorted({*counts, processors})


def block(limit, calls, once):
    """Seconds per call, over a number of calls or until the limit has passed."""
    start = time.perf_counter()
    for n in range(1, calls + 1):
        once()
        spent = time.perf_counter() - start
        if spent >= limit:
            break
    return spent / n


def fastest(settings, seconds):
    """The setting with the smallest time, which seconds(setting) returns, of three
    tries in turn."""
    settings = list(settings)
    tries = [{s: seconds(s) for s in settings} for _ in range(3)]
    return min(settings, key=lambda s: min(t[s] for t in tries))


class Library:
    """The common part of the libraries: prepared tasks and their settings."""

    def __init__(self, directory):
        import numpy
        import threadpoolctl

        self.numpy = numpy
        self.pools = threadpoolctl
        self.directory = directory
        self.prepared = {}
        blas = [p for p in self.pools.threadpool_info() if p["user_api"] == "blas"]
        self.versions = {"python": sys.version.split()[0], "numpy": numpy.__version__}
        if blas:
            name = "{internal_api} {version} {architecture}".format(**{"architecture": "", **blas[0]})
            self.versions["blas"] = name.strip()
        elif self.needs_blas:
            raise ImportError("numpy has neither OpenBLAS nor MKL (Debian: libopenblas0)")

    needs_blas = True

    def rows(self, dtype, alphabet=0, gaussian=False):
        """Returns the states 0 or 1 of the training rows, or with gaussian their grey levels in [0, 1]."""
        path = os.path.join(self.directory, "rows-grey.u8" if gaussian else f"rows-{alphabet}.u8")
        values = self.numpy.fromfile(path, dtype=self.numpy.uint8)
        values = values.reshape(-1, SITES * alphabet if alphabet else VISIBLE).astype(dtype)
        return values / dtype(255) if gaussian else values

    def start(self, request):
        return self.numpy.load(request["start"] + ".npz")

    def blas_threads(self, threads):
        self.pools.threadpool_limits(limits=threads)

    def answer(self, request):
        key = json.dumps({k: v for k, v in request.items() if k not in ("blocks", "seconds")})
        if key not in self.prepared:
            self.prepared[key] = self.prepare(request)
        apply, once, units, calls, hidden, setting = self.prepared[key]
        apply()
        block(WARM_UP, calls, once)
        samples = [block(request["seconds"], calls, once) / units for _ in range(request["blocks"])]
        return {"samples": samples, "hidden": hidden, "setting": setting}

    def prepare(self, request):
        """Finds the best setting of a task. Returns what applies it, one call of the
        work, its units, calls per block, mean of the hidden units, and the setting."""
        make, settings, units, calls, hidden = self.task(request)

        def seconds(setting):
            make(setting)()
            return block(0.2, calls, make(setting))

        best = fastest(settings, seconds)
        once = make(best)
        named = ", ".join(f"{k} {v}" for k, v in zip(self.setting_names, best))
        return lambda: make(best), once, units, calls, hidden, named

    setting_names = ["threads"]


class Numpy(Library):
    """Dense products by numpy's BLAS."""

    def task(self, request):
        rng = self.numpy.random.default_rng(1)
        x = rng.random((request["batch"], VISIBLE), dtype=self.numpy.float32)
        w = rng.random((VISIBLE, request["columns"]), dtype=self.numpy.float32)
        z = x @ w

        def make(setting):
            self.blas_threads(setting[0])
            return lambda: self.numpy.dot(x, w, out=z)

        return make, [(t,) for t in thread_counts()], 1, sys.maxsize, 0.0


class Sklearn(Library):
    """BernoulliRBM, one minibatch at a time."""

    def __init__(self, directory):
        import sklearn
        from sklearn.neural_network import BernoulliRBM

        super().__init__(directory)
        self.model = BernoulliRBM
        self.versions["scikit-learn"] = sklearn.__version__

    def task(self, request):
        np = self.numpy
        dtype = np.dtype(request.get("precision", "float32"))
        batch = request["batch"]
        rows = self.rows(dtype)
        start = self.start(request)
        rng = np.random.RandomState(1)
        rbm = self.model(n_components=start["hidden_bias"].size, learning_rate=RATE, batch_size=batch)
        rbm.components_ = np.asarray(start["weights"].T, order="F", dtype=dtype)
        rbm.intercept_hidden_ = start["hidden_bias"].astype(dtype)
        rbm.intercept_visible_ = start["visible_bias"].astype(dtype)
        rbm.h_samples_ = np.zeros((batch, rbm.n_components), dtype=dtype)
        hidden = float(rbm._mean_hiddens(rows[:1000]).mean())
        batches = itertools.cycle(range(0, len(rows), batch))

        def once():
            first = next(batches)
            rbm._fit(rows[first : first + batch], rng)

        def make(setting):
            self.blas_threads(setting[0])
            return once

        return make, [(t,) for t in thread_counts()], batch, len(rows) // batch, hidden


class Torch(Library):
    """PCD-k written by hand, in eager mode."""

    needs_blas = False  # wheels have theirs inside
    setting_names = ["threads", "BLAS threads", "draws by", "letters by"]

    def __init__(self, directory):
        import torch

        super().__init__(directory)
        self.torch = torch
        self.versions["torch"] = torch.__version__
        torch.set_grad_enabled(False)
        torch.manual_seed(1)
        self.data = {}

    def task(self, request):
        torch = self.torch
        batch, steps, alphabet = request["batch"], request["steps"], request.get("alphabet", 0)
        gaussian = request.get("gaussian", False)
        if (alphabet, gaussian) not in self.data:
            self.data[alphabet, gaussian] = torch.from_numpy(self.rows(self.numpy.float32, alphabet, gaussian))
        rows = self.data[alphabet, gaussian]
        start = {k: torch.from_numpy(v) for k, v in self.start(request).items()}
        w, a, b = start["weights"], start["visible_bias"], start["hidden_bias"]
        chains = torch.zeros(batch, b.numel())
        hidden = float(torch.sigmoid(torch.addmm(b, rows[:1000], w)).mean())
        batches = itertools.cycle(range(0, len(rows), batch))
        draws = {
            "bernoulli": torch.bernoulli,
            "rand": lambda p: (torch.rand_like(p) < p).float(),
        }

        def one_hot(letters):
            return torch.zeros(batch * SITES, alphabet).scatter_(1, letters, 1).view(batch, -1)

        def multinomial(z):
            return one_hot(torch.multinomial(torch.softmax(z.view(-1, alphabet), 1), 1))

        def gumbel(z):
            noise = torch.empty_like(z).exponential_().log_()  # -noise is Gumbel noise
            return one_hot((z - noise).view(-1, alphabet).argmax(1, keepdim=True))

        def cumulative(z):
            sums = torch.softmax(z.view(-1, alphabet), 1).cumsum_(1)
            level = torch.rand(len(sums), 1) * sums[:, -1:]  # rounding leaves the last sum near 1
            return one_hot((sums <= level).sum(1, keepdim=True).clamp_(max=alphabet - 1))

        log_variance = torch.zeros(VISIBLE)

        def normal(z):  # of the mean z·variance and the variance
            return torch.addcmul(z * log_variance.exp(), torch.randn_like(z), (0.5 * log_variance).exp())

        visible_draws = {"multinomial": multinomial, "gumbel": gumbel, "cumulative": cumulative} if alphabet else {"": None}

        def update(draw, draw_visible):
            nonlocal chains
            first = next(batches)
            v = rows[first : first + batch]
            p = torch.addmm(b, v, w).sigmoid_()
            for _ in range(steps):
                z = torch.addmm(a, chains, w.t())
                v_model = normal(z) if gaussian else draw_visible(z) if alphabet else draw(z.sigmoid_())
                p_model = torch.addmm(b, v_model, w).sigmoid_()
                chains = draw(p_model)
            w.addmm_(v.t(), p, alpha=RATE / batch)
            w.addmm_(v_model.t(), p_model, alpha=-RATE / batch)
            a.add_(v.mean(0) - v_model.mean(0), alpha=RATE)
            b.add_(p.mean(0) - p_model.mean(0), alpha=RATE)
            if gaussian:
                slope = (v * v).mean(0) - (v_model * v_model).mean(0)
                log_variance.addcmul_(slope, (-log_variance).exp(), value=0.5 * GREY_RATE).clamp_(-5, 2)

        def make(setting):
            threads, blas, name, visible_name = setting
            self.blas_threads(blas)
            torch.set_num_threads(threads)
            return lambda: update(draws[name], visible_draws[visible_name])

        settings = itertools.product(thread_counts(), thread_counts(), draws, visible_draws)
        return make, settings, batch, len(rows) // batch, hidden


LIBRARIES = {"numpy": Numpy, "sklearn": Sklearn, "torch": Torch}


def main():
    out = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # what libraries print does not mix with answers

    def say(line):
        out.write(json.dumps(line) + "\n")
        out.flush()

    try:
        library = LIBRARIES[sys.argv[1]](sys.argv[2])
    except ImportError as e:
        say({"error": str(e)})
        return
    say({"versions": library.versions})
    for line in sys.stdin:
        try:
            say(library.answer(json.loads(line)))
        except Exception as e:  # goes to whoever asked
            say({"error": f"{type(e).__name__}: {e}"})


main()
