/* Which algorithms a convolution has, what workspace they need, and the calls that ask for it. */
#include "cudnn.h"

namespace softcuda::dnn {
namespace {

constexpr int COUNTS[] = {8, 6, 7};
constexpr int WINOGRAD_FORWARD = 6;

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
