package engine

import "harmonium/kernels"

// hostTask is the part of a launch that threads share, and what remains to be done after it.
type hostTask interface {
	task
	done() error
}

// nothing remains to be done after most tasks.
type nothing struct{}

func (nothing) done() error { return nil }

// gathered are launches that run at the same time.
type gathered struct {
	on     bool // a launch that begins is one of several
	launch int  // the place of the one that begins
	jobs   []job
	tasks  []hostTask // of the jobs
	of     []int      // their launches
}

// start runs what threads share of a launch, or puts it down where launches are gathered.
func (h *host) start(t hostTask, size, group int) error {
	return h.startJob(t, job{task: t, size: size, group: group, whole: 1})
}

// startElements is start for the elements of a matrix, numbered panel by panel: threads rather have
// whole panels, as two of them with rows of the same one read the same weights.
func (h *host) startElements(t hostTask, rows, columns int) error {
	return h.startJob(t, job{task: t, size: rows * columns, group: 1, whole: rows * kernels.PanelWidth})
}

// startLoose is start for a task that any thread may do any part of.
func (h *host) startLoose(t hostTask, size, group int) error {
	return h.startJob(t, job{task: t, size: size, group: group, whole: 1, loose: true})
}

func (h *host) startJob(t hostTask, j job) error {
	g := &h.gathered
	g.jobs = append(g.jobs, j)
	g.tasks, g.of = append(g.tasks, t), append(g.of, g.launch)
	if g.on {
		return nil
	}
	_, err := h.finish()
	return err
}

// finish runs all that was put down, and returns the first error and its launch.
func (h *host) finish() (failed int, err error) {
	g := &h.gathered
	h.pool.runAll(g.jobs)
	for i, t := range g.tasks {
		if e := t.done(); e != nil && err == nil {
			failed, err = g.of[i], e
		}
	}
	h.forget()
	return failed, err
}

// forget makes room for other launches.
func (h *host) forget() {
	g := &h.gathered
	g.jobs, g.tasks, g.of = g.jobs[:0], g.tasks[:0], g.of[:0]
	g.launch = 0
	h.tasks.free()
}

// gather makes launches that do not depend on each other, with one meeting of the threads. What
// comes before the part that threads share is done for all of them first.
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
		h.forget()
		return failed, err
	}
	return h.finish()
}

// taskList holds tasks of one type: as many as are gathered at a time.
type taskList[T any] struct {
	all  []*T
	used int
}

// next returns a task that is free, as an earlier launch has left it: a launch fills in its
// fields and allocates nothing.
func (l *taskList[T]) next() *T {
	if l.used == len(l.all) {
		l.all = append(l.all, new(T))
	}
	l.used++
	return l.all[l.used-1]
}

// tasks holds a list for each type of task.
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
	pack       packTask // runs by itself
	worth      worthTask
}

func (t *tasks) free() {
	t.rows.used, t.activation.used, t.rowSums.used, t.columns.used, t.gradient.used = 0, 0, 0, 0, 0
	t.ascend.used, t.optimizer.used, t.ladder.used, t.monitor.used, t.sparsity.used = 0, 0, 0, 0, 0
}
