package main

import (
	"bufio"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"harmonium/dataset"
	"harmonium/engine"
	"harmonium/rbm"
	"harmonium/rbm/likelihood"
	"harmonium/rbm/sample"
	"harmonium/rbm/train"
)

// The digests pin the bits of results from one commit to the next: of all tensors after 20
// updates by every algorithm, of chains, and of log Z in both directions. Every kernel set
// must give them. Where a change of bits is intended,
//
//	HARMONIUM_DIGESTS=write go test ./cmd/harmonium -run Digests
//
// makes the file anew; commit it by itself, with the reason in the message.
const (
	fileDigests     = "testdata/digests.txt"
	digestsVariable = "HARMONIUM_DIGESTS"
)

// digestUpdates and digestRows leave the last batch of an epoch short, and the epochs of
// the run incomplete.
const (
	digestUpdates = 20
	digestRows    = 90
	digestVisible = 75 // more than a panel of 64 columns, and more than a word of 64 states
	digestHidden  = 70
)

// digestSet is a data set of grey bytes with structure: rows of two kinds and noise.
func digestSet() *dataset.Set {
	random := rand.New(rand.NewPCG(7, 11))
	rows := &dataset.Rows{N: digestRows, V: digestVisible, Bytes: make([]uint8, digestRows*digestVisible)}
	for n := range rows.N {
		for i := range rows.V {
			grey := random.IntN(120)
			if (i/15+n)%2 == 0 {
				grey = 255 - grey
			}
			rows.Bytes[n*rows.V+i] = uint8(grey)
		}
	}
	return &dataset.Set{Name: "digest", Train: rows}
}

// digestCases are configurations by name, with every setting that matters given.
func digestCases() map[string]train.Config {
	cases := map[string]train.Config{}
	for _, algorithm := range []string{"cd", "pcd", "fpcd", "pt", "ptt"} {
		for _, center := range []bool{false, true} {
			for _, optimizer := range []string{"sgd", "nesterov", "adam"} {
				for _, sparsity := range []float64{0, 0.1} {
					c := train.Config{
						Hidden: digestHidden, Algorithm: algorithm, GibbsSteps: 2, Chains: 33,
						BatchSize: 40, Updates: digestUpdates, InitialDeviation: 0.01,
						Optimizer: optimizer, LearningRate: 0.05, Schedule: "linear", Hold: 0.3,
						Momentum: 0.5, FinalMomentum: 0.9, MomentumEpochs: 3,
						L1: 1e-5, L2: 1e-4, Center: center, Binarize: "dynamic", Seed: 5,
					}
					if algorithm == "cd" {
						c.Chains = 0
					}
					if algorithm == "pt" {
						c.Temperatures = 4
					}
					if algorithm == "fpcd" {
						c.FastRate = 0.02
					}
					if optimizer == "adam" {
						c.Momentum, c.FinalMomentum, c.LearningRate = 0, 0, 0.005
					}
					if sparsity > 0 {
						c.SparsityTarget, c.SparsityCost = sparsity, 0.2
					}
					cases[fmt.Sprintf("%s center=%v %s sparsity=%v", algorithm, center, optimizer, sparsity)] = c
				}
			}
		}
	}
	sliced := cases["pcd center=true sgd sparsity=0"] // sums over more rows than the 64 of a slice, see package kernels
	sliced.BatchSize, sliced.Chains = 90, 80
	cases["pcd of 90 rows and 80 chains"] = sliced
	tempered := cases["pt center=true sgd sparsity=0.1"]
	tempered.BatchSize, tempered.Chains = 90, 80
	cases["pt of 90 rows and 80 chains"] = tempered
	return cases
}

// digest is the SHA-256 of values in little-endian order.
func digest(t *testing.T, values any) string {
	t.Helper()
	h := sha256.New()
	if err := binary.Write(h, binary.LittleEndian, values); err != nil {
		t.Fatal(err)
	}
	return fmt.Sprintf("%x", h.Sum(nil))
}

// trainedDigest returns the digest of all tensors of a run's checkpoint.
func trainedDigest(t *testing.T, d engine.Device, c train.Config, data *dataset.Set) (sum string, m *rbm.Model) {
	t.Helper()
	trainer, err := train.New(c, data, d)
	if err != nil {
		t.Fatal(err)
	}
	for !trainer.Done() {
		if err := trainer.Train(context.Background(), digestUpdates); err != nil {
			t.Fatal(err)
		}
	}
	path := filepath.Join(t.TempDir(), fileCheckpoint)
	if err := trainer.Save(path, nil); err != nil {
		t.Fatal(err)
	}
	if m, err = trainer.Model(); err != nil {
		t.Fatal(err)
	}
	return digest(t, tensors(t, path)), m
}

// digests returns one line for each case: its name, a tab and its digest, in order.
func digests(t *testing.T) []string {
	t.Helper()
	device, err := engine.Open("cpu", 2)
	if err != nil {
		t.Fatal(err)
	}
	defer device.Close()
	ctx, data := context.Background(), digestSet()
	var lines []string
	add := func(name, sum string) { lines = append(lines, name+"\t"+sum) }
	for name, c := range digestCases() {
		sum, m := trainedDigest(t, device, c, data)
		add(name, sum)
		if name != "pcd center=true sgd sparsity=0" {
			continue
		}
		chains, err := sample.NewChains(m, device, sample.RandomVisible(m, 40, 3), nil, 3)
		if err != nil {
			t.Fatal(err)
		}
		if err := chains.Run(ctx, 50); err != nil {
			t.Fatal(err)
		}
		states, err := chains.Visible()
		if err != nil {
			t.Fatal(err)
		}
		add("chains after 50 steps", digest(t, states))
		config := likelihood.AISConfig{Runs: 40, Betas: likelihood.LinearBetas(200), Seed: 3}
		up, err := likelihood.AIS(ctx, m, device, config)
		if err != nil {
			t.Fatal(err)
		}
		add("log Z by AIS", digest(t, append(up.LogWeights, up.LogZ, up.Low, up.High)))
		down, err := likelihood.ReverseAIS(ctx, m, device, states, config)
		if err != nil {
			t.Fatal(err)
		}
		add("log Z by reverse AIS", digest(t, append(down.LogWeights, down.LogZ, down.Low, down.High)))
	}
	slices.Sort(lines)
	return lines
}

// TestDigests compares the digests of this process's kernel set with the file.
func TestDigests(t *testing.T) {
	slow(t)
	got := digests(t)
	if os.Getenv(digestsVariable) == "write" {
		if err := os.WriteFile(fileDigests, []byte(strings.Join(got, "\n")+"\n"), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	want := readDigests(t)
	if !slices.Equal(got, want) {
		for _, line := range got {
			if !slices.Contains(want, line) {
				t.Errorf("found %s, which %s does not hold", line, fileDigests)
			}
		}
		t.Errorf("found %d digests, %s holds %d", len(got), fileDigests, len(want))
	}
}

// TestDigestsOfEveryKernelSet runs TestDigests in a process of its own for each kernel set
// of the machine but the fastest, which is the last and the default.
func TestDigestsOfEveryKernelSet(t *testing.T) {
	if testing.Short() {
		t.Skip("a process for each kernel set")
	}
	if engine.HasCUDA {
		t.Skip("the build without a GPU has the same kernels of the host and runs this test")
	}
	sets := kernelSets(t)
	for _, name := range sets[:len(sets)-1] {
		t.Run(name, func(t *testing.T) {
			self, err := os.Executable()
			if err != nil {
				t.Fatal(err)
			}
			cmd := exec.Command(self, "-test.run", "^TestDigests$", "-test.v")
			cmd.Env = append(os.Environ(), "HARMONIUM_KERNELS="+name, digestsVariable+"=")
			output, err := cmd.CombinedOutput()
			if err != nil || !strings.Contains(string(output), "--- PASS: TestDigests") {
				t.Errorf("%v:\n%s", err, output)
			}
		})
	}
}

// kernelSets returns the names of the kernel sets of this machine, as the error for an
// unknown one lists them.
func kernelSets(t *testing.T) []string {
	t.Helper()
	cmd, _, stderr := process(t, "doctor")
	cmd.Env = append(cmd.Env, "HARMONIUM_KERNELS=none")
	if err := cmd.Run(); err == nil {
		t.Fatal("doctor accepts kernels that do not exist")
	}
	_, list, found := strings.Cut(stderr.String(), "want one of ")
	if !found {
		t.Fatalf("doctor: %s, want a list of kernel sets", stderr)
	}
	return strings.Split(strings.TrimSpace(list), ", ")
}

func readDigests(t *testing.T) []string {
	t.Helper()
	file, err := os.Open(fileDigests)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	var lines []string
	for s := bufio.NewScanner(file); s.Scan(); {
		lines = append(lines, s.Text())
	}
	return lines
}
