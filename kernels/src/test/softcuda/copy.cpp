/* Copies and fills. */
#include "driver.h"
#include <cstring>

namespace softcuda {
namespace {

constexpr void *NULL_STREAM = nullptr;

/* CUDA reads pageable memory before the call returns, whether the copy waits or not. */
int to_device(Address to, const void *from, size_t bytes, void *stream)
{
    if (!is_accessible(to, bytes) || (from == nullptr && bytes > 0)) {
        return INVALID_VALUE;
    }
    auto copy = [=](const void *source) {
        need("copy to the device", at(to), bytes);
        memcpy(at(to), source, bytes);
    };
    if (is_pinned(from, bytes)) {
        return submit(stream, "copy from pinned memory", [=] { copy(from); });
    }
    Stream *target = find_stream(stream);
    if (target != nullptr && target->capture) {
        invalidate(*target);
        return CAPTURE_UNSUPPORTED;
    }
    auto *bytes_now = static_cast<const char *>(from);
    auto staged = std::make_shared<std::vector<char>>(bytes_now, bytes_now + bytes);
    return submit(stream, "copy from pageable memory", [=] { copy(staged->data()); });
}

/* To pageable memory CUDA returns when the copy is done, even from an asynchronous call. */
int to_host(void *to, Address from, size_t bytes, void *stream)
{
    if (!is_accessible(from, bytes) || (to == nullptr && bytes > 0)) {
        return INVALID_VALUE;
    }
    Stream *source = find_stream(stream);
    bool pageable = !is_pinned(to, bytes);
    if (pageable && source != nullptr && source->capture) {
        invalidate(*source);
        return CAPTURE_UNSUPPORTED;
    }
    int status = submit(stream, "copy to the host", [=] {
        need("copy to the host", at(from), bytes);
        memcpy(to, at(from), bytes);
    });
    return status == SUCCESS && pageable ? finish(stream) : status;
}

int in_device(Address to, Address from, size_t bytes, void *stream)
{
    if (!is_accessible(to, bytes) || !is_accessible(from, bytes)) {
        return INVALID_VALUE;
    }
    return submit(stream, "copy in the device", [=] {
        need("copy in the device, from", at(from), bytes);
        need("copy in the device, to", at(to), bytes);
        memmove(at(to), at(from), bytes);
    });
}

template <class T> int fill(Address to, T value, size_t count, void *stream)
{
    if (!is_accessible(to, count * sizeof(T)) || to % sizeof(T) != 0) {
        return INVALID_VALUE;
    }
    auto work = [=] {
        need("fill", at(to), count * sizeof(T));
        T *elements = static_cast<T *>(at(to));
        std::fill(elements, elements + count, value);
    };
    return submit(stream, "fill", work);
}

int then_finish(int status) { return status == SUCCESS ? finish(NULL_STREAM) : status; }

} // namespace
} // namespace softcuda

using namespace softcuda;

SOFTCUDA_API(cuMemcpyHtoDAsync_v2, Address to, const void *from, size_t bytes, void *stream)
{
    NEED_CONTEXT()
    return to_device(to, from, bytes, stream);
}

SOFTCUDA_API(cuMemcpyDtoHAsync_v2, void *to, Address from, size_t bytes, void *stream)
{
    NEED_CONTEXT()
    return to_host(to, from, bytes, stream);
}

SOFTCUDA_API(cuMemcpyDtoDAsync_v2, Address to, Address from, size_t bytes, void *stream)
{
    NEED_CONTEXT()
    return in_device(to, from, bytes, stream);
}

SOFTCUDA_API(cuMemcpyDtoH_v2, void *to, Address from, size_t bytes)
{
    NEED_CONTEXT()
    int problem = forbidden_while_capturing();
    return problem != SUCCESS ? problem : then_finish(to_host(to, from, bytes, NULL_STREAM));
}

SOFTCUDA_API(cuMemsetD8Async, Address to, unsigned char value, size_t count, void *stream)
{
    NEED_CONTEXT()
    return fill(to, value, count, stream);
}

SOFTCUDA_API(cuMemsetD32Async, Address to, unsigned value, size_t count, void *stream)
{
    NEED_CONTEXT()
    return fill(to, value, count, stream);
}
