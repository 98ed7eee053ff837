package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"harmonium/dataset"
	"harmonium/engine"
	"harmonium/rbm"
	"harmonium/rbm/likelihood"
	"harmonium/rbm/report"
	"harmonium/rbm/train"
	"harmonium/store"
)

// quietEpochs is the number of epochs above which a run prints only those with an estimate. It is chosen: a hundred lines
// can be read.
const quietEpochs = 100

// trainRun is a run of the train command, from its start or from a checkpoint.
type trainRun struct {
	folder   runFolder
	set      *dataset.Set
	binarize dataset.Binarization
	grey     greyFlags
	device   engine.Device
	trainer  *train.Trainer
	known    map[string]string // provenance of the data
	recipe   string            // line that describes the recipe; empty without one
	choices  []train.Choice    // settings that were left to the data
	begins   string            // line that says what a new run begins with; empty for a new model
	init     string            // path of the model that the run began with; empty without
	below    rbm.Stack         // models below the trained one; nil without a stack
	layers   []layerFile       // their files
	stack    string            // their paths, as they were given
	resumed  bool
	noRows   bool // the page shows no single row
	unsummed bool // the checkpoint that the run was resumed from has no sum of its settings

	endThreads int // see takeMachine

	forecast  train.Forecast  // of several ranks
	pace      train.RunConfig // as the flags say
	eval      string          // value of the flag
	evalEvery int             // epochs between evaluations; 0 for none before the end

	out, result io.Writer // of lines for people, and of the object of --json
	progress    *progress
	log         *metricsLog
	tensorboard bool
	board       *board        // nil without an event file
	last        *train.Record // nil if this process made none
	outcome     train.Result
	exchange    *exchangeReport // of several ranks; nil without updates
	evaluated   *evaluation     // at the end; nil without
	warnings    []string
}

// open opens the data set and the device.
func (r *trainRun) open(ctx context.Context, f *trainFlags) error {
	var err error
	if r.set, r.binarize, err = f.data.open(ctx); err != nil {
		return err
	}
	if err := r.set.Validate(); err != nil {
		return fmt.Errorf("%s: %w", r.set.Name, err)
	}
	r.known, r.grey = f.data.provenance(r.set, r.binarize), f.data.grey
	r.device, err = f.device.open()
	return err
}

// run trains, evaluates and writes the run folder. Where it can be resumed after an error, the error says how.
func (r *trainRun) run(ctx context.Context) error {
	err := r.start()
	if err == nil {
		defer r.log.close()
		defer r.board.close()
		err = r.train(ctx)
	}
	if err == nil {
		var leave func()
		leave, err = r.takeMachine()
		defer leave()
	}
	if err == nil {
		err = r.finish(ctx)
	}
	r.progress.end()
	switch {
	case errors.Is(err, context.Canceled):
		return r.interrupted()
	case errors.As(err, new(*engine.Fault)) && r.folder.hasCheckpoint(): // its message ends with "a lower learning rate may help"
		return fmt.Errorf("%w: %s --learning-rate %g", err, r.resumption(), r.trainer.Config().LearningRate/2)
	}
	return err
}

// start prints the first lines and writes the files that a run folder holds from the start.
func (r *trainRun) start() error {
	r.announce()
	if err := r.folder.writeJSON(fileConfig, r.description()); err != nil {
		return err
	}
	if s := r.set.Schema; s != nil {
		write := func(w io.Writer) error { _, err := io.WriteString(w, s.Text()); return err }
		if err := store.WriteAtomic(r.folder.file(fileSchema), write); err != nil {
			return err
		}
	}
	update, _ := r.trainer.Updates()
	var err error
	if r.log, err = openMetrics(r.folder, update); err != nil {
		return err
	}
	if r.tensorboard || exists(r.folder.file(fileEvents)) {
		if r.board, err = openBoard(r.folder, update); err != nil {
			r.log.close()
			return err
		}
	}
	if lines := r.log.damaged; lines != nil {
		r.warn(fmt.Sprintf("%s held lines that are no records, %v; they were removed, and the run goes on without them", fileMetrics, lines))
	}
	return nil
}

// runConfig is the content of config.json.
type runConfig struct {
	Version         string            `json:"version"`
	Data            map[string]string `json:"data"`
	Schema          *dataset.Schema   `json:"schema,omitempty"` // of a table
	Init            string            `json:"init,omitempty"`   // path of the model that the run began with
	Model           string            `json:"model"`
	Training        train.Config      `json:"training"`
	Chosen          []train.Choice    `json:"chosen,omitempty"` // settings of Training that were left to the data
	Device          string            `json:"device"`
	Eval            string            `json:"eval"`
	CheckpointEvery int               `json:"checkpoint_every"`
	OnlineEvery     int               `json:"online_every"`
	Patience        int               `json:"patience"`
}

func (r *trainRun) description() runConfig {
	c, data := r.trainer.Config(), r.data()
	delete(data, keyTable)
	return runConfig{
		Version: version(), Data: data, Schema: r.set.Schema, Training: c, Chosen: r.choices, Device: r.device.Name(),
		Init:  r.init,
		Model: fmt.Sprintf("%dx%d", r.set.Train.V, c.Hidden),
		Eval:  r.eval, CheckpointEvery: r.pace.CheckpointEvery, OnlineEvery: r.pace.OnlineEvery,
		Patience: r.pace.Patience,
	}
}

// provenance returns the entries that models and checkpoints hold about the run: its data, its configuration and its
// progress.
func (r *trainRun) provenance() (map[string]string, error) {
	update, _ := r.trainer.Updates()
	p := map[string]string{
		"version": version(), keyMachine: thisMachine(), keyUpdatesMade: strconv.Itoa(update), keyTrainingRows: strconv.Itoa(r.set.Train.N),
		keyEval: r.eval, keyCheckpointEvery: strconv.Itoa(r.pace.CheckpointEvery),
		keyOnlineEvery: strconv.Itoa(r.pace.OnlineEvery), keyPatience: strconv.Itoa(r.pace.Patience),
	}
	if r.noRows {
		p[keyNoRows] = "true"
	}
	fields, err := trainingFields(r.trainer.Config())
	if err != nil {
		return nil, err
	}
	maps.Copy(p, fields)
	maps.Copy(p, r.data())
	if r.init != "" {
		p[keyInit] = r.init
	}
	if r.below != nil {
		text, err := json.Marshal(r.layers)
		if err != nil {
			return nil, err
		}
		p[keyStack] = string(text)
	}
	if r.pace.PatienceFrom > 0 {
		p[keyPatienceFrom] = strconv.Itoa(r.pace.PatienceFrom)
	}
	if r.set.Width > 0 {
		p[provenancePicture] = fmt.Sprintf("%dx%d", r.set.Width, r.set.Height)
	}
	return p, nil
}

// train makes the remaining updates, until a signal or the stop file asks the run to end.
func (r *trainRun) train(ctx context.Context) error {
	c := r.pace
	c.RecordEvery, c.OnlineEnd, c.Past = r.evalEvery, r.eval != "never", r.log.past
	c.Record, c.Checkpoint, c.Keep, c.Kept = r.record, r.save, r.keep, r.kept
	asked := &askedContext{Context: ctx}
	stop := newStopFile(r.folder.file(fileStop))
	c.Progress = func(done, _ int) {
		r.progress.set(done)
		if stop.found() {
			asked.toEnd = true
		}
	}
	r.showTraining()
	before, _ := r.trainer.Updates()
	start := time.Now()
	var err error
	r.outcome, err = train.Run(asked, r.trainer, c)
	if stop.seen {
		r.progress.end()
		fmt.Fprintf(r.out, "the file %s asked the run to end\n", stop.path)
	}
	if err != nil {
		return err
	}
	r.explainEnd(before, time.Since(start))
	if update, _ := r.trainer.Updates(); r.forecast.Ranks > 0 && update > before {
		r.progress.end()
		r.exchange = &exchangeReport{r.forecast.Ranks, r.forecast.Share(), r.trainer.Exchanged()}
		fmt.Fprintln(r.out, r.exchange)
	}
	return nil
}

// explainEnd prints why a run ended before its last update, where nothing else says so.
func (r *trainRun) explainEnd(before int, took time.Duration) {
	update, total := r.trainer.Updates()
	if r.trainer.Done() {
		return
	}
	r.progress.end()
	switch limit := r.pace.TimeLimit; {
	case limit > 0 && took >= limit:
		fmt.Fprintf(r.out, "the time limit of %v ended the training after update %d of %d; go on with: %s\n", limit, update, total, r.resumption())
	case update == before && r.pace.Patience > 0:
		fmt.Fprintf(r.out, "nothing is left to train: patience ended the run after update %d of %d; a larger --patience, or 0 for none, goes on\n", update, total)
	case update == before:
		fmt.Fprintf(r.out, "nothing is left to train: the guard ended the run after update %d of %d\n", update, total)
	}
}

// showTraining starts the bar of the updates.
func (r *trainRun) showTraining() {
	update, total := r.trainer.Updates()
	r.progress.begin(total, "updates", "training")
	r.progress.set(update)
}

// record appends a record to the metrics, with an evaluation of the model where that is due. Without patience the
// record of the last update waits for the evaluation in finish. With patience that evaluation may be of an earlier
// model.
func (r *trainRun) record(ctx context.Context, record train.Record) error {
	r.last = &record
	if r.trainer.Done() && r.pace.Patience == 0 {
		return nil
	}
	if r.trainer.Done() || r.evalEvery == 0 || record.Epoch%r.evalEvery > 0 {
		return r.append(record, nil)
	}
	m, err := r.trainer.Model()
	if err != nil {
		return err
	}
	e, err := r.evaluate(ctx, m)
	if err != nil {
		return err
	}
	defer r.showTraining()
	return r.append(record, e)
}

// show adds a record to the event file, if the run writes one, and histograms where it estimates.
func (r *trainRun) show(line epochRecord) error {
	if r.board == nil {
		return nil
	}
	var m *rbm.Model
	if line.Online != nil {
		var err error
		if m, err = r.trainer.Model(); err != nil {
			return err
		}
	}
	return r.board.add(line, m)
}

// append appends a line to the metrics and prints it.
func (r *trainRun) append(record train.Record, e *evaluation) error {
	line := epochRecord{record.Metrics, e, record.Online}
	if err := r.log.append(line); err != nil {
		return err
	}
	if err := r.show(line); err != nil {
		return err
	}
	_, total := r.trainer.Updates()
	per := r.trainer.EpochUpdates()
	monitor, unit := fmt.Sprintf("pseudo-likelihood %.3f", record.PseudoLikelihood), " nats"
	if record.PseudoLikelihood == 0 { // real states have none
		monitor, unit = fmt.Sprintf("reconstruction error %.4g", record.ReconstructionError), ""
	}
	if record.Online != nil {
		monitor, unit = onlineLikelihoods(record.Online)+"; "+monitor, ""
	}
	text := fmt.Sprintf("epoch %d/%d: %s%s, %.0f samples/s", record.Epoch, (total+per-1)/per, monitor, unit, record.SamplesPerSecond)
	if e != nil {
		text += fmt.Sprintf(", %s log-likelihood %s nats", e.Split, e.nats(&e.LogLikelihood))
	}
	if record.Online != nil || e != nil || total <= quietEpochs*per {
		r.progress.say(text)
	}
	for _, warning := range record.Warnings {
		r.warn(warning)
	}
	return nil
}

// warn prints a warning and keeps it for the result.
func (r *trainRun) warn(text string) {
	r.progress.warn(text)
	r.warnings = append(r.warnings, text)
}

// save writes the checkpoint, after the records of all updates before it are on the disk.
func (r *trainRun) save() error {
	if err := r.log.sync(); err != nil {
		return err
	}
	known, err := r.provenance()
	if err != nil {
		return err
	}
	return r.trainer.Save(r.folder.file(fileCheckpoint), known)
}

// interrupted returns an error that says how to continue.
func (r *trainRun) interrupted() error {
	update, total := r.trainer.Updates()
	return fmt.Errorf("%w after update %d of %d; go on with: %s", context.Canceled, update, total, r.resumption())
}

// resumption returns the command that goes on with the run.
func (r *trainRun) resumption() string {
	return "harmonium train --resume " + shellWord(string(r.folder))
}

// finish writes the results of a run at its end. The model of the outcome is drawn, evaluated and shown. With patience
// it is best.safetensors, and model.safetensors is the last model.
func (r *trainRun) finish(ctx context.Context) error {
	m, err := r.outcome.Model, error(nil)
	if r.pace.Patience > 0 {
		m, err = r.trainer.Model()
	}
	if err == nil {
		err = r.writeModel(fileModel, m)
	}
	if err == nil && r.pace.Patience > 0 {
		m, err = r.saveBest()
	}
	if err != nil {
		return err
	}
	if gain := r.outcome.Gain; gain > 0 {
		r.warn(fmt.Sprintf("the model after update %d is better on training rows than the last by %.4g nats, and is the result", r.outcome.Update, gain))
	}
	samples, err := r.writePictures(ctx, m)
	if err != nil {
		return err
	}
	var e *evaluation
	if r.eval != "never" {
		if e, err = r.evaluate(ctx, m); err != nil {
			return err
		}
	}
	if r.last != nil && r.trainer.Done() && r.pace.Patience == 0 {
		if err := r.append(*r.last, e); err != nil {
			return err
		}
	}
	if err := r.writePage(ctx, m, samples); err != nil {
		return err
	}
	update, _ := r.trainer.Updates()
	if err := r.board.addPictures(r.folder, update); err != nil {
		return err
	}
	r.progress.end()
	r.evaluated = e
	return r.conclude(e)
}

// writeModel writes a model to a file of the run folder, with the provenance of the run as it is now.
func (r *trainRun) writeModel(name string, m *rbm.Model) error {
	var err error
	if m.Provenance, err = r.provenance(); err != nil {
		return err
	}
	return m.Save(r.folder.file(name))
}

// writePictures draws the weights of hidden units, if there are some, and samples of the model, and returns the
// samples.
func (r *trainRun) writePictures(ctx context.Context, m *rbm.Model) (*report.Samples, error) {
	if m.Hidden.Len() > 0 {
		if err := writeFilters(r.folder.file(fileFilters), m, r.grey.levels, r.set.Width, r.set.Height); err != nil {
			return nil, err
		}
	}
	samples, err := report.Draw(ctx, m, r.device, r.trainer.Config().Seed, r.progress.stage("steps", "sampling"))
	if err != nil {
		return nil, err
	}
	means := samples.Means()
	n := len(means) / m.Visible.Len()
	return samples, writeSamples(r.folder.file(fileSamples), asGreys(means, r.grey.levels), n, r.set.Width, r.set.Height)
}

// writePage writes the page about the run.
func (r *trainRun) writePage(ctx context.Context, m *rbm.Model, samples *report.Samples) error {
	if err := r.log.sync(); err != nil {
		return err
	}
	page, err := readRun(r.folder)
	if err != nil {
		return err
	}
	page.Name, page.State, page.Update = folderNames([]string{string(r.folder)})[0], report.Finished, updatesMade(m)
	page.Notes = append(page.Notes, noteOnWeights(r.set)...)
	c := report.LookConfig{
		Set: r.set, Binarize: r.binarize, Seed: r.trainer.Config().Seed, Samples: samples, NoRows: r.noRows, Names: columnNames(r.set),
		Width: r.set.Width, Height: r.set.Height, Levels: r.grey.levels,
	}
	(*pictureChoice)(nil).apply(&c, r.set.Name) // the choice without --picture
	if incomplete(r.set) {
		c.Set, page.Notes = nil, append(page.Notes, noteOnMissing)
	}
	if page.Looks, err = report.Look(ctx, m, r.device, c); err != nil {
		return err
	}
	return writePage(r.folder.file(filePage), page)
}

// trainResult is the output of --json.
type trainResult struct {
	Out     string `json:"out"`
	Updates int    `json:"updates"`
	Best    int    `json:"best_update,omitempty"` // update after which the evaluated model was taken, if it is not the last
	*evaluation
	Exchange *exchangeReport `json:"exchange,omitempty"`
	Warnings []string        `json:"warnings,omitempty"`
}

// conclude prints the last lines, and the object of --json.
func (r *trainRun) conclude(e *evaluation) error {
	if e != nil {
		e.print(r.out)
		if text := e.refutation(); text != "" {
			r.warn(text)
		}
		if e.standing != likelihood.Better && e.Split != "train" { // warnings of package train are about training rows
			r.warn("the model is " + e.Standing + " on the " + e.Split + " rows")
		}
	}
	fmt.Fprintf(r.out, "%s holds %s\n", r.folder, strings.Join(r.files(), ", "))
	update, _ := r.trainer.Updates()
	best := 0
	if r.outcome.Update != update {
		best = r.outcome.Update
	}
	return writeObject(r.result, trainResult{string(r.folder), update, best, e, r.exchange, r.warnings})
}

// files lists the files that the run has written to its folder.
func (r *trainRun) files() []string {
	unwritten := map[string]bool{
		fileStop: true, fileSchema: r.set.Schema == nil, fileBest: r.pace.Patience == 0, fileEvents: r.board == nil,
		fileFilters: r.trainer.Config().Hidden == 0,
	}
	files := slices.DeleteFunc(slices.Clone(runFiles), func(name string) bool { return unwritten[name] })
	for _, layer := range r.layers {
		files = append(files, layer.File)
	}
	return files
}
