/* cuDNN's convolutions: what they accept, and the calls. */
#include "cudnn.h"
#include <cstring>

namespace softcuda::dnn {
namespace {

constexpr int CROSS_CORRELATION = 1;
constexpr unsigned char SCRIBBLE = 0xa5;

struct Workspace {
    void *memory;
    size_t bytes;

    /* What an algorithm leaves in it is nobody's result. */
    void use() const
    {
        if (bytes > 0) {
            need("workspace", memory, bytes);
            memset(memory, SCRIBBLE, bytes);
        }
    }
};

/* BAD_PARAM for one that is too small */
int take_workspace(Workspace &workspace, size_t needed)
{
    if (workspace.bytes < needed || (needed > 0 && workspace.memory == nullptr)) {
        return BAD_PARAM;
    }
    workspace.bytes = needed;
    return SUCCESS;
}

int check(Direction direction, const Handle *handle, const Convolution *c, const Tensor *x, const Tensor *filter, const Tensor *y, int algorithm,
          Workspace &workspace)
{
    if (!knows(handle) || !knows(c) || !know_all(x, filter, y)) {
        return BAD_PARAM;
    }
    if (int problem = check_convolution(direction, *c, *x, *filter, *y)) {
        return problem;
    }
    if (int problem = check_algorithm(direction, algorithm, *c, *x, *filter, *y)) {
        return problem;
    }
    return take_workspace(workspace, workspace_bytes(direction, algorithm, *x, *filter, *y));
}

int first_problem(std::initializer_list<int> problems)
{
    for (int problem : problems) {
        if (problem != SUCCESS) {
            return problem;
        }
    }
    return SUCCESS;
}

} // namespace

bool convolved(const Convolution &c, const Tensor &x, const Tensor &filter, Tensor &y)
{
    if (!c.set || !x.set || !filter.set || filter.c * c.groups != x.c || filter.n % c.groups != 0) {
        return false;
    }
    y.n = x.n;
    y.c = filter.n;
    y.h = (x.h + 2 * c.pad_h - ((filter.h - 1) * c.dilation_h + 1)) / c.stride_h + 1;
    y.w = (x.w + 2 * c.pad_w - ((filter.w - 1) * c.dilation_w + 1)) / c.stride_w + 1;
    return x.h + 2 * c.pad_h > (filter.h - 1) * c.dilation_h && x.w + 2 * c.pad_w > (filter.w - 1) * c.dilation_w;
}

int check_convolution(Direction, const Convolution &c, const Tensor &x, const Tensor &filter, const Tensor &y)
{
    Tensor expected;
    if (!convolved(c, x, filter, expected) || !expected.same_shape(y)) {
        return BAD_PARAM;
    }
    bool one_type = is_floating(x.type) && filter.type == x.type && y.type == x.type;
    if (!one_type || c.compute_type != FLOAT || c.mode != CROSS_CORRELATION) {
        return NOT_SUPPORTED;
    }
    if (filter.format == NHWC && !(x.is_packed_nhwc() && y.is_packed_nhwc())) {
        return NOT_SUPPORTED;
    }
    return SUCCESS;
}

} // namespace softcuda::dnn

using namespace softcuda::dnn;

SOFTCUDA_API(cudnnConvolutionForward, Handle *handle, const void *alpha, const Tensor *x_of, const void *x, const Tensor *f_of, const void *filter,
             const Convolution *c, int algorithm, void *memory, size_t bytes, const void *beta, const Tensor *y_of, void *y)
{
    SOFTCUDA_ENTER()
    Workspace workspace{memory, bytes};
    if (int problem = check(Direction::FORWARD, handle, c, x_of, f_of, y_of, algorithm, workspace)) {
        return problem;
    }
    if (int problem = first_problem({check_pointer(*x_of, x), check_pointer(*f_of, filter), check_pointer(*y_of, y)})) {
        return problem;
    }
    return queue(handle, "cudnnConvolutionForward",
                 [=, c = *c, x_of = *x_of, f_of = *f_of, y_of = *y_of, alpha = scale(alpha), beta = scale(beta)] {
                     workspace.use();
                     write("y", y_of, y, convolve(c, x_of, f_of, y_of, read("x", x_of, x), read("w", f_of, filter)), alpha, beta);
                 });
}

SOFTCUDA_API(cudnnConvolutionBackwardData, Handle *handle, const void *alpha, const Tensor *f_of, const void *filter, const Tensor *dy_of,
             const void *dy, const Convolution *c, int algorithm, void *memory, size_t bytes, const void *beta, const Tensor *dx_of, void *dx)
{
    SOFTCUDA_ENTER()
    Workspace workspace{memory, bytes};
    if (int problem = check(Direction::BACKWARD_DATA, handle, c, dx_of, f_of, dy_of, algorithm, workspace)) {
        return problem;
    }
    if (int problem = first_problem({check_pointer(*dx_of, dx), check_pointer(*f_of, filter), check_pointer(*dy_of, dy)})) {
        return problem;
    }
    return queue(handle, "cudnnConvolutionBackwardData",
                 [=, c = *c, dx_of = *dx_of, f_of = *f_of, dy_of = *dy_of, alpha = scale(alpha), beta = scale(beta)] {
                     workspace.use();
                     write("dx", dx_of, dx, convolve_back(c, dx_of, f_of, dy_of, read("w", f_of, filter), read("dy", dy_of, dy)), alpha, beta);
                 });
}

SOFTCUDA_API(cudnnConvolutionBackwardFilter, Handle *handle, const void *alpha, const Tensor *x_of, const void *x, const Tensor *dy_of,
             const void *dy, const Convolution *c, int algorithm, void *memory, size_t bytes, const void *beta, const Tensor *dw_of, void *dw)
{
    SOFTCUDA_ENTER()
    Workspace workspace{memory, bytes};
    if (int problem = check(Direction::BACKWARD_FILTER, handle, c, x_of, dw_of, dy_of, algorithm, workspace)) {
        return problem;
    }
    if (int problem = first_problem({check_pointer(*x_of, x), check_pointer(*dw_of, dw), check_pointer(*dy_of, dy)})) {
        return problem;
    }
    return queue(handle, "cudnnConvolutionBackwardFilter",
                 [=, c = *c, x_of = *x_of, dw_of = *dw_of, dy_of = *dy_of, alpha = scale(alpha), beta = scale(beta)] {
                     workspace.use();
                     write("dw", dw_of, dw, convolve_filter(c, x_of, dw_of, dy_of, read("x", x_of, x), read("dy", dy_of, dy)), alpha, beta);
                 });
}
