// Command kit measures harmonium on a machine that has a GPU and its driver, and nothing else:
// neither Go nor a compiler nor a network.
//
//	go run ./bench/kit build        # here, with the CUDA toolkit: writes harmonium-kit.tar.gz
//
//	tar xzf harmonium-kit.tar.gz    # there
//	harmonium-kit/run               # at most 8 minutes; writes kit.json and kit.md
//
//	go run ./bench/kit measure      # both on one machine that has all of it
//
// Reading order: main.go, build.go (the archive) with pack.go, steps.go (what is
// measured), run.go, machine.go, peers.go with peers.py, figures.go, report.go.
package main
