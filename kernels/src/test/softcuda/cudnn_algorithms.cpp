/* Which algorithms a convolution has, what they need and promise, and the calls that ask for them. */
#include "cudnn.h"
#include <algorithm>

namespace softcuda::dnn {
namespace {

/* The layout of cudnnConvolutionFwdAlgoPerf_t and its two sisters. */
struct Performance {
    int algorithm;
    int status;
    float milliseconds;
    size_t bytes;
    int determinism;
    int math_type;
    int reserved[3];
};
static_assert(sizeof(Performance) == 48, "as cuDNN has it");

constexpr int COUNTS[] = {8, 6, 7};
constexpr int WINOGRAD_FORWARD = 6;

/* From fast to slow, as this device pretends; the fastest backward ones are not deterministic. */
const std::vector<int> &ranked(Direction direction)
{
    static const std::vector<int> forward = {1, 0, 2, 6, 7, 4, 5, 3};
    static const std::vector<int> data = {0, 1, 4, 5, 2, 3};
    static const std::vector<int> filter = {0, 1, 3, 5, 2, 6, 4};
    return direction == Direction::FORWARD ? forward : direction == Direction::BACKWARD_DATA ? data : filter;
}

bool is_deterministic(Direction direction, int algorithm)
{
    switch (direction) {
    case Direction::FORWARD:
        return true;
    case Direction::BACKWARD_DATA:
        return algorithm != 0;
    default:
        return algorithm != 0 && algorithm != 3;
    }
}

Performance describe(Direction direction, int algorithm, const Convolution &c, const Tensor &x, const Tensor &filter, const Tensor &y, int place)
{
    Performance performance = {};
    performance.algorithm = algorithm;
    performance.status = check_algorithm(direction, algorithm, c, x, filter, y);
    performance.milliseconds = performance.status == SUCCESS ? 0.125f * float(place + 1) : -1.0f;
    performance.bytes = performance.status == SUCCESS ? workspace_bytes(direction, algorithm, x, filter, y) : 0;
    performance.determinism = is_deterministic(direction, algorithm);
    performance.math_type = c.math_type;
    return performance;
}

/* The best first and those that failed last, as cuDNN orders them. */
int list(Direction direction, const Handle *handle, const Convolution *c, const Tensor *x, const Tensor *filter, const Tensor *y, size_t limit,
         int wanted, int *returned, Performance *result)
{
    if (!knows(handle) || !knows(c) || !know_all(x, filter, y) || wanted < 1) {
        return BAD_PARAM;
    }
    if (returned == nullptr || result == nullptr) {
        return NULL_POINTER;
    }
    if (int problem = check_convolution(direction, *c, *x, *filter, *y)) {
        return problem;
    }
    std::vector<Performance> all;
    for (int algorithm : ranked(direction)) {
        all.push_back(describe(direction, algorithm, *c, *x, *filter, *y, int(all.size())));
        if (all.back().bytes > limit) {
            all.back().status = NOT_SUPPORTED;
            all.back().milliseconds = -1;
        }
    }
    std::stable_sort(all.begin(), all.end(), [](auto &a, auto &b) { return (a.status == SUCCESS) > (b.status == SUCCESS); });
    *returned = std::min(wanted, int(all.size()));
    std::copy(all.begin(), all.begin() + *returned, result);
    return SUCCESS;
}

int workspace(Direction direction, const Handle *handle, const Convolution *c, const Tensor *x, const Tensor *filter, const Tensor *y, int algorithm,
              size_t *bytes)
{
    if (!knows(handle) || !knows(c) || !know_all(x, filter, y) || bytes == nullptr) {
        return BAD_PARAM;
    }
    if (int problem = check_convolution(direction, *c, *x, *filter, *y)) {
        return problem;
    }
    if (int problem = check_algorithm(direction, algorithm, *c, *x, *filter, *y)) {
        return problem;
    }
    *bytes = workspace_bytes(direction, algorithm, *x, *filter, *y);
    return SUCCESS;
}

/* The Find functions measure: they wait for the device, and leave in the output whatever came out. */
int measure(Handle *handle, const Tensor &output, void *data, void *memory, size_t bytes)
{
    if (int problem = check_pointer(output, data)) {
        return problem;
    }
    int status = queue(handle, "cudnnFindConvolution", [=] {
        write("output", output, data, std::vector<float>(output.elements(), -1234.5f), 1, 0);
        if (bytes > 0) {
            need("workspace", memory, bytes);
            std::fill_n(static_cast<unsigned char *>(memory), bytes, 0xa5);
        }
    });
    return status == SUCCESS && finish(handle->stream) != 0 ? int(EXECUTION_FAILED_CUDA_DRIVER) : status;
}

} // namespace

size_t workspace_bytes(Direction direction, int algorithm, const Tensor &x, const Tensor &filter, const Tensor &y)
{
    size_t indices = 16 * (filter.elements() + size_t(y.h) * size_t(y.w));
    switch (direction) {
    case Direction::FORWARD:
        return algorithm == 0 ? 0 : algorithm == 1 ? indices : 4 * x.elements() + 64 * filter.elements();
    case Direction::BACKWARD_DATA:
        return algorithm == 0 ? 0 : 1024 + indices;
    default:
        return algorithm == 0 ? 0 : 2048 + indices;
    }
}

int check_algorithm(Direction direction, int algorithm, const Convolution &c, const Tensor &x, const Tensor &filter, const Tensor &)
{
    if (algorithm < 0 || algorithm >= COUNTS[int(direction)]) {
        return BAD_PARAM;
    }
    bool supported;
    if (filter.format == NHWC) {
        supported = direction == Direction::FORWARD ? algorithm == 1 : algorithm <= 1;
    } else if (direction == Direction::FORWARD) {
        bool small = filter.h == 3 && filter.w == 3 && c.stride_h == 1 && c.stride_w == 1 && c.dilation_h == 1 && c.dilation_w == 1;
        supported = algorithm <= 1 || (algorithm == 2 && c.dilation_h == 1 && c.dilation_w == 1) ||
                    (algorithm == WINOGRAD_FORWARD && small && x.type == FLOAT && c.groups == 1);
    } else {
        supported = algorithm <= 1 || (direction == Direction::BACKWARD_FILTER && algorithm == 3);
    }
    return supported ? SUCCESS : NOT_SUPPORTED;
}

} // namespace softcuda::dnn

using namespace softcuda::dnn;

constexpr size_t ANY_SIZE = ~size_t{0};

#define MAXIMUM(name, direction)                                                                      \
    SOFTCUDA_API(cudnnGetConvolution##name##AlgorithmMaxCount, const Handle *handle, int *count)      \
    {                                                                                                 \
        SOFTCUDA_ENTER()                                                                              \
        *count = COUNTS[int(direction)];                                                              \
        return knows(handle) ? SUCCESS : BAD_PARAM;                                                   \
    }
MAXIMUM(Forward, Direction::FORWARD)
MAXIMUM(BackwardData, Direction::BACKWARD_DATA)
MAXIMUM(BackwardFilter, Direction::BACKWARD_FILTER)

SOFTCUDA_API(cudnnGetConvolutionForwardWorkspaceSize, const Handle *handle, const Tensor *x, const Tensor *filter, const Convolution *c,
             const Tensor *y, int algorithm, size_t *bytes)
{
    SOFTCUDA_ENTER()
    return workspace(Direction::FORWARD, handle, c, x, filter, y, algorithm, bytes);
}

SOFTCUDA_API(cudnnGetConvolutionBackwardDataWorkspaceSize, const Handle *handle, const Tensor *filter, const Tensor *dy, const Convolution *c,
             const Tensor *dx, int algorithm, size_t *bytes)
{
    SOFTCUDA_ENTER()
    return workspace(Direction::BACKWARD_DATA, handle, c, dx, filter, dy, algorithm, bytes);
}

SOFTCUDA_API(cudnnGetConvolutionBackwardFilterWorkspaceSize, const Handle *handle, const Tensor *x, const Tensor *dy, const Convolution *c,
             const Tensor *dw, int algorithm, size_t *bytes)
{
    SOFTCUDA_ENTER()
    return workspace(Direction::BACKWARD_FILTER, handle, c, x, dw, dy, algorithm, bytes);
}

SOFTCUDA_API(cudnnGetConvolutionForwardAlgorithm_v7, const Handle *handle, const Tensor *x, const Tensor *filter, const Convolution *c,
             const Tensor *y, int wanted, int *returned, Performance *result)
{
    SOFTCUDA_ENTER()
    return list(Direction::FORWARD, handle, c, x, filter, y, ANY_SIZE, wanted, returned, result);
}

SOFTCUDA_API(cudnnGetConvolutionBackwardDataAlgorithm_v7, const Handle *handle, const Tensor *filter, const Tensor *dy, const Convolution *c,
             const Tensor *dx, int wanted, int *returned, Performance *result)
{
    SOFTCUDA_ENTER()
    return list(Direction::BACKWARD_DATA, handle, c, dx, filter, dy, ANY_SIZE, wanted, returned, result);
}

SOFTCUDA_API(cudnnGetConvolutionBackwardFilterAlgorithm_v7, const Handle *handle, const Tensor *x, const Tensor *dy, const Convolution *c,
             const Tensor *dw, int wanted, int *returned, Performance *result)
{
    SOFTCUDA_ENTER()
    return list(Direction::BACKWARD_FILTER, handle, c, x, dw, dy, ANY_SIZE, wanted, returned, result);
}

SOFTCUDA_API(cudnnFindConvolutionForwardAlgorithmEx, Handle *handle, const Tensor *x_of, const void *x, const Tensor *f_of, const void *filter,
             const Convolution *c, const Tensor *y_of, void *y, int wanted, int *returned, Performance *result, void *memory, size_t bytes)
{
    SOFTCUDA_ENTER()
    if (int problem = list(Direction::FORWARD, handle, c, x_of, f_of, y_of, bytes, wanted, returned, result)) {
        return problem;
    }
    if (x == nullptr || filter == nullptr) {
        return NULL_POINTER;
    }
    return measure(handle, *y_of, y, memory, bytes);
}

SOFTCUDA_API(cudnnFindConvolutionBackwardDataAlgorithmEx, Handle *handle, const Tensor *f_of, const void *filter, const Tensor *dy_of,
             const void *dy, const Convolution *c, const Tensor *dx_of, void *dx, int wanted, int *returned, Performance *result, void *memory,
             size_t bytes)
{
    SOFTCUDA_ENTER()
    if (int problem = list(Direction::BACKWARD_DATA, handle, c, dx_of, f_of, dy_of, bytes, wanted, returned, result)) {
        return problem;
    }
    if (dy == nullptr || filter == nullptr) {
        return NULL_POINTER;
    }
    return measure(handle, *dx_of, dx, memory, bytes);
}

SOFTCUDA_API(cudnnFindConvolutionBackwardFilterAlgorithmEx, Handle *handle, const Tensor *x_of, const void *x, const Tensor *dy_of,
             const void *dy, const Convolution *c, const Tensor *dw_of, void *dw, int wanted, int *returned, Performance *result, void *memory,
             size_t bytes)
{
    SOFTCUDA_ENTER()
    if (int problem = list(Direction::BACKWARD_FILTER, handle, c, x_of, dw_of, dy_of, bytes, wanted, returned, result)) {
        return problem;
    }
    if (x == nullptr || dy == nullptr) {
        return NULL_POINTER;
    }
    return measure(handle, *dw_of, dw, memory, bytes);
}
