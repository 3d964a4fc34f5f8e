/* The inside of the software libcuda: contexts, streams with their queues, captures, allocations. */
#pragma once
#include "softcuda.h"
#include <deque>
#include <memory>
#include <set>
#include <thread>
#include <vector>

namespace softcuda {

enum Error {
    SUCCESS = 0,
    INVALID_VALUE = 1,
    OUT_OF_MEMORY = 2,
    NOT_INITIALIZED = 3,
    NO_DEVICE = 100,
    INVALID_DEVICE = 101,
    INVALID_IMAGE = 200,
    INVALID_CONTEXT = 201,
    NO_BINARY_FOR_GPU = 209,
    INVALID_PTX = 218,
    UNSUPPORTED_PTX_VERSION = 222,
    FILE_NOT_FOUND = 301,
    INVALID_HANDLE = 400,
    NOT_FOUND = 500,
    NOT_READY = 600,
    ILLEGAL_ADDRESS = 700,
    MISALIGNED_ADDRESS = 716,
    LAUNCH_FAILED = 719,
    NOT_SUPPORTED = 801,
    CAPTURE_UNSUPPORTED = 900,
    CAPTURE_INVALIDATED = 901,
    CAPTURE_IMPLICIT = 906,
    CAPTURED_EVENT = 907,
    CAPTURE_WRONG_THREAD = 908
};

constexpr int MAX_DEVICES = 8;

struct Stream;
struct Context;

/* A point in a stream's queue. */
struct Mark {
    Stream *stream = nullptr;
    bool done = false;
    double milliseconds = 0;
};

struct Task {
    enum { WORK, RECORD, WAIT } kind;
    std::string what;
    std::function<void()> work;
    std::shared_ptr<Mark> mark;
};

struct Node {
    std::string what;
    std::function<void()> work;
};

/* Calls are captured in an order in which they can run, so a list is all that is kept. */
struct Graph {
    std::vector<Node> nodes;
};

struct Capture {
    Graph *graph;
    Stream *origin;
    int mode;
    std::thread::id thread;
    bool invalid = false;
};

struct Stream {
    Context *context;
    bool blocking;
    std::deque<Task> queue;
    std::shared_ptr<Capture> capture;
};

struct Event {
    Context *context;
    bool timing;
    std::shared_ptr<Mark> mark;
    std::shared_ptr<Capture> capture;
};

struct Context {
    explicit Context(int of_device) : device(of_device) {}

    int device;
    unsigned retained = 0;
    int error = SUCCESS;
    Stream null_stream{this, true, {}, {}};
    std::vector<Stream *> streams;
};

/* Objects of one kind that callers hold; a handle that is not among them was destroyed or never made. */
template <class T> class Handles {
  public:
    Handles(Count counted) : count(counted) {}
    T *add(T *object)
    {
        live.insert(object);
        softcuda::add(count, 1);
        return object;
    }
    T *find(void *handle) const
    {
        auto *object = static_cast<T *>(handle);
        return live.count(object) != 0 ? object : nullptr;
    }
    bool remove(void *handle)
    {
        T *object = find(handle);
        if (object == nullptr) {
            return false;
        }
        live.erase(object);
        softcuda::add(count, -1);
        delete object;
        return true;
    }

  private:
    std::set<T *> live;
    Count count;
};

/* contexts */
bool initialised();
Context *current_context();
void forget_errors();

/* streams */
Stream *find_stream(void *handle);
/* Runs what is queued before the mark, or all where it is null; what runs may fail: then the context has an error. */
void run(Stream &stream, const std::shared_ptr<Mark> &until);
void run_all(Context &context);
void drop_queues(Context &context);
/* Runs work of a queue so that a wild access becomes an error of the context and not the end of the process. */
void run_guarded(Context &context, const std::string &what, const std::function<void()> &work);

/* captures */
void invalidate(Stream &stream);
bool captures_block_null_stream(const Context &context);
void forget_captures_of(Stream *stream);

/* memory */
uint64_t device_memory();
void forget_memory();
bool is_pinned(const void *pointer, size_t bytes);
bool is_accessible(Address address, size_t bytes);
bool is_arena(const void *pointer);

} // namespace softcuda

#define NEED_DRIVER()                       \
    SOFTCUDA_ENTER()                        \
    if (!softcuda::initialised()) {         \
        return softcuda::NOT_INITIALIZED;   \
    }
#define NEED_CONTEXT()                              \
    NEED_DRIVER()                                   \
    if (int problem = softcuda::unusable()) {       \
        return problem;                             \
    }
/* For what frees: it does so on a context with an error too, and answers that error. */
#define NEED_CONTEXT_TO_FREE()                              \
    NEED_DRIVER()                                           \
    if (softcuda::current_context() == nullptr) {           \
        return softcuda::INVALID_CONTEXT;                   \
    }
