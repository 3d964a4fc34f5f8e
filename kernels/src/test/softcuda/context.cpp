/* cuInit, devices, contexts. */
#include "driver.h"
#include <cstdio>
#include <cstring>

namespace softcuda {
namespace {

bool ready = false;
Context *primary[MAX_DEVICES];
std::set<Context *> contexts;
thread_local Context *current = nullptr;

int device_count()
{
    uint32_t wanted = control().devices;
    return wanted == 0 ? 1 : wanted > MAX_DEVICES ? MAX_DEVICES : int(wanted);
}

bool is_device(int device) { return device >= 0 && device < device_count(); }

int compute_capability()
{
    uint32_t wanted = control().compute_capability;
    return wanted == 0 ? 90 : int(wanted);
}

/* INVALID_VALUE for one that nobody asks for. */
int attribute(int which, int *value)
{
    enum { MULTIPROCESSORS = 16, CAPABILITY_MAJOR = 75, CAPABILITY_MINOR = 76 };
    switch (which) {
    case MULTIPROCESSORS:
        *value = 4;
        return SUCCESS;
    case CAPABILITY_MAJOR:
        *value = compute_capability() / 10;
        return SUCCESS;
    case CAPABILITY_MINOR:
        *value = compute_capability() % 10;
        return SUCCESS;
    default:
        return INVALID_VALUE;
    }
}

} // namespace

bool initialised() { return ready; }
Context *current_context() { return current; }

void forget_errors()
{
    for (Context *context : contexts) {
        drop_queues(*context);
        context->error = SUCCESS;
    }
}

int unusable()
{
    if (!ready) {
        return NOT_INITIALIZED;
    }
    if (current == nullptr || contexts.count(current) == 0) {
        return INVALID_CONTEXT;
    }
    return current->error;
}

} // namespace softcuda

using namespace softcuda;

SOFTCUDA_API(cuInit, unsigned flags)
{
    SOFTCUDA_ENTER()
    if (flags != 0) {
        return INVALID_VALUE;
    }
    if (control().no_device != 0) {
        return NO_DEVICE;
    }
    ready = true;
    return SUCCESS;
}

SOFTCUDA_API(cuDriverGetVersion, int *version)
{
    SOFTCUDA_ENTER()
    *version = control().driver_version == 0 ? 12060 : int(control().driver_version);
    return SUCCESS;
}

SOFTCUDA_API(cuDeviceGetCount, int *count)
{
    NEED_DRIVER()
    *count = device_count();
    return SUCCESS;
}

SOFTCUDA_API(cuDeviceGet, int *device, int ordinal)
{
    NEED_DRIVER()
    if (!is_device(ordinal)) {
        return INVALID_DEVICE;
    }
    *device = ordinal;
    return SUCCESS;
}

SOFTCUDA_API(cuDeviceGetName, char *name, int length, int device)
{
    NEED_DRIVER()
    if (!is_device(device)) {
        return INVALID_DEVICE;
    }
    snprintf(name, size_t(length), "Software CUDA device");
    return SUCCESS;
}

SOFTCUDA_API(cuDeviceTotalMem_v2, size_t *bytes, int device)
{
    NEED_DRIVER()
    if (!is_device(device)) {
        return INVALID_DEVICE;
    }
    *bytes = device_memory();
    return SUCCESS;
}

SOFTCUDA_API(cuDeviceGetAttribute, int *value, int which, int device)
{
    NEED_DRIVER()
    if (!is_device(device)) {
        return INVALID_DEVICE;
    }
    return attribute(which, value);
}

SOFTCUDA_API(cuDevicePrimaryCtxRetain, Context **context, int device)
{
    NEED_DRIVER()
    if (!is_device(device)) {
        return INVALID_DEVICE;
    }
    if (primary[device] == nullptr) {
        primary[device] = new Context(device);
    }
    contexts.insert(primary[device]);
    primary[device]->retained++;
    add(Count::RETAINED_CONTEXTS, 1);
    *context = primary[device];
    return SUCCESS;
}

SOFTCUDA_API(cuDevicePrimaryCtxRelease_v2, int device)
{
    NEED_DRIVER()
    if (!is_device(device)) {
        return INVALID_DEVICE;
    }
    Context *context = primary[device];
    if (context == nullptr || context->retained == 0) {
        return INVALID_CONTEXT;
    }
    add(Count::RETAINED_CONTEXTS, -1);
    if (--context->retained == 0) {
        run_all(*context);
        contexts.erase(context);
        context->error = SUCCESS;
    }
    return SUCCESS;
}

SOFTCUDA_API(cuCtxCreate_v2, Context **context, unsigned, int device)
{
    NEED_DRIVER()
    if (!is_device(device)) {
        return INVALID_DEVICE;
    }
    current = *context = *contexts.insert(new Context(device)).first;
    return SUCCESS;
}

SOFTCUDA_API(cuCtxDestroy_v2, Context *context)
{
    NEED_DRIVER()
    if (contexts.count(context) == 0 || context->retained > 0) {
        return INVALID_CONTEXT;
    }
    run_all(*context);
    contexts.erase(context);
    if (current == context) {
        current = nullptr;
    }
    return SUCCESS;
}

SOFTCUDA_API(cuCtxSetCurrent, Context *context)
{
    NEED_DRIVER()
    if (context != nullptr && contexts.count(context) == 0) {
        return INVALID_CONTEXT;
    }
    current = context;
    return SUCCESS;
}

SOFTCUDA_API(cuCtxGetCurrent, Context **context)
{
    NEED_DRIVER()
    *context = current;
    return SUCCESS;
}
