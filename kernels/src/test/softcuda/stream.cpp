/*
 * Streams and events. Work is queued and runs only when somebody waits for it, so that a result that is read without
 * waiting is not there.
 */
#include "driver.h"
#include <algorithm>
#include <ctime>

namespace softcuda {
namespace {

Handles<Stream> streams(Count::STREAMS);
Handles<Event> events(Count::EVENTS);

void *const LEGACY = at(1);
void *const PER_THREAD = at(2);
constexpr unsigned NON_BLOCKING = 1;
constexpr unsigned DISABLE_TIMING = 2;

void queue(Stream &stream, Task task)
{
    stream.queue.push_back(std::move(task));
    add(Count::QUEUED, 1);
}

/* The work before a mark is done now. */
void reach(Mark &mark)
{
    timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    mark.milliseconds = double(now.tv_sec) * 1e3 + double(now.tv_nsec) * 1e-6;
    mark.done = true;
}

std::shared_ptr<Mark> mark_end(Stream &stream)
{
    auto mark = std::make_shared<Mark>();
    mark->stream = &stream;
    if (stream.queue.empty()) {
        reach(*mark);
    } else {
        queue(stream, {Task::RECORD, "mark", nullptr, mark});
    }
    return mark;
}

void wait_for_end(Stream &waiting, Stream &other)
{
    if (!other.queue.empty()) {
        queue(waiting, {Task::WAIT, "wait", nullptr, mark_end(other)});
    }
}

/* The null stream waits for the blocking streams of its context, and they for it. */
void order_with_null_stream(Stream &stream)
{
    Context &context = *stream.context;
    if (&stream == &context.null_stream) {
        for (Stream *other : context.streams) {
            if (other->blocking) {
                wait_for_end(stream, *other);
            }
        }
    } else if (stream.blocking) {
        wait_for_end(stream, context.null_stream);
    }
}

void run_first(Stream &stream)
{
    Task task = std::move(stream.queue.front());
    stream.queue.pop_front();
    add(Count::QUEUED, -1);
    switch (task.kind) {
    case Task::WORK:
        run_guarded(*stream.context, task.what, task.work);
        break;
    case Task::RECORD:
        reach(*task.mark);
        break;
    case Task::WAIT:
        if (!task.mark->done) {
            run(*task.mark->stream, task.mark);
        }
        break;
    }
    if (stream.context->error != SUCCESS) {
        drop_queues(*stream.context);
    }
}

void drop_queue(Stream &stream)
{
    for (Task &task : stream.queue) {
        if (task.kind == Task::RECORD) {
            task.mark->done = true;
        }
    }
    add(Count::QUEUED, -int64_t(stream.queue.size()));
    stream.queue.clear();
}

} // namespace

Stream *find_stream(void *handle)
{
    if (handle == nullptr || handle == LEGACY || handle == PER_THREAD) {
        return &current_context()->null_stream;
    }
    return streams.find(handle);
}

int unusable_stream(void *handle)
{
    if (int problem = unusable()) {
        return problem;
    }
    Stream *stream = find_stream(handle);
    return stream == nullptr || stream->context != current_context() ? INVALID_HANDLE : SUCCESS;
}

int submit(void *handle, const std::string &what, std::function<void()> work)
{
    if (int problem = unusable_stream(handle)) {
        return problem;
    }
    Stream &stream = *find_stream(handle);
    if (stream.capture) {
        if (stream.capture->invalid) {
            return CAPTURE_INVALIDATED;
        }
        stream.capture->graph->nodes.push_back({what, std::move(work)});
        return SUCCESS;
    }
    if (&stream == &stream.context->null_stream && captures_block_null_stream(*stream.context)) {
        return CAPTURE_IMPLICIT;
    }
    order_with_null_stream(stream);
    queue(stream, {Task::WORK, what, std::move(work), nullptr});
    return SUCCESS;
}

void run(Stream &stream, const std::shared_ptr<Mark> &until)
{
    while (!stream.queue.empty() && !(until && until->done)) {
        run_first(stream);
    }
}

void run_all(Context &context)
{
    run(context.null_stream, nullptr);
    for (size_t i = 0; i < context.streams.size(); i++) {
        run(*context.streams[i], nullptr);
    }
}

void drop_queues(Context &context)
{
    drop_queue(context.null_stream);
    for (Stream *stream : context.streams) {
        drop_queue(*stream);
    }
}

int finish(void *handle)
{
    if (int problem = unusable_stream(handle)) {
        return problem;
    }
    Stream &stream = *find_stream(handle);
    if (stream.capture) {
        invalidate(stream);
        return CAPTURE_UNSUPPORTED;
    }
    order_with_null_stream(stream);
    run(stream, nullptr);
    return stream.context->error;
}

} // namespace softcuda

using namespace softcuda;

SOFTCUDA_API(cuStreamCreate, Stream **stream, unsigned flags)
{
    NEED_CONTEXT()
    if (stream == nullptr || flags > NON_BLOCKING) {
        return INVALID_VALUE;
    }
    Context *context = current_context();
    *stream = streams.add(new Stream{context, flags != NON_BLOCKING, {}, {}});
    context->streams.push_back(*stream);
    return SUCCESS;
}

SOFTCUDA_API(cuStreamDestroy_v2, void *handle)
{
    NEED_CONTEXT_TO_FREE()
    Stream *stream = streams.find(handle);
    if (stream == nullptr) {
        return INVALID_HANDLE;
    }
    run(*stream, nullptr);
    forget_captures_of(stream);
    auto &siblings = stream->context->streams;
    siblings.erase(std::find(siblings.begin(), siblings.end(), stream));
    streams.remove(stream);
    return current_context()->error;
}

SOFTCUDA_API(cuStreamSynchronize, void *stream)
{
    NEED_CONTEXT()
    return finish(stream);
}

SOFTCUDA_API(cuEventCreate, Event **event, unsigned flags)
{
    NEED_CONTEXT()
    if (event == nullptr) {
        return INVALID_VALUE;
    }
    *event = events.add(new Event{current_context(), (flags & DISABLE_TIMING) == 0, {}, {}});
    return SUCCESS;
}

SOFTCUDA_API(cuEventDestroy_v2, void *event)
{
    NEED_CONTEXT_TO_FREE()
    return events.remove(event) ? current_context()->error : INVALID_HANDLE;
}

SOFTCUDA_API(cuEventRecord, void *event_handle, void *handle)
{
    NEED_CONTEXT()
    if (int problem = unusable_stream(handle)) {
        return problem;
    }
    Event *event = events.find(event_handle);
    if (event == nullptr || event->context != current_context()) {
        return INVALID_HANDLE;
    }
    Stream &stream = *find_stream(handle);
    event->capture = stream.capture;
    if (stream.capture) {
        return stream.capture->invalid ? CAPTURE_INVALIDATED : SUCCESS;
    }
    order_with_null_stream(stream);
    event->mark = mark_end(stream);
    return SUCCESS;
}

SOFTCUDA_API(cuEventSynchronize, void *handle)
{
    NEED_CONTEXT()
    Event *event = events.find(handle);
    if (event == nullptr) {
        return INVALID_HANDLE;
    }
    if (event->capture) {
        event->capture->invalid = true;
        return CAPTURED_EVENT;
    }
    if (int problem = forbidden_while_capturing()) {
        return problem;
    }
    if (event->mark && !event->mark->done) {
        run(*event->mark->stream, event->mark);
    }
    return event->context->error;
}

SOFTCUDA_API(cuEventElapsedTime, float *milliseconds, void *start_handle, void *end_handle)
{
    NEED_CONTEXT()
    Event *start = events.find(start_handle);
    Event *end = events.find(end_handle);
    if (start == nullptr || end == nullptr || !start->timing || !end->timing || !start->mark || !end->mark) {
        return INVALID_HANDLE;
    }
    if (!start->mark->done || !end->mark->done) {
        return NOT_READY;
    }
    *milliseconds = float(end->mark->milliseconds - start->mark->milliseconds);
    return SUCCESS;
}
