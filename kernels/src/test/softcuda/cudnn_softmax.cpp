/* cuDNN's softmax over the channels of a pixel, or over a whole instance. */
#include "cudnn.h"
#include <algorithm>
#include <cmath>

namespace softcuda::dnn {
namespace {

enum Algorithm { FAST, ACCURATE, LOG };
enum Mode { INSTANCE, CHANNEL };

int check(const Handle *handle, int algorithm, int mode, const Tensor *x, const Tensor *y)
{
    if (!knows(handle) || !know_all(x, y) || algorithm < FAST || algorithm > LOG || mode < INSTANCE || mode > CHANNEL || !x->same_shape(*y)) {
        return BAD_PARAM;
    }
    return x->type == y->type && is_floating(x->type) ? SUCCESS : NOT_SUPPORTED;
}

size_t length(int mode, const Tensor &t) { return mode == CHANNEL ? size_t(t.c) : t.elements() / size_t(t.n); }

void forward(int algorithm, float *values, size_t n)
{
    float shift = algorithm == FAST ? 0 : *std::max_element(values, values + n);
    double sum = 0;
    for (size_t i = 0; i < n; i++) {
        sum += std::exp(double(values[i] - shift));
    }
    for (size_t i = 0; i < n; i++) {
        float x = values[i] - shift;
        values[i] = algorithm == LOG ? float(double(x) - std::log(sum)) : float(std::exp(double(x)) / sum);
    }
}

/* y * (dy - sum(y * dy)), and for logarithms dy - exp(y) * sum(dy) */
void backward(int algorithm, const float *y, float *dy, size_t n)
{
    double sum = 0;
    for (size_t i = 0; i < n; i++) {
        sum += algorithm == LOG ? double(dy[i]) : double(y[i]) * double(dy[i]);
    }
    for (size_t i = 0; i < n; i++) {
        dy[i] = algorithm == LOG ? float(double(dy[i]) - std::exp(double(y[i])) * sum) : float(double(y[i]) * (double(dy[i]) - sum));
    }
}

} // namespace
} // namespace softcuda::dnn

using namespace softcuda::dnn;

SOFTCUDA_API(cudnnSoftmaxForward, Handle *handle, int algorithm, int mode, const void *alpha, const Tensor *x_of, const void *x, const void *beta,
             const Tensor *y_of, void *y)
{
    SOFTCUDA_ENTER()
    for (int problem : {check(handle, algorithm, mode, x_of, y_of)}) {
        if (problem != SUCCESS) {
            return problem;
        }
    }
    for (int problem : {check_pointer(*x_of, x), check_pointer(*y_of, y)}) {
        if (problem != SUCCESS) {
            return problem;
        }
    }
    return queue(handle, "cudnnSoftmaxForward", [=, x_of = *x_of, y_of = *y_of, alpha = scale(alpha), beta = scale(beta)] {
        std::vector<float> values = read("x", x_of, x);
        size_t n = length(mode, x_of);
        for (size_t i = 0; i < values.size(); i += n) {
            forward(algorithm, &values[i], n);
        }
        write("y", y_of, y, values, alpha, beta);
    });
}

SOFTCUDA_API(cudnnSoftmaxBackward, Handle *handle, int algorithm, int mode, const void *alpha, const Tensor *y_of, const void *y,
             const Tensor *dy_of, const void *dy, const void *beta, const Tensor *dx_of, void *dx)
{
    SOFTCUDA_ENTER()
    for (int problem : {check(handle, algorithm, mode, y_of, dy_of), check(handle, algorithm, mode, y_of, dx_of)}) {
        if (problem != SUCCESS) {
            return problem;
        }
    }
    for (int problem : {check_pointer(*y_of, y), check_pointer(*dy_of, dy), check_pointer(*dx_of, dx)}) {
        if (problem != SUCCESS) {
            return problem;
        }
    }
    return queue(handle, "cudnnSoftmaxBackward", [=, y_of = *y_of, dy_of = *dy_of, dx_of = *dx_of, alpha = scale(alpha), beta = scale(beta)] {
        std::vector<float> outputs = read("y", y_of, y), gradient = read("dy", dy_of, dy);
        size_t n = length(mode, y_of);
        for (size_t i = 0; i < gradient.size(); i += n) {
            backward(algorithm, &outputs[i], &gradient[i], n);
        }
        write("dx", dx_of, dx, gradient, alpha, beta);
    });
}
