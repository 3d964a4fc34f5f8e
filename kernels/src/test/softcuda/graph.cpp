/* Capture of streams into graphs, and graphs. */
#include "driver.h"

namespace softcuda {
namespace {

enum Mode { GLOBAL, THREAD_LOCAL, RELAXED };

struct Executable {
    Context *context;
    std::vector<Node> nodes;
};

Handles<Graph> graphs(Count::GRAPHS);
Handles<Executable> executables(Count::GRAPH_EXECUTABLES);
std::set<std::shared_ptr<Capture>> captures;

} // namespace

void invalidate(Stream &stream) { stream.capture->invalid = true; }

void forget_captures_of(Stream *stream)
{
    if (stream->capture) {
        stream->capture->invalid = true;
    }
}

bool captures_block_null_stream(const Context &context)
{
    bool blocks = false;
    for (auto &capture : captures) {
        if (capture->origin->context == &context && capture->origin->blocking) {
            capture->invalid = true;
            blocks = true;
        }
    }
    return blocks;
}

int forbidden_while_capturing()
{
    int problem = SUCCESS;
    for (auto &capture : captures) {
        bool mine = capture->thread == std::this_thread::get_id();
        bool counts = mine ? capture->mode != RELAXED : capture->mode == GLOBAL;
        if (counts) {
            capture->invalid = true;
            problem = CAPTURE_UNSUPPORTED;
        }
    }
    return problem;
}

} // namespace softcuda

using namespace softcuda;

SOFTCUDA_API(cuStreamBeginCapture_v2, void *handle, int mode)
{
    NEED_CONTEXT()
    if (int problem = unusable_stream(handle)) {
        return problem;
    }
    Stream &stream = *find_stream(handle);
    if (mode < GLOBAL || mode > RELAXED) {
        return INVALID_VALUE;
    }
    if (&stream == &stream.context->null_stream) {
        return CAPTURE_UNSUPPORTED;
    }
    if (stream.capture) {
        return 401;
    }
    stream.capture = std::make_shared<Capture>();
    stream.capture->graph = graphs.add(new Graph);
    stream.capture->origin = &stream;
    stream.capture->mode = mode;
    stream.capture->thread = std::this_thread::get_id();
    captures.insert(stream.capture);
    return SUCCESS;
}

SOFTCUDA_API(cuStreamEndCapture, void *handle, Graph **graph)
{
    NEED_CONTEXT()
    if (int problem = unusable_stream(handle)) {
        return problem;
    }
    auto capture = find_stream(handle)->capture;
    *graph = nullptr;
    if (!capture) {
        return 401;
    }
    if (capture->mode != RELAXED && capture->thread != std::this_thread::get_id()) {
        return CAPTURE_WRONG_THREAD;
    }
    capture->origin->capture = nullptr;
    captures.erase(capture);
    if (capture->invalid) {
        graphs.remove(capture->graph);
        return CAPTURE_INVALIDATED;
    }
    *graph = capture->graph;
    return SUCCESS;
}

SOFTCUDA_API(cuGraphDestroy, void *graph)
{
    NEED_DRIVER()
    return graphs.remove(graph) ? SUCCESS : INVALID_VALUE;
}

SOFTCUDA_API(cuGraphInstantiateWithFlags, Executable **executable, void *handle, unsigned long long)
{
    NEED_CONTEXT()
    Graph *graph = graphs.find(handle);
    if (graph == nullptr || executable == nullptr) {
        return INVALID_VALUE;
    }
    *executable = executables.add(new Executable{current_context(), graph->nodes});
    return SUCCESS;
}

SOFTCUDA_API(cuGraphExecDestroy, void *executable)
{
    NEED_DRIVER()
    return executables.remove(executable) ? SUCCESS : INVALID_VALUE;
}

SOFTCUDA_API(cuGraphLaunch, void *handle, void *stream)
{
    NEED_CONTEXT()
    Executable *executable = executables.find(handle);
    if (executable == nullptr || executable->context != current_context()) {
        return INVALID_VALUE;
    }
    add(Count::GRAPH_LAUNCHES, 1);
    Context &context = *executable->context;
    return submit(stream, "graph", [nodes = executable->nodes, &context] {
        for (auto &node : nodes) {
            if (context.error == SUCCESS) {
                run_guarded(context, "graph: " + node.what, node.work);
            }
        }
    });
}
