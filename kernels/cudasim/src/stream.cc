// Streams, events, capture and graphs.
//
// Work waits in its stream until something needs it, which is as late as CUDA permits. So a
// result that is read too early, or a buffer that is reused too early, is wrong every time.
#include "simulator.h"

#include <chrono>
#include <set>

namespace cudasim {

static const size_t longest_queue = 1024; // pieces of work of a stream that wait; with one more, the first runs

// A node with the positions of the nodes that it waits for.
struct Node {
    std::shared_ptr<Work> work;
    std::set<size_t> after;
};

struct Graph : Object {
    std::vector<Node> nodes;
    Graph(Context *c) : Object("graph", c) {}
};

struct Exec : Object {
    std::shared_ptr<std::vector<Node>> nodes;
    std::shared_ptr<uint64_t> runs = std::make_shared<uint64_t>(0);
    Exec(Context *c, const std::vector<Node> &n) : Object("executable graph", c), nodes(std::make_shared<std::vector<Node>>(n)) {}
};

struct Stream : Object {
    bool blocking;
    std::deque<std::shared_ptr<Work>> queue;
    uint64_t issued = 0, done = 0; // pieces of work so far
    Graph *capture = nullptr;
    bool origin = false;     // the capture began on this stream, not by an event
    std::set<size_t> latest; // the nodes that the next node of a capture waits for
    bool spoiled = false; // a call that a capture forbids was made
    CUstreamCaptureMode mode = CU_STREAM_CAPTURE_MODE_GLOBAL;
    int thread = 0; // the thread that captures
    Stream(Context *c, bool blocking) : Object("stream", c), blocking(blocking) {}

    // Runs the work up to a position in the queue.
    void run(uint64_t until) {
        while (done < until) {
            auto work = queue.front();
            queue.pop_front();
            done++;
            perform(*work);
        }
    }
    void add(std::shared_ptr<Work> work) {
        queue.push_back(work);
        issued++;
        if (queue.size() > longest_queue) run(done + 1);
    }
};

struct Event : Object {
    Stream *stream = nullptr; // on which it was recorded, if not in a capture
    uint64_t place = 0;       // pieces of work that the stream had then
    Graph *capture = nullptr; // that it was recorded in, if any
    std::set<size_t> nodes;   // in the capture: the nodes that it stands for
    bool timed;
    std::shared_ptr<double> time; // in milliseconds, when it has been recorded; else negative
    Event(Context *c, bool timed) : Object("event", c), timed(timed) {}
};

// Returns the time of this machine in milliseconds.
static double now() {
    return std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

static std::vector<Stream *> streams(Context *context) {
    std::vector<Stream *> all;
    for (Object *o : living(context)) {
        if (auto s = dynamic_cast<Stream *>(o)) all.push_back(s);
    }
    return all;
}

void finish_streams(bool blocking_only) {
    for (Stream *s : streams(current())) {
        if (s->blocking || !blocking_only) s->run(s->issued);
    }
}

void finish_stream(CUstream handle) {
    auto s = dynamic_cast<Stream *>(find(handle));
    if (s) s->run(s->issued);
}

bool may_run_in_capture(bool whole) {
    for (Stream *s : streams(current())) {
        bool concerned = s->mode == CU_STREAM_CAPTURE_MODE_GLOBAL ||
                         (s->mode == CU_STREAM_CAPTURE_MODE_THREAD_LOCAL && s->thread == this_thread());
        if (!s->capture || !(whole || concerned)) continue;
        s->spoiled = true;
        violation(CUDA_ERROR_STREAM_CAPTURE_UNSUPPORTED, "not permitted while a stream captures");
        return false;
    }
    return true;
}

bool is_capturing(CUstream handle) {
    auto s = dynamic_cast<Stream *>(find(handle));
    return s && s->capture;
}

CUresult submit(CUstream handle, const std::string &name, std::function<void()> run) {
    if (!handle) { // the legacy stream waits for the blocking streams; here it runs at once
        if (!current()) return CUDA_ERROR_INVALID_CONTEXT;
        if (!may_run_in_capture(true)) return CUDA_ERROR_STREAM_CAPTURE_IMPLICIT;
        finish_streams(true);
        perform({name, run});
        return CUDA_SUCCESS;
    }
    auto s = checked<Stream>(handle, "stream");
    if (!s) return CUDA_ERROR_INVALID_HANDLE;
    auto work = std::make_shared<Work>(Work{name, std::move(run)});
    if (!s->capture) {
        s->add(work);
    } else if (s->spoiled) {
        return violation(CUDA_ERROR_STREAM_CAPTURE_INVALIDATED, "the capture was spoiled before");
    } else {
        s->capture->nodes.push_back({work, s->latest});
        s->latest = {s->capture->nodes.size() - 1};
    }
    return CUDA_SUCCESS;
}

// Runs the nodes of a graph one by one, in the order of their capture and, every second time, the
// latest first that may run. So a result is wrong every second time if nodes that should wait for
// each other do not.
static void run_nodes(const std::vector<Node> &nodes, bool latest_first) {
    std::vector<bool> done(nodes.size());
    for (size_t run = 0; run < nodes.size(); run++) {
        size_t next = nodes.size();
        for (size_t i = 0; i < nodes.size() && (latest_first || next == nodes.size()); i++) {
            bool ready = !done[i];
            for (size_t earlier : nodes[i].after) ready = ready && done[earlier];
            if (ready) next = i;
        }
        done[next] = true;
        perform(*nodes[next].work);
    }
    count("nodes", nodes.size());
}

// Reports whether some nodes wait for a node, or are it.
static bool waited_for(Graph *graph, const std::set<size_t> &nodes, size_t node) {
    for (size_t n : nodes) {
        if (n == node || waited_for(graph, graph->nodes[n].after, node)) return true;
    }
    return false;
}

// Ends a capture on all of its streams.
static void end_capture(Graph *graph) {
    for (Stream *s : streams(graph->context)) {
        if (s->capture == graph) s->capture = nullptr;
    }
}

// Makes an executable graph of the present nodes of a graph.
static CUresult instantiate(CUgraphExec *out, CUgraph handle, unsigned long long flags) {
    auto graph = checked<Graph>(handle, "graph");
    if (!graph) return CUDA_ERROR_INVALID_VALUE;
    if (!may_run_in_capture(false)) return CUDA_ERROR_STREAM_CAPTURE_UNSUPPORTED;
    if (flags) return violation(CUDA_ERROR_INVALID_VALUE, "flags %llu are not simulated", flags);
    *out = (CUgraphExec) new Exec(graph->context, graph->nodes);
    return CUDA_SUCCESS;
}

} // namespace cudasim

using namespace cudasim;

extern "C" {

CUresult cuStreamCreate(CUstream *out, unsigned flags) {
    Call call("cuStreamCreate");
    Context *context = current();
    if (!context) return CUDA_ERROR_INVALID_CONTEXT;
    if (!may_run_in_capture(false)) return CUDA_ERROR_STREAM_CAPTURE_UNSUPPORTED;
    *out = (CUstream) new Stream(context, !(flags & CU_STREAM_NON_BLOCKING));
    return CUDA_SUCCESS;
}

CUresult cuStreamDestroy(CUstream handle) {
    Call call("cuStreamDestroy");
    auto s = checked<Stream>(handle, "stream");
    if (!s) return CUDA_ERROR_INVALID_HANDLE;
    if (s->capture) return violation(CUDA_ERROR_STREAM_CAPTURE_UNSUPPORTED, "the stream captures");
    s->run(s->issued);
    s->end();
    return CUDA_SUCCESS;
}

CUresult cuStreamSynchronize(CUstream handle) {
    Call call("cuStreamSynchronize");
    if (!handle) return cuCtxSynchronize();
    auto s = checked<Stream>(handle, "stream");
    if (!s) return CUDA_ERROR_INVALID_HANDLE;
    if (s->capture) {
        s->spoiled = true;
        return violation(CUDA_ERROR_STREAM_CAPTURE_UNSUPPORTED, "the stream captures");
    }
    s->run(s->issued);
    return CUDA_SUCCESS;
}

CUresult cuStreamBeginCapture(CUstream handle, CUstreamCaptureMode mode) {
    Call call("cuStreamBeginCapture");
    if (!handle) return violation(CUDA_ERROR_STREAM_CAPTURE_UNSUPPORTED, "the legacy stream cannot capture");
    auto s = checked<Stream>(handle, "stream");
    if (!s) return CUDA_ERROR_INVALID_HANDLE;
    if (s->capture) return violation(CUDA_ERROR_ILLEGAL_STATE, "the stream captures already");
    s->capture = new Graph(s->context);
    s->origin = true;
    s->latest.clear();
    s->spoiled = false;
    s->mode = mode;
    s->thread = this_thread();
    return CUDA_SUCCESS;
}

CUresult cuStreamEndCapture(CUstream handle, CUgraph *out) {
    Call call("cuStreamEndCapture");
    *out = nullptr;
    auto s = checked<Stream>(handle, "stream");
    if (!s) return CUDA_ERROR_INVALID_HANDLE;
    if (!s->capture) return violation(CUDA_ERROR_ILLEGAL_STATE, "the stream does not capture");
    if (!s->origin) return violation(CUDA_ERROR_STREAM_CAPTURE_UNMATCHED, "the capture began on another stream");
    if (s->mode != CU_STREAM_CAPTURE_MODE_RELAXED && s->thread != this_thread()) {
        return violation(CUDA_ERROR_STREAM_CAPTURE_WRONG_THREAD, "the capture began on OS thread %d, not %d", s->thread, this_thread());
    }
    Graph *graph = s->capture;
    bool spoiled = false, joined = true;
    for (Stream *other : streams(s->context)) {
        if (other->capture != graph) continue;
        spoiled = spoiled || other->spoiled;
        for (size_t node : other->latest) joined = joined && waited_for(graph, s->latest, node);
    }
    end_capture(graph);
    if (spoiled) {
        graph->end();
        return CUDA_ERROR_STREAM_CAPTURE_INVALIDATED;
    }
    if (!joined) {
        graph->end();
        return violation(CUDA_ERROR_STREAM_CAPTURE_UNJOINED, "the stream does not wait for another one that joined the capture");
    }
    *out = (CUgraph)graph;
    return CUDA_SUCCESS;
}

CUresult cuGraphInstantiateWithFlags(CUgraphExec *out, CUgraph graph, unsigned long long flags) {
    Call call("cuGraphInstantiateWithFlags");
    return instantiate(out, graph, flags);
}

CUresult cuGraphLaunch(CUgraphExec handle, CUstream stream) {
    Call call("cuGraphLaunch");
    auto exec = checked<Exec>(handle, "executable graph");
    if (!exec) return CUDA_ERROR_INVALID_VALUE;
    return submit(stream, "cuGraphLaunch", [nodes = exec->nodes, runs = exec->runs] { run_nodes(*nodes, (*runs)++ % 2); });
}

CUresult cuGraphExecDestroy(CUgraphExec handle) {
    Call call("cuGraphExecDestroy");
    auto exec = checked<Exec>(handle, "executable graph");
    if (!exec) return CUDA_ERROR_INVALID_VALUE;
    exec->nodes.reset();
    exec->end();
    return CUDA_SUCCESS;
}

CUresult cuGraphDestroy(CUgraph handle) {
    Call call("cuGraphDestroy");
    auto graph = checked<Graph>(handle, "graph");
    if (!graph) return CUDA_ERROR_INVALID_VALUE;
    graph->nodes.clear();
    graph->end();
    return CUDA_SUCCESS;
}

CUresult cuEventCreate(CUevent *out, unsigned flags) {
    Call call("cuEventCreate");
    Context *context = current();
    if (!context) return CUDA_ERROR_INVALID_CONTEXT;
    *out = (CUevent) new Event(context, !(flags & CU_EVENT_DISABLE_TIMING));
    return CUDA_SUCCESS;
}

CUresult cuEventRecord(CUevent handle, CUstream stream) {
    Call call("cuEventRecord");
    auto event = checked<Event>(handle, "event");
    auto s = event ? checked<Stream>(stream, "stream") : nullptr;
    if (!s) return CUDA_ERROR_INVALID_HANDLE;
    event->capture = s->capture;
    event->nodes = s->latest;
    if (s->capture) return CUDA_SUCCESS;
    if (event->timed) {
        event->time = std::make_shared<double>(-1);
        submit(stream, "cuEventRecord", [time = event->time] { *time = now(); });
    }
    event->stream = s;
    event->place = s->issued;
    return CUDA_SUCCESS;
}

// Adds a node to the graph that is being captured, which notes the time of this machine.
CUresult cuEventRecordWithFlags(CUevent handle, CUstream stream, unsigned flags) {
    Call call("cuEventRecordWithFlags");
    auto event = checked<Event>(handle, "event");
    if (!event) return CUDA_ERROR_INVALID_HANDLE;
    if (flags != CU_EVENT_RECORD_EXTERNAL) return violation(CUDA_ERROR_INVALID_VALUE, "flags %u are not simulated", flags);
    if (!is_capturing(stream)) return violation(CUDA_ERROR_INVALID_VALUE, "an external event outside of a capture");
    event->time = std::make_shared<double>(-1);
    return submit(stream, "cuEventRecordWithFlags", [time = event->time] { *time = now(); });
}

CUresult cuEventElapsedTime(float *milliseconds, CUevent start, CUevent end) {
    Call call("cuEventElapsedTime");
    double times[2];
    for (int i = 0; i < 2; i++) {
        auto event = checked<Event>(i ? end : start, "event");
        if (!event) return CUDA_ERROR_INVALID_HANDLE;
        if (!event->timed) return violation(CUDA_ERROR_INVALID_HANDLE, "the event takes no time");
        if (!event->time) return violation(CUDA_ERROR_INVALID_HANDLE, "the event was not recorded");
        if (*event->time < 0) return CUDA_ERROR_NOT_READY;
        times[i] = *event->time;
    }
    *milliseconds = times[1] - times[0];
    return CUDA_SUCCESS;
}

CUresult cuEventSynchronize(CUevent handle) {
    Call call("cuEventSynchronize");
    auto event = checked<Event>(handle, "event");
    if (!event) return CUDA_ERROR_INVALID_HANDLE;
    if (!may_run_in_capture(false)) return CUDA_ERROR_STREAM_CAPTURE_UNSUPPORTED;
    if (event->capture) return violation(CUDA_ERROR_CAPTURED_EVENT, "the event is of a capture");
    if (event->stream) event->stream->run(event->place);
    return CUDA_SUCCESS;
}

CUresult cuStreamWaitEvent(CUstream stream, CUevent handle, unsigned) {
    Call call("cuStreamWaitEvent");
    auto event = checked<Event>(handle, "event");
    if (!event) return CUDA_ERROR_INVALID_HANDLE;
    auto waiting = checked<Stream>(stream, "stream");
    if (!waiting) return CUDA_ERROR_INVALID_HANDLE;
    bool under_way = false; // the capture of the event
    for (Stream *s : streams(waiting->context)) under_way = under_way || (s->capture && s->capture == event->capture);
    if (waiting->capture != event->capture && (waiting->capture || !under_way)) {
        return violation(CUDA_ERROR_STREAM_CAPTURE_ISOLATION, "the event is not of the capture");
    }
    if (event->capture) {
        if (!waiting->capture) { // it joins the capture
            for (Stream *s : streams(waiting->context)) {
                if (s->capture == event->capture) waiting->mode = s->mode, waiting->thread = s->thread;
            }
            waiting->capture = event->capture;
            waiting->origin = waiting->spoiled = false;
            waiting->latest.clear();
        }
        waiting->latest.insert(event->nodes.begin(), event->nodes.end());
        return CUDA_SUCCESS;
    }
    Stream *other = event->stream;
    if (!other) return CUDA_SUCCESS;
    return submit(stream, "cuStreamWaitEvent", [other, place = event->place] { other->run(place); });
}

CUresult cuEventDestroy(CUevent handle) {
    Call call("cuEventDestroy");
    auto event = checked<Event>(handle, "event");
    if (!event) return CUDA_ERROR_INVALID_HANDLE;
    event->end();
    return CUDA_SUCCESS;
}

} // extern "C"
