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

int attribute(int which)
{
    switch (which) {
    case 1: /* threads of a block */
    case 2:
    case 3:
        return 1024;
    case 4:
        return 64;
    case 5: /* grid */
        return 2147483647;
    case 6:
    case 7:
        return 65535;
    case 8: /* shared memory of a block */
        return 48 * 1024;
    case 9:
        return 65536;
    case 10: /* warp */
        return 32;
    case 12:
    case 82:
        return 65536;
    case 13: /* kHz */
    case 36:
        return 1000000;
    case 16: /* multiprocessors */
        return 4;
    case 31:
    case 41:
    case 78:
    case 83:
    case 95:
    case 99:
    case 102:
    case 115: /* memory pools */
        return 1;
    case 39:
        return 2048;
    case 40:
        return 2;
    case 75:
        return compute_capability() / 10;
    case 76:
        return compute_capability() % 10;
    case 81:
        return 228 * 1024;
    case 97: /* shared memory of a block that asked for more */
        return 227 * 1024;
    case 106:
        return 32;
    default:
        return 0;
    }
}

} // namespace

bool initialised() { return ready; }
Context *current_context() { return current; }
std::vector<Context *> all_contexts() { return {contexts.begin(), contexts.end()}; }

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

SOFTCUDA_API(cuDeviceGetUuid, unsigned char *uuid, int device)
{
    NEED_DRIVER()
    if (!is_device(device)) {
        return INVALID_DEVICE;
    }
    memcpy(uuid, "software device", 16);
    uuid[15] = static_cast<unsigned char>(device);
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
    *value = attribute(which);
    return SUCCESS;
}

SOFTCUDA_API(cuDeviceComputeCapability, int *major, int *minor, int device)
{
    NEED_DRIVER()
    if (!is_device(device)) {
        return INVALID_DEVICE;
    }
    *major = attribute(75);
    *minor = attribute(76);
    return SUCCESS;
}

SOFTCUDA_API(cuDeviceGetPCIBusId, char *id, int length, int device)
{
    NEED_DRIVER()
    if (!is_device(device)) {
        return INVALID_DEVICE;
    }
    snprintf(id, size_t(length), "0000:%02d:00.0", device);
    return SUCCESS;
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

SOFTCUDA_API(cuDevicePrimaryCtxReset_v2, int device)
{
    NEED_DRIVER()
    if (!is_device(device)) {
        return INVALID_DEVICE;
    }
    if (primary[device] != nullptr) {
        drop_queues(*primary[device]);
        primary[device]->error = SUCCESS;
    }
    return SUCCESS;
}

SOFTCUDA_API(cuDevicePrimaryCtxGetState, int device, unsigned *flags, int *active)
{
    NEED_DRIVER()
    if (!is_device(device)) {
        return INVALID_DEVICE;
    }
    *flags = 0;
    *active = primary[device] != nullptr && primary[device]->retained > 0;
    return SUCCESS;
}

SOFTCUDA_API(cuDevicePrimaryCtxSetFlags_v2, int device, unsigned)
{
    NEED_DRIVER()
    return is_device(device) ? SUCCESS : INVALID_DEVICE;
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

SOFTCUDA_API(cuCtxGetDevice, int *device)
{
    NEED_CONTEXT()
    *device = current->device;
    return SUCCESS;
}

SOFTCUDA_API(cuCtxSynchronize, void)
{
    NEED_CONTEXT()
    if (int problem = forbidden_while_capturing()) {
        return problem;
    }
    run_all(*current);
    return current->error;
}

SOFTCUDA_API(cuCtxGetStreamPriorityRange, int *least, int *greatest)
{
    NEED_CONTEXT()
    *least = 0;
    *greatest = -5;
    return SUCCESS;
}
