//go:build gpu

package engine

import (
	"errors"
	"fmt"
	"math"
	"os"
	"strings"
	"testing"

	"gorgonia.org/gorgonia"
)

// openCUDAFor opens the GPU with a precision, "" for the default, and closes it at the end of the test.
func openCUDAFor(t testing.TB, precision string) Device {
	t.Helper()
	d, err := OpenWith(Options{Device: "cuda", Precision: precision})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := d.Close(); err != nil {
			t.Error(err)
		}
	})
	return d
}

// TestFusingAndRecordingChangeNothing: graphs of 60 random ops, the update of a centered gradient and three Gibbs
// steps give the same bits whether their ops are launched one by one, or fused and recorded, in every precision.
func TestFusingAndRecordingChangeNothing(t *testing.T) {
	fused := map[string]int{}
	graphs := uint64(12)
	if testing.Short() {
		graphs = 4
	}
	for _, precision := range []string{"f32", "tf32", "bf16", "bf16x2"} {
		device := openCUDAFor(t, precision)
		for seed := range graphs {
			m := newMaker(t, dimensions[1+seed%3], seed) // all but layers of a single unit
			for range 60 {
				m.grow()
			}
			m.centered(seed)
			// The Gibbs steps. Visible states and hidden means may also be read after the run.
			h := m.hidden.states[0]
			for step := range uint32(3) {
				zv := NewReducedField(h, m.weights[0], m.visible.biases[0], m.hidden.units, true)
				v := NewSample(zv, m.clk, m.visible.units, Path{}, Draw{Stream: 9, Step: step})
				z := NewReducedField(v, m.weights[0], m.hidden.biases[0], m.visible.units, false)
				p := NewMean(z, m.hidden.units, Path{})
				h = NewSample(z, m.clk, m.hidden.units, Path{}, Draw{Stream: 8, Step: step})
				m.hidden.means, m.visible.states = append(m.hidden.means, p), append(m.visible.states, v)
			}
			Assign(m.hidden.states[1], h)
			m.assign(m.hidden.biases)
			m.assign(m.weights)
			m.assign(m.visible.states)
			Assign(m.clk, NewTick(m.clk))
			// The first nodes of each list are variables.
			keep := []*gorgonia.Node{pick(m.random, m.hidden.means[1:]), pick(m.random, m.visible.states[2:])}
			for op, count := range m.sameOn(oneByOne{device}, device, fmt.Sprintf("%s, seed %d", precision, seed), keep...) {
				fused[op] += count
			}
		}
	}
	for _, op := range []any{&activation{}, twoLayers{}, dots{}, layers{}, &stepsTable{}} {
		if name := fmt.Sprintf("%T", op); fused[name] == 0 {
			t.Errorf("no launch of a %s, so this does not test it", name)
		}
	}
}

// TestCopiesBesideBranches: an update along the gradient of selected chains, which have no copy in
// bfloat16 yet when launches on a branch and beside it read them, leaves the bits of launches one by one.
func TestCopiesBesideBranches(t *testing.T) {
	for _, precision := range []string{"f32", "tf32", "bf16", "bf16x2"} {
		device := openCUDAFor(t, precision)
		const seed = 2 // with which centered selects chains
		m := newMaker(t, [3]int{9, 9, 9}, seed)
		m.centered(seed)
		Assign(m.weights[0], m.weights[2]) // the new weights
		Assign(m.clk, NewTick(m.clk))
		m.sameOn(oneByOne{device}, device, precision)
	}
}

// TestFaultsOnCUDA: the next wait returns the fault of an update once, with the parameter and the
// number of the update. The clock counts updates from 0, and a Fault from 1: the first run is update 8, and
// the first of the three runs after it, which gets a bad gradient, is update 9.
func TestFaultsOnCUDA(t *testing.T) {
	d := openCUDAFor(t, "f32")
	f := newFixture(t, 1, 2, 3)
	w := f.reals("weights", 1, f.V, f.H)
	clock := f.clock(7, 0, 0)
	gradient := f.variable("gradient", make([]float32, 6), f.V, f.H)
	rates := f.variable("rates", []float32{1, 0, 1, 0, 1, 0, 1, 0}, 4, 2) // learning rate 1 and momentum 0 in each of 4 runs
	Assign(w, NewAscend(w, w, gradient, rates, clock, Ascend{}))
	Assign(clock, NewTick(clock))
	s := f.state(d)
	plan, err := Compile(f.graph, s)
	if err != nil {
		t.Fatal(err)
	}
	run := func() {
		t.Helper()
		if err := plan.Run(); err != nil {
			t.Fatal(err)
		}
	}
	run()
	if err := d.Sync(); err != nil {
		t.Fatal(err)
	}
	if err := s.Set("gradient", []float32{0, 0, 0, 0, float32(math.Inf(-1)), 0}); err != nil {
		t.Fatal(err)
	}
	for range 3 {
		run()
	}
	err = d.Sync()
	fault := (*Fault)(nil)
	if !errors.As(err, &fault) {
		t.Fatalf("got %v, want a fault", err)
	}
	if fault.Index != 4 || fault.Update != 9 || !math.IsInf(float64(fault.Value), -1) {
		t.Errorf("got %+v, want -Inf at index 4 by update 9", fault)
	}
	if want := "weights (2, 3): element [1,1] became -Inf"; !strings.Contains(err.Error(), want) {
		t.Errorf("got %q, want it to say %q", err, want)
	}
	if err := d.Sync(); err != nil {
		t.Errorf("the second wait: got %v, want nothing", err)
	}
}

// TestMemoryOfAPlanIsReserved: Compile allocates the buffers of all nodes to keep at once, and the error
// says what was needed if they do not fit. The variables have shapes, but no memory.
func TestMemoryOfAPlanIsReserved(t *testing.T) {
	d := openCUDAFor(t, "f32")
	f := newFixture(t, 1, 1, 1)
	s := NewState(d)
	for _, v := range []struct {
		name  string
		shape []int
	}{{"h", []int{1, 8}}, {"w", []int{1 << 27, 8}}, {"a", []int{1 << 27}}} {
		n := gorgonia.NewTensor(f.graph, gorgonia.Float32, len(v.shape), gorgonia.WithShape(v.shape...), gorgonia.WithName(v.name))
		f.nodes[v.name] = n
		s.variables[v.name] = &cudaBuffer{of: n.Dtype(), shape: n.Shape()}
	}
	z := NewVisibleField(f.nodes["h"], f.nodes["w"], f.nodes["a"], nil)
	var keep []*gorgonia.Node
	for range d.(*cuda).gpu.Memory/(1<<29) + 1 { // one more mean of 512 MiB than fit into the memory
		z = NewMean(z, nil, Path{})
		keep = append(keep, z)
	}
	_, err := Compile(f.graph, s, keep...)
	if err == nil {
		t.Fatal("got no error")
	}
	for _, want := range []string{"engine: the plan's buffers", "out of memory", "needed", "free of", "lower the batch size"} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("got %q, want it to say %q", err, want)
		}
	}
}

// TestExamineGPU: each missing part of a GPU is one line that states what was found and what is
// needed.
func TestExamineGPU(t *testing.T) {
	if os.Getenv("CUDASIM_BUILD") == "" {
		t.Skip("not under kernels/cudasim/run: the card is what it is")
	}
	name, blas, nccl, missing := examineGPU()
	if want := "cuda (CUDA simulator, compute capability 8.0, 2 GiB"; !strings.HasPrefix(name, want) {
		t.Errorf("name: got %q, want %q at its beginning", name, want)
	}
	if want := "libcublas.so"; !strings.Contains(blas, want) {
		t.Errorf("cuBLAS: got %q, want %q in it", blas, want)
	}
	if want := "no libnccl.so.2"; !strings.HasPrefix(nccl, want) {
		t.Errorf("NCCL: got %q, want %q at its beginning", nccl, want)
	}
	if len(missing) > 0 {
		t.Errorf("missing: got %q, want nothing", missing)
	}
	for _, test := range []struct{ setting, value, want string }{
		{"CUDASIM_DEVICES", "0", "0 devices, want at least 1"},
		{"CUDASIM_CAPABILITY", "6.1", "CUDA simulator has compute capability 6.1, want at least 7.0"},
		{"CUDASIM_MEMORY", "20M",
			"workspace of cublas: kernels: cuda: out of memory: 32.0 MiB needed, 20.0 MiB free of 20.0 MiB on CUDA simulator"},
	} {
		t.Run(test.setting, func(t *testing.T) {
			t.Setenv(test.setting, test.value)
			name, _, _, missing := examineGPU()
			if name != "" || len(missing) != 1 || !strings.Contains(missing[0], test.want) || strings.Contains(missing[0], "\n") {
				t.Errorf("got %q and %q, want one line that says %q", name, missing, test.want)
			}
		})
	}
}

// TestVariableOutOfMemory: the error of a variable that does not fit states how much was needed, how much was free, and
// what to lower.
func TestVariableOutOfMemory(t *testing.T) {
	s := NewState(openCUDAFor(t, "f32"))
	var err error
	for n := 0; err == nil; n++ { // until the memory is full; each takes 8 GiB
		err = s.Add(fmt.Sprint("w", n), gorgonia.Float64, 1<<14, 1<<16)
	}
	for _, want := range []string{
		"engine: variable w", "float64 (16384, 65536)", "out of memory: 8192.0 MiB needed", "free of",
		"lower the batch size, the number of chains or of hidden units",
	} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("got %q, want it to say %q", err, want)
		}
	}
}

// TestPrecisions: a device names its precision, and a device that is opened alone has the same one. The default is
// tf32 (on a GPU from compute capability 8.0 on), and "auto" selects the GPU.
func TestPrecisions(t *testing.T) {
	for _, precision := range []string{"f32", "tf32", "bf16", "bf16x2"} {
		d := openCUDAFor(t, precision)
		if got := d.Name(); !strings.HasSuffix(got, ", "+precision+")") {
			t.Errorf("got %q, want it to name %s", got, precision)
		}
		alone, err := OpenAlone(d, 1)
		if err != nil {
			t.Fatal(err)
		}
		if got, want := alone.Name(), d.Name(); got != want {
			t.Errorf("alone: got %q, want %q", got, want)
		}
		if err := alone.Close(); err != nil {
			t.Error(err)
		}
	}
	if got := openCUDAFor(t, "").Name(); !strings.Contains(got, "tf32") {
		t.Errorf("got %q, want the default, tf32", got)
	}
	d, err := Open("auto", 0)
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	if got := d.Name(); !strings.HasPrefix(got, "cuda") {
		t.Errorf("auto: got %q, want the GPU", got)
	}
}
