/* cuDNN's handles, versions and words for its statuses. */
#include "cudnn.h"

namespace softcuda::dnn {
namespace {

std::set<Handle *> handles;

} // namespace

bool knows(const Handle *handle) { return handles.count(const_cast<Handle *>(handle)) != 0; }

int queue(Handle *handle, const char *what, std::function<void()> work)
{
    return submit(handle->stream, what, std::move(work)) == 0 ? SUCCESS : EXECUTION_FAILED_CUDA_DRIVER;
}

} // namespace softcuda::dnn

using namespace softcuda;
using namespace softcuda::dnn;

extern "C" SOFTCUDA_VISIBLE size_t cudnnGetVersion()
{
    uint32_t wanted = control().cudnn_version;
    return wanted == 0 ? 90500 : wanted;
}

extern "C" SOFTCUDA_VISIBLE size_t cudnnGetCudartVersion()
{
    uint32_t wanted = control().cudnn_cuda_version;
    return wanted == 0 ? 12060 : wanted;
}

extern "C" SOFTCUDA_VISIBLE const char *cudnnGetErrorString(int status)
{
    switch (status) {
    case SUCCESS:
        return "CUDNN_STATUS_SUCCESS";
    case NOT_INITIALIZED:
        return "CUDNN_STATUS_NOT_INITIALIZED";
    case 1002:
        return "CUDNN_STATUS_SUBLIBRARY_VERSION_MISMATCH";
    case 1004:
        return "CUDNN_STATUS_DEPRECATED";
    case 1005:
        return "CUDNN_STATUS_LICENSE_ERROR";
    case 1008:
        return "CUDNN_STATUS_SUBLIBRARY_LOADING_FAILED";
    case BAD_PARAM:
        return "CUDNN_STATUS_BAD_PARAM";
    case NULL_POINTER:
        return "CUDNN_STATUS_BAD_PARAM_NULL_POINTER";
    case MISALIGNED_POINTER:
        return "CUDNN_STATUS_BAD_PARAM_MISALIGNED_POINTER";
    case NOT_SUPPORTED:
        return "CUDNN_STATUS_NOT_SUPPORTED";
    case INTERNAL_ERROR:
        return "CUDNN_STATUS_INTERNAL_ERROR";
    case 4003:
        return "CUDNN_STATUS_INTERNAL_ERROR_HOST_ALLOCATION_FAILED";
    case 4004:
        return "CUDNN_STATUS_INTERNAL_ERROR_DEVICE_ALLOCATION_FAILED";
    case EXECUTION_FAILED:
        return "CUDNN_STATUS_EXECUTION_FAILED";
    case EXECUTION_FAILED_CUDA_DRIVER:
        return "CUDNN_STATUS_EXECUTION_FAILED_CUDA_DRIVER";
    default:
        return "CUDNN_UNKNOWN_STATUS";
    }
}

SOFTCUDA_API(cudnnCreate, Handle **handle)
{
    SOFTCUDA_ENTER()
    if (handle == nullptr) {
        return NULL_POINTER;
    }
    if (unusable() != 0 || forbidden_while_capturing() != 0) {
        return NOT_INITIALIZED;
    }
    *handle = *handles.insert(new Handle).first;
    add(Count::CUDNN_HANDLES, 1);
    return SUCCESS;
}

SOFTCUDA_API(cudnnDestroy, Handle *handle)
{
    SOFTCUDA_ENTER()
    if (handles.erase(handle) == 0) {
        return BAD_PARAM;
    }
    delete handle;
    add(Count::CUDNN_HANDLES, -1);
    return SUCCESS;
}

SOFTCUDA_API(cudnnSetStream, Handle *handle, void *stream)
{
    SOFTCUDA_ENTER()
    if (!knows(handle) || unusable_stream(stream) != 0) {
        return BAD_PARAM;
    }
    handle->stream = stream;
    return SUCCESS;
}
