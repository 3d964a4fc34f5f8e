/* Capture of streams into graphs, and graphs. */
#include "driver.h"

namespace softcuda {
namespace {

enum Mode { GLOBAL, THREAD_LOCAL, RELAXED };
enum Status { NONE, ACTIVE, INVALIDATED };

struct Executable {
    Context *context;
    std::vector<std::shared_ptr<Node>> nodes;
    std::vector<std::shared_ptr<Node>> origins; /* the graph's own nodes, by which callers name these */
};

Handles<Graph> graphs(Count::GRAPHS);
Handles<Executable> executables(Count::GRAPH_EXECUTABLES);
std::set<std::shared_ptr<Capture>> captures;
thread_local int exchanged_mode = GLOBAL;

void end(const std::shared_ptr<Capture> &capture)
{
    for (Context *context : all_contexts()) {
        for (Stream *stream : context->streams) {
            if (stream->capture == capture) {
                stream->capture = nullptr;
            }
        }
    }
    captures.erase(capture);
}

/* A node of one graph must not change with the launches of another: each has its own copy of what can be set. */
std::shared_ptr<Node> copy_of(const Node &node)
{
    auto copy = std::make_shared<Node>(node);
    if (node.launch) {
        copy->launch = std::make_shared<Launch>(*node.launch);
    }
    return copy;
}

int instantiate(Executable **result, void *handle)
{
    Graph *graph = graphs.find(handle);
    if (graph == nullptr || result == nullptr) {
        return INVALID_VALUE;
    }
    auto *executable = new Executable{current_context(), {}, graph->nodes};
    for (auto &node : graph->nodes) {
        executable->nodes.push_back(copy_of(*node));
    }
    *result = executables.add(executable);
    return SUCCESS;
}

} // namespace

void invalidate(Stream &stream) { stream.capture->invalid = true; }

void forget_captures_of(Stream *stream)
{
    if (stream->capture) {
        stream->capture->invalid = true;
        stream->capture->unjoined.erase(stream);
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
    if (exchanged_mode == RELAXED) {
        return SUCCESS;
    }
    int problem = SUCCESS;
    for (auto &capture : captures) {
        bool mine = capture->thread == std::this_thread::get_id();
        bool counts = mine ? capture->mode != RELAXED : capture->mode == GLOBAL && exchanged_mode == GLOBAL;
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
    if (capture->origin != find_stream(handle)) {
        return CAPTURE_UNMATCHED;
    }
    if (capture->mode != RELAXED && capture->thread != std::this_thread::get_id()) {
        return CAPTURE_WRONG_THREAD;
    }
    int status = capture->invalid ? CAPTURE_INVALIDATED : capture->unjoined.empty() ? SUCCESS : CAPTURE_UNJOINED;
    end(capture);
    if (status != SUCCESS) {
        graphs.remove(capture->graph);
        return status;
    }
    *graph = capture->graph;
    return SUCCESS;
}

SOFTCUDA_API(cuStreamIsCapturing, void *handle, int *status)
{
    NEED_CONTEXT()
    if (int problem = unusable_stream(handle)) {
        return problem;
    }
    auto &capture = find_stream(handle)->capture;
    *status = !capture ? NONE : capture->invalid ? INVALIDATED : ACTIVE;
    return SUCCESS;
}

SOFTCUDA_API(cuThreadExchangeStreamCaptureMode, int *mode)
{
    NEED_DRIVER()
    std::swap(*mode, exchanged_mode);
    return SUCCESS;
}

SOFTCUDA_API(cuGraphCreate, Graph **graph, unsigned)
{
    NEED_CONTEXT()
    *graph = graphs.add(new Graph);
    return SUCCESS;
}

SOFTCUDA_API(cuGraphDestroy, void *graph)
{
    NEED_DRIVER()
    return graphs.remove(graph) ? SUCCESS : INVALID_VALUE;
}

SOFTCUDA_API(cuGraphInstantiateWithFlags, Executable **executable, void *graph, unsigned long long)
{
    NEED_CONTEXT()
    return instantiate(executable, graph);
}

SOFTCUDA_API(cuGraphExecDestroy, void *executable)
{
    NEED_DRIVER()
    return executables.remove(executable) ? SUCCESS : INVALID_VALUE;
}

SOFTCUDA_API(cuGraphUpload, void *executable, void *stream)
{
    NEED_CONTEXT()
    return executables.find(executable) == nullptr ? INVALID_VALUE : unusable_stream(stream);
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
    std::vector<std::shared_ptr<Node>> nodes;
    for (auto &node : executable->nodes) {
        nodes.push_back(copy_of(*node));
    }
    return submit(stream, "graph", [nodes, &context] {
        for (auto &node : nodes) {
            if (context.error == SUCCESS) {
                run_guarded(context, "graph: " + node->what, node->launch ? work_of(node->launch) : node->work);
            }
        }
    });
}

SOFTCUDA_API(cuGraphGetNodes, void *handle, Node **nodes, size_t *count)
{
    NEED_DRIVER()
    Graph *graph = graphs.find(handle);
    if (graph == nullptr || count == nullptr) {
        return INVALID_VALUE;
    }
    for (size_t i = 0; nodes != nullptr && i < *count; i++) {
        nodes[i] = i < graph->nodes.size() ? graph->nodes[i].get() : nullptr;
    }
    *count = nodes == nullptr ? graph->nodes.size() : std::min(*count, graph->nodes.size());
    return SUCCESS;
}

SOFTCUDA_API(cuGraphNodeGetType, Node *node, int *type)
{
    NEED_DRIVER()
    *type = node->type;
    return SUCCESS;
}

SOFTCUDA_API(cuGraphExecKernelNodeSetParams_v2, void *handle, Node *node, const KernelNode *parameters)
{
    NEED_CONTEXT()
    Executable *executable = executables.find(handle);
    if (executable == nullptr) {
        return INVALID_VALUE;
    }
    for (size_t i = 0; i < executable->origins.size(); i++) {
        if (executable->origins[i].get() == node && node->launch) {
            return read_launch(*parameters, *executable->nodes[i]->launch);
        }
    }
    return INVALID_VALUE;
}
