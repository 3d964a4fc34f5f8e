/* What the software libcuda offers to the software libcudnn and libcublas, and what all three share. */
#pragma once
#include "control.h"
#include <functional>
#include <mutex>
#include <string>

#define SOFTCUDA_VISIBLE __attribute__((visibility("default")))
/* A function of CUDA, cuDNN or cuBLAS that answers a status. */
#define SOFTCUDA_API(name, ...) extern "C" SOFTCUDA_VISIBLE int name(__VA_ARGS__)
/* The first statement of each: takes the lock, counts the call and answers the failure that a test asked for. */
#define SOFTCUDA_ENTER()                                              \
    static softcuda::Function called(__func__);                       \
    std::lock_guard<std::recursive_mutex> lock(softcuda::mutex());    \
    if (int failure = called.enter()) {                             \
        return failure;                                               \
    }

namespace softcuda {

using Address = uint64_t;

inline void *at(Address address) { return reinterpret_cast<void *>(address); }
inline Address address_of(const void *pointer) { return reinterpret_cast<Address>(pointer); }

/* An error that sticks to the context, as after an illegal access on a GPU. */
struct SOFTCUDA_VISIBLE Fault {
    int code;
    std::string text;
};

class SOFTCUDA_VISIBLE Function {
  public:
    explicit Function(const char *exported_name);
    int enter();

  private:
    FunctionCount *count;
};

SOFTCUDA_VISIBLE std::recursive_mutex &mutex();
SOFTCUDA_VISIBLE Control &control();
SOFTCUDA_VISIBLE void add(Count what, int64_t n);
SOFTCUDA_VISIBLE void report(const std::string &fault);

/* 0, or why this thread can do nothing now: no context (201), or the error that sticks to its context. */
SOFTCUDA_VISIBLE int unusable();
/* 0, or why the stream cannot be used: another context's or destroyed (400). */
SOFTCUDA_VISIBLE int unusable_stream(void *stream);
/* Queues work on a stream (or adds it to the graph that the stream captures); what says what it is, for faults. */
SOFTCUDA_VISIBLE int submit(void *stream, const std::string &what, std::function<void()> work);
/* Waits for all that the stream has queued; an error during capture, as every synchronisation. */
SOFTCUDA_VISIBLE int finish(void *stream);
/* Throws an illegal access unless the bytes lie in one live allocation of a device. */
SOFTCUDA_VISIBLE void need(const char *what, const void *device_memory, size_t bytes);
/* 0, or 900 where the thread is capturing and may not do what a graph cannot hold. */
SOFTCUDA_VISIBLE int forbidden_while_capturing();

} // namespace softcuda
