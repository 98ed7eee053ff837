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
	ID           string // UUID of the card, which differs between cards of one model

	work      chan func() error // driver calls for serve
	done      chan error        // result of each of them
	context   cu.CUContext
	device    cu.Device
	primary   bool // the context is the primary one of the device, which other libraries use too
	stream    cu.Stream
	copies    cu.Stream              // for the copies of Rings
	beside    cu.Stream              // for the branches of graphs during a capture, see Fork
	branched  bool                   // captured kernels go to beside instead of stream
	modules   []cu.Module            // one for each PTX file
	functions map[string]cu.Function // kernels by name
	blas      *blas
	blocks    int  // largest number of blocks of a grid; a kernel loops where it has more items
	capturing bool // launches are recorded as a graph instead of run, see Capture
	closed    bool
	counts    Counts
	timing    *timing // of the launches that are captured now; nil if no times are taken, see StartTiming
	timers    []timer // events of all timings and stopwatches so far, which live as long as the GPU
	forks     timer   // event at which a branch begins or ends

	// What Close still has to free.
	slabs  map[cu.DevicePtr]bool // memory of the device
	graphs map[executable]bool
	rings  map[*ringHost]bool
	pinned map[*Pinned]bool

	arena *slab // the slab from which Alloc takes pieces after Reserve, or nil

	// What has become garbage since the last reclaim. The garbage collector fills the lists.
	lock           sync.Mutex // guards the lists
	releasedSlabs  []cu.DevicePtr
	releasedGraphs []executable
	releasedRings  []*ringHost
}

// Counts holds the numbers of requests made to a GPU.
type Counts struct {
	Calls      int   // launches by the host: kernels, products, zeroing, copies on the device or of Pinned memory, graphs
	Graphs     int   // launches of captured graphs, which are also in Calls
	Syncs      int   // times the host waited for the device
	Uploaded   int64 // bytes copied to the device
	Downloaded int64 // bytes copied from the device
}

// Counts returns the numbers of requests since the GPU was opened.
func (g *GPU) Counts() Counts { return g.counts }

// blocksAtMost is the largest number of blocks of a grid. It is more than any card runs at a time, so that
// no multiprocessor lacks a block. Tests set smaller limits.
const blocksAtMost = 1 << 16

// OpenGPU returns the first GPU. It returns an error if there is no GPU, if the GPU is too old
// for the kernels, or if the driver fails.
func OpenGPU() (*GPU, error) { return OpenGPUFor(0, false) }

// OpenGPUFor returns the GPU for one of several processes on this machine, which are numbered from 0: of n GPUs,
// process p has GPU p%n. If primary, the GPU computes in the primary context of the device, so that other
// libraries can use its memory and its stream. It fails as [OpenGPU] does.
func OpenGPUFor(process int, primary bool) (*GPU, error) {
	g := &GPU{
		primary: primary, pinned: map[*Pinned]bool{},
		work: make(chan func() error), done: make(chan error),
		functions: map[string]cu.Function{}, slabs: map[cu.DevicePtr]bool{}, graphs: map[executable]bool{},
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

// do runs f on the thread of the driver calls and returns its error. f must not call do, which would wait for
// itself.
func (g *GPU) do(f func() error) error {
	if g.closed {
		return errors.New("the device is closed")
	}
	g.work <- f
	return <-g.done
}

// open fills in what GPU holds. After an error, Close frees the part that is there.
func (g *GPU) open(process int) error {
	count, err := cu.NumDevices()
	if err != nil || count == 0 {
		return fmt.Errorf("kernels: cuda: %d devices, want at least 1 (%v)", count, err)
	}
	ordinal := process % count
	device, err := cu.GetDevice(ordinal)
	if err != nil {
		return fmt.Errorf("kernels: cuda: device %d: %w", ordinal, err)
	}
	name, err1 := device.Name()
	major, err2 := device.Attribute(cu.ComputeCapabilityMajor)
	minor, err3 := device.Attribute(cu.ComputeCapabilityMinor)
	memory, err4 := device.TotalMem()
	id, err5 := device.UUID()
	if err := cmp.Or(err1, err2, err3, err4, err5); err != nil {
		return fmt.Errorf("kernels: cuda: device %d: %w", ordinal, err)
	}
	g.Device, g.Major, g.Minor, g.Memory, g.ID, g.device = name, major, minor, memory, id.String(), device
	if major < 7 { // the PTX is for compute capability 7.0
		return fmt.Errorf("kernels: cuda: %s has compute capability %d.%d, want at least 7.0", name, major, minor)
	}
	if err := g.enter(); err != nil {
		return fmt.Errorf("kernels: cuda: context on %s: %w", name, err)
	}
	for _, stream := range []*cu.Stream{&g.stream, &g.copies, &g.beside} {
		if *stream, err = cu.MakeStream(cu.NonBlocking); err != nil { // does not wait for the default stream
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

// enter gets the context and makes it current on the thread of serve, which runs it.
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

// leave gives the context back.
func (g *GPU) leave() error {
	if g.primary {
		return g.device.ReleasePrimaryCtx()
	}
	return g.context.Destroy()
}

// Close frees all memory and handles on the device. Afterwards every call that needs the device returns an
// error.
func (g *GPU) Close() error {
	if g.closed {
		return nil
	}
	err := g.do(g.free)
	g.closed = true
	close(g.work)
	return err
}

// free waits for all streams and then frees everything. It does so also after an error, and returns all errors.
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

// Sync waits for all launches, but not for the copies of Rings.
func (g *GPU) Sync() error { return g.do(g.sync) }

// sync is Sync for callers on the thread of the driver calls.
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

// transfer starts a copy between the slice host and the device and waits for it. It adds the bytes to counted.
// direction, "to" or "from", is for errors.
func (g *GPU) transfer(host []byte, direction string, counted *int64, start func(unsafe.Pointer, int64) error) error {
	if len(host) == 0 {
		return nil
	}
	return g.do(func() error {
		var pinner runtime.Pinner // the driver uses the address after start returns
		defer pinner.Unpin()
		pinner.Pin(&host[0])
		*counted += int64(len(host))
		if err := start(unsafe.Pointer(&host[0]), int64(len(host))); err != nil {
			return fmt.Errorf("kernels: cuda: copy of %d bytes %s the device: %w", len(host), direction, err)
		}
		return g.sync()
	})
}

// Copy launches a copy of the given number of bytes within the device. It must not be on a branch.
func (g *GPU) Copy(dst, src Address, bytes int) error {
	if bytes == 0 {
		return nil
	}
	return g.do(func() error {
		if err := errors.Join(g.offBranch(), g.starts("copy")); err != nil {
			return err
		}
		if err := cu.MemcpyDtoDAsync(cu.DevicePtr(dst), cu.DevicePtr(src), int64(bytes), g.stream); err != nil {
			return fmt.Errorf("kernels: cuda: copy of %d bytes on the device: %w", bytes, err)
		}
		return nil
	})
}

// starts is called with the name of a launch right before every launch. It counts a launch that runs. Before a
// launch that is captured it records the event that begins its time in the graph, if times are taken.
func (g *GPU) starts(launch string) error {
	if !g.capturing {
		g.counts.Calls++
		return nil
	}
	return g.time(launch)
}
