// Command kit measures harmonium on a machine that has a GPU and its driver, but neither Go nor a compiler nor a
// network. On a machine with Go and the CUDA toolkit,
//
//	go run ./bench/kit build        # writes harmonium-kit.tar.gz
//
// writes an archive of programs and data to copy. On the machine with the GPU,
//
//	tar xzf harmonium-kit.tar.gz
//	harmonium-kit/run               # at most 8 minutes; writes kit.json and kit.md
//
// tests harmonium on the GPU and measures updates, products and training runs. If a Python there has PyTorch for
// the GPU, its updates are measured beside them. A machine that has Go, the toolkit and a GPU does all of it by
//
//	go run ./bench/kit measure
//
// Reading order: main.go; build.go, the archive, with pack.go; steps.go, what is measured; run.go; machine.go,
// what the page says of the machine; peers.py, PyTorch; figures.go, from output to numbers; report.go.
package main
