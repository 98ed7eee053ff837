package engine

import "harmonium/kernels"

// hostTask is what remains of a launch after its preparation: run, which the threads share, and done,
// which the caller makes when all pieces have run.
type hostTask interface {
	task
	done() error
}

// nothing is embedded by tasks that have nothing left to do when all pieces have run.
type nothing struct{}

func (nothing) done() error { return nil }

// gathered holds launches that run at the same time.
type gathered struct {
	on     bool // the launch that begins is one of several
	launch int  // index of the launch that begins
	jobs   []job
	tasks  []hostTask // one for each job
	owners []int      // index of the launch of each task
}

// start runs the shared part of a launch, or queues it if launches are gathered.
func (h *host) start(t hostTask, size, group int) error {
	return h.startJob(t, job{task: t, size: size, group: group, whole: 1})
}

// startElements is start for the elements of a matrix, numbered panel by panel. It prefers to
// give threads whole panels, since two threads that share a panel read the same weights.
func (h *host) startElements(t hostTask, rows, columns int) error {
	return h.startJob(t, job{task: t, size: rows * columns, group: 1, whole: rows * kernels.PanelWidth})
}

// startLoose is start for a task that reads and leaves nothing useful in the cache of a core, so that any thread may
// run any part of it (see job).
func (h *host) startLoose(t hostTask, size, group int) error {
	return h.startJob(t, job{task: t, size: size, group: group, whole: 1, loose: true})
}

func (h *host) startJob(t hostTask, j job) error {
	g := &h.gathered
	g.jobs = append(g.jobs, j)
	g.tasks, g.owners = append(g.tasks, t), append(g.owners, g.launch)
	if g.on {
		return nil
	}
	_, err := h.finish()
	return err
}

// finish runs everything queued. It returns the first error and the index of its launch.
func (h *host) finish() (failed int, err error) {
	g := &h.gathered
	h.pool.runAll(g.jobs)
	for i, t := range g.tasks {
		if e := t.done(); e != nil && err == nil {
			failed, err = g.owners[i], e
		}
	}
	h.emptyQueue()
	return failed, err
}

func (h *host) emptyQueue() {
	g := &h.gathered
	g.jobs, g.tasks, g.owners = g.jobs[:0], g.tasks[:0], g.owners[:0]
	g.launch = 0
	h.tasks.free()
}

// gather makes independent launches, after which the threads wait for each other only once. All
// launches are prepared before any of their tasks runs.
func (h *host) gather(launches []launch) (failed int, err error) {
	g := &h.gathered
	g.on = true
	for i := range launches {
		g.launch = i
		if err = h.launch(launches[i].op, launches[i].out, launches[i].in); err != nil {
			failed = i
			break
		}
	}
	g.on = false
	if err != nil {
		h.emptyQueue()
		return failed, err
	}
	return h.finish()
}

// taskList holds tasks of one type, as many as have been gathered at a time.
type taskList[T any] struct {
	all  []*T
	used int
}

// next returns a free task, in the state in which an earlier launch left it. A launch fills in
// the fields and allocates nothing.
func (l *taskList[T]) next() *T {
	if l.used == len(l.all) {
		l.all = append(l.all, new(T))
	}
	l.used++
	return l.all[l.used-1]
}

// tasks holds a list for each type of task that is queued, and the tasks that run at once, one at a time.
type tasks struct {
	rows       taskList[rowsTask]
	activation taskList[activationTask]
	rowSums    taskList[rowSumsTask]
	columns    taskList[columnsTask]
	gradient   taskList[gradientTask]
	ascend     taskList[ascendTask]
	optimizer  taskList[optimizerTask]
	ladder     taskList[ladderTask]
	monitor    taskList[monitorTask]
	sparsity   taskList[sparsityTask]
	penalty    taskList[penaltyTask]
	scale      taskList[scaleTask]
	sweep      taskList[sweepTask]
	pairs      taskList[pairTask]
	pairMoves  taskList[pairMoveTask]
	reals      taskList[realsTask]
	realSum    taskList[realSumTask]
	realWeight taskList[realWeightTask]
	realSlope  taskList[realSlopeTask]
	zeroSum    taskList[zeroSumTask]

	pack  packTask
	block blockTask
	worth worthTask
}

// free makes all tasks of the lists free again.
func (t *tasks) free() {
	t.rows.used, t.activation.used, t.rowSums.used, t.columns.used, t.gradient.used = 0, 0, 0, 0, 0
	t.ascend.used, t.optimizer.used, t.ladder.used, t.monitor.used, t.sparsity.used, t.penalty.used = 0, 0, 0, 0, 0, 0
	t.scale.used, t.reals.used, t.realSum.used, t.realSlope.used, t.realWeight.used = 0, 0, 0, 0, 0
	t.sweep.used, t.pairs.used, t.pairMoves.used, t.zeroSum.used = 0, 0, 0, 0
}
