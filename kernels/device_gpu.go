//go:build gpu

package kernels

import (
	"cmp"
	"errors"
	"fmt"
	"runtime"
	"sync"
	"unsafe"

	"gorgonia.org/cu"
)

// GPU runs the CUDA kernels on one NVIDIA GPU. It owns a context, a stream for launches and one
// for copies (see [Ring]), the modules of the embedded PTX and a cuBLAS handle.
//
// One locked OS thread makes all driver calls, in the order of the method calls. A method that
// launches returns before the launch is done; the next method that waits returns the errors of
// the device. One goroutine at a time may use a GPU.
type GPU struct {
	// Properties of the device.
	Device       string
	Major, Minor int    // compute capability
	Memory       int64  // in bytes
	BLAS         string // path of the cuBLAS in use
	ID           string // of this very card

	work      chan func() error
	done      chan error
	context   cu.CUContext
	device    cu.Device
	primary   bool // the context is the primary one of the device, which other libraries use too
	stream    cu.Stream
	copies    cu.Stream
	beside    cu.Stream // of the branches of captured graphs
	branched  bool      // captured launches go to a branch
	modules   []cu.Module
	functions map[string]cu.Function
	blas      *blas
	blocks    int // limit for the blocks of a grid
	capturing bool
	closed    bool
	counts    Counts
	timing    *timing // of launches that are captured now; or nil
	timers    []timer // the events of all timings so far
	forks     timer   // the event that bounds branches

	slabs  map[cu.DevicePtr]int64 // size in bytes
	arena  *slab                  // where Alloc takes pieces after Reserve
	graphs map[executable]bool
	rings  map[*ringHost]bool
	pinned map[*Pinned]bool

	lock           sync.Mutex // guards the garbage lists
	releasedSlabs  []cu.DevicePtr
	releasedGraphs []executable
	releasedRings  []*ringHost
}

// Counts holds the numbers of requests made to a GPU.
type Counts struct {
	Calls      int   // launches by the host: kernels, products, copies on the device, graphs
	Graphs     int   // launches of captured graphs, which are also in Calls
	Syncs      int   // times the host waited for the device
	Uploaded   int64 // bytes
	Downloaded int64 // bytes
}

// Counts returns the numbers of requests since the GPU was opened.
func (g *GPU) Counts() Counts { return g.counts }

// blocksAtMost limits the blocks of a grid. It is more than any card runs at a time.
const blocksAtMost = 1 << 16

// OpenGPU returns the first GPU. It returns an error if there is no GPU, if the GPU is too old
// for the kernels, or if the driver fails.
func OpenGPU() (*GPU, error) { return OpenGPUFor(0, false) }

// OpenGPUFor returns the GPU of a process with a number among those of this machine, which take the GPUs in turn. If
// primary, it computes in the primary context of the device, in which other libraries can use its memory and its
// stream.
func OpenGPUFor(process int, primary bool) (*GPU, error) {
	g := &GPU{
		primary: primary, pinned: map[*Pinned]bool{},
		work: make(chan func() error), done: make(chan error),
		functions: map[string]cu.Function{}, slabs: map[cu.DevicePtr]int64{}, graphs: map[executable]bool{},
		rings: map[*ringHost]bool{}, blocks: blocksAtMost,
	}
	go g.serve()
	if err := g.do(func() error { return g.open(process) }); err != nil {
		g.Close()
		return nil, err
	}
	return g, nil
}

// serve makes the driver calls, on its own OS thread.
func (g *GPU) serve() {
	runtime.LockOSThread()
	for f := range g.work {
		g.done <- f()
	}
	runtime.UnlockOSThread()
}

func (g *GPU) do(f func() error) error {
	if g.closed {
		return errors.New("the device is closed")
	}
	g.work <- f
	return <-g.done
}

func (g *GPU) open(process int) error {
	count, err := cu.NumDevices()
	if err != nil || count == 0 {
		return fmt.Errorf("kernels: cuda: %d devices, want at least 1 (%v)", count, err)
	}
	number := process % count
	device, err := cu.GetDevice(number)
	if err != nil {
		return fmt.Errorf("kernels: cuda: device %d: %w", number, err)
	}
	name, err1 := device.Name()
	major, err2 := device.Attribute(cu.ComputeCapabilityMajor)
	minor, err3 := device.Attribute(cu.ComputeCapabilityMinor)
	memory, err4 := device.TotalMem()
	id, err5 := device.UUID()
	if err := cmp.Or(err1, err2, err3, err4, err5); err != nil {
		return fmt.Errorf("kernels: cuda: device %d: %w", number, err)
	}
	g.Device, g.Major, g.Minor, g.Memory, g.ID, g.device = name, major, minor, memory, id.String(), device
	if major < 7 {
		return fmt.Errorf("kernels: cuda: %s has compute capability %d.%d, want at least 7.0", name, major, minor)
	}
	if err := g.enter(); err != nil {
		return fmt.Errorf("kernels: cuda: context on %s: %w", name, err)
	}
	for _, stream := range []*cu.Stream{&g.stream, &g.copies, &g.beside} {
		if *stream, err = cu.MakeStream(cu.NonBlocking); err != nil {
			return fmt.Errorf("kernels: cuda: stream on %s: %w", name, err)
		}
	}
	if err := g.openBranches(); err != nil {
		return err
	}
	if err := g.loadModules(); err != nil {
		return err
	}
	g.blas, err = g.openBLAS(blasFiles())
	return err
}

// enter makes a context current on this thread.
func (g *GPU) enter() (err error) {
	if !g.primary {
		g.context, err = g.device.MakeContext(cu.SchedAuto)
		return err
	}
	if g.context, err = g.device.RetainPrimaryCtx(); err != nil {
		return err
	}
	return cu.SetCurrentContext(g.context)
}

func (g *GPU) leave() error {
	if g.primary {
		return g.device.ReleasePrimaryCtx()
	}
	return g.context.Destroy()
}

// Close frees all memory and handles on the device. Afterwards every other call is an error.
func (g *GPU) Close() error {
	if g.closed {
		return nil
	}
	err := g.do(g.free)
	g.closed = true
	close(g.work)
	return err
}

func (g *GPU) free() error {
	if g.context == (cu.CUContext{}) {
		return nil
	}
	var errs []error
	for _, stream := range []*cu.Stream{&g.stream, &g.copies, &g.beside} {
		if *stream != (cu.Stream{}) {
			errs = append(errs, stream.Synchronize())
		}
	}
	if g.blas != nil {
		errs = append(errs, g.blas.close())
	}
	for _, m := range g.modules {
		errs = append(errs, m.Unload())
	}
	for e := range g.graphs {
		errs = append(errs, e.free())
	}
	for h := range g.rings {
		errs = append(errs, h.free())
	}
	for p := range g.pinned {
		errs = append(errs, p.free())
	}
	for _, t := range append(g.timers, g.forks) {
		errs = append(errs, t.free())
	}
	for pointer := range g.slabs {
		errs = append(errs, cu.MemFree(pointer))
	}
	for _, stream := range []*cu.Stream{&g.stream, &g.copies, &g.beside} {
		if *stream != (cu.Stream{}) {
			errs = append(errs, stream.Destroy())
		}
	}
	if err := errors.Join(append(errs, g.leave())...); err != nil {
		return fmt.Errorf("kernels: cuda: close: %w", err)
	}
	return nil
}

// Sync waits for all launches.
func (g *GPU) Sync() error { return g.do(g.sync) }

func (g *GPU) sync() error {
	g.counts.Syncs++
	if err := g.stream.Synchronize(); err != nil {
		return fmt.Errorf("kernels: cuda: %s: while waiting: %w", g.Device, err)
	}
	return nil
}

// Upload copies src to the device. It waits until the copy and all earlier launches are done.
func (g *GPU) Upload(dst Address, src []byte) error {
	return g.transfer(src, "to", &g.counts.Uploaded, func(host unsafe.Pointer, size int64) error {
		return cu.MemcpyHtoDAsync(cu.DevicePtr(dst), host, size, g.stream)
	})
}

// Download waits for all launches and then copies from the device to dst.
func (g *GPU) Download(dst []byte, src Address) error {
	return g.transfer(dst, "from", &g.counts.Downloaded, func(host unsafe.Pointer, size int64) error {
		return cu.MemcpyDtoHAsync(host, cu.DevicePtr(src), size, g.stream)
	})
}

// transfer starts a copy between host and device and waits for it.
func (g *GPU) transfer(host []byte, direction string, counted *int64, start func(unsafe.Pointer, int64) error) error {
	if len(host) == 0 {
		return nil
	}
	return g.do(func() error {
		var pinner runtime.Pinner
		defer pinner.Unpin()
		pinner.Pin(&host[0])
		*counted += int64(len(host))
		if err := start(unsafe.Pointer(&host[0]), int64(len(host))); err != nil {
			return fmt.Errorf("kernels: cuda: copy of %d bytes %s the device: %w", len(host), direction, err)
		}
		return g.sync()
	})
}

// Copy launches a copy of bytes bytes within the device.
func (g *GPU) Copy(dst, src Address, bytes int) error {
	if bytes == 0 {
		return nil
	}
	return g.do(func() error {
		if err := errors.Join(g.onLine(), g.starts("copy")); err != nil {
			return err
		}
		if err := cu.MemcpyDtoDAsync(cu.DevicePtr(dst), cu.DevicePtr(src), int64(bytes), g.stream); err != nil {
			return fmt.Errorf("kernels: cuda: copy of %d bytes on the device: %w", bytes, err)
		}
		return nil
	})
}

// starts counts a launch that comes next, or lets the graph that is being captured take its time.
func (g *GPU) starts(launch string) error {
	if !g.capturing {
		g.counts.Calls++
		return nil
	}
	return g.time(launch)
}
