/* cuDNN's activations and operations of tensors element by element. */
#include "cudnn.h"
#include <algorithm>
#include <cmath>

namespace softcuda::dnn {
namespace {

enum Mode { SIGMOID, RELU, TANH, CLIPPED_RELU, ELU, IDENTITY, SWISH };
enum Operation { ADD, MULTIPLY, MINIMUM, MAXIMUM, SQUARE_ROOT, NOT };

float sigmoid(float x) { return 1 / (1 + std::exp(-x)); }

float derivative(const Activation &a, float x, float y)
{
    switch (a.mode) {
    case SIGMOID:
        return y * (1 - y);
    case RELU:
        return x > 0 ? 1 : 0;
    case TANH:
        return 1 - y * y;
    case CLIPPED_RELU:
        return x > 0 && x < float(a.coefficient) ? 1 : 0;
    case ELU:
        return x > 0 ? 1 : y + float(a.coefficient);
    case SWISH: {
        float b = float(a.swish_beta), s = sigmoid(b * x);
        return s + b * x * s * (1 - s);
    }
    default:
        return 1;
    }
}

bool broadcasts(const Tensor &small, const Tensor &large)
{
    auto fits = [](int a, int b) { return a == 1 || a == b; };
    return fits(small.n, large.n) && fits(small.c, large.c) && fits(small.h, large.h) && fits(small.w, large.w);
}

/* The number of the element of small that goes with an element of large. */
size_t place_in(const Tensor &small, const Tensor &large, size_t number)
{
    size_t c = number % size_t(large.c), w = number / size_t(large.c) % size_t(large.w);
    size_t h = number / (size_t(large.c) * size_t(large.w)) % size_t(large.h);
    size_t n = number / (size_t(large.c) * size_t(large.w) * size_t(large.h));
    auto of = [](int size, size_t i) { return size == 1 ? 0 : i; };
    return ((of(small.n, n) * size_t(small.h) + of(small.h, h)) * size_t(small.w) + of(small.w, w)) * size_t(small.c) + of(small.c, c);
}

float operate(int operation, float a, float b)
{
    switch (operation) {
    case ADD:
        return a + b;
    case MULTIPLY:
        return a * b;
    case MINIMUM:
        return std::min(a, b);
    case MAXIMUM:
        return std::max(a, b);
    case SQUARE_ROOT:
        return std::sqrt(a);
    default:
        return 1 - a;
    }
}

int check_alike(const Tensor &a, const void *a_data, const Tensor &b, const void *b_data)
{
    if (!a.same_shape(b)) {
        return BAD_PARAM;
    }
    if (a.type != b.type || !is_floating(a.type)) {
        return NOT_SUPPORTED;
    }
    int problem = check_pointer(a, a_data);
    return problem != SUCCESS ? problem : check_pointer(b, b_data);
}

} // namespace

float activate(const Activation &a, float x)
{
    switch (a.mode) {
    case SIGMOID:
        return sigmoid(x);
    case RELU:
        return x > 0 || (a.nan != 0 && std::isnan(x)) ? x : 0;
    case TANH:
        return std::tanh(x);
    case CLIPPED_RELU:
        return std::min(x > 0 || (a.nan != 0 && std::isnan(x)) ? x : 0, float(a.coefficient));
    case ELU:
        return x > 0 ? x : float(a.coefficient) * std::expm1(x);
    case SWISH:
        return x * sigmoid(float(a.swish_beta) * x);
    default:
        return x;
    }
}

} // namespace softcuda::dnn

using namespace softcuda::dnn;

SOFTCUDA_API(cudnnActivationForward, Handle *handle, const Activation *a, const void *alpha, const Tensor *x_of, const void *x, const void *beta,
             const Tensor *y_of, void *y)
{
    SOFTCUDA_ENTER()
    if (!knows(handle) || !knows(a) || !know_all(x_of, y_of)) {
        return BAD_PARAM;
    }
    if (a->mode == IDENTITY) {
        return BAD_PARAM;
    }
    if (int problem = check_alike(*x_of, x, *y_of, y)) {
        return problem;
    }
    return queue(handle, "cudnnActivationForward", [=, a = *a, x_of = *x_of, y_of = *y_of, alpha = scale(alpha), beta = scale(beta)] {
        std::vector<float> values = read("x", x_of, x);
        for (float &value : values) {
            value = activate(a, value);
        }
        write("y", y_of, y, values, alpha, beta);
    });
}

SOFTCUDA_API(cudnnActivationBackward, Handle *handle, const Activation *a, const void *alpha, const Tensor *y_of, const void *y,
             const Tensor *dy_of, const void *dy, const Tensor *x_of, const void *x, const void *beta, const Tensor *dx_of, void *dx)
{
    SOFTCUDA_ENTER()
    if (!knows(handle) || !knows(a) || !know_all(y_of, dy_of, x_of, dx_of) || a->mode == IDENTITY) {
        return BAD_PARAM;
    }
    for (int problem : {check_alike(*y_of, y, *dy_of, dy), check_alike(*x_of, x, *dx_of, dx), check_alike(*y_of, y, *x_of, x)}) {
        if (problem != SUCCESS) {
            return problem;
        }
    }
    return queue(handle, "cudnnActivationBackward",
                 [=, a = *a, y_of = *y_of, dy_of = *dy_of, x_of = *x_of, dx_of = *dx_of, alpha = scale(alpha), beta = scale(beta)] {
                     std::vector<float> outputs = read("y", y_of, y), inputs = read("x", x_of, x), gradient = read("dy", dy_of, dy);
                     for (size_t i = 0; i < gradient.size(); i++) {
                         gradient[i] *= derivative(a, inputs[i], outputs[i]);
                     }
                     write("dx", dx_of, dx, gradient, alpha, beta);
                 });
}

/* c = alpha * a + beta * c, where each dimension of a is c's or 1 */
SOFTCUDA_API(cudnnAddTensor, Handle *handle, const void *alpha, const Tensor *a_of, const void *a, const void *beta, const Tensor *c_of, void *c)
{
    SOFTCUDA_ENTER()
    if (!knows(handle) || !know_all(a_of, c_of) || !broadcasts(*a_of, *c_of)) {
        return BAD_PARAM;
    }
    if (a_of->type != c_of->type) {
        return NOT_SUPPORTED;
    }
    return queue(handle, "cudnnAddTensor", [=, a_of = *a_of, c_of = *c_of, alpha = scale(alpha), beta = scale(beta)] {
        std::vector<float> small = read("A", a_of, a), values(c_of.elements());
        for (size_t i = 0; i < values.size(); i++) {
            values[i] = small[place_in(a_of, c_of, i)];
        }
        write("C", c_of, c, values, alpha, beta);
    });
}

/* c = operation(alpha1 * a, alpha2 * b) + beta * c */
SOFTCUDA_API(cudnnOpTensor, Handle *handle, const OpTensor *o, const void *alpha1, const Tensor *a_of, const void *a, const void *alpha2,
             const Tensor *b_of, const void *b, const void *beta, const Tensor *c_of, void *c)
{
    SOFTCUDA_ENTER()
    if (!knows(handle) || !knows(o) || !know_all(a_of, c_of) || !a_of->same_shape(*c_of)) {
        return BAD_PARAM;
    }
    bool one_operand = o->operation == SQUARE_ROOT || o->operation == NOT;
    if (!one_operand && (!knows(b_of) || !broadcasts(*b_of, *c_of))) {
        return BAD_PARAM;
    }
    Tensor second = one_operand ? *a_of : *b_of;
    const void *second_data = one_operand ? a : b;
    return queue(handle, "cudnnOpTensor",
                 [=, o = *o, a_of = *a_of, c_of = *c_of, alpha1 = scale(alpha1), alpha2 = one_operand ? 0 : scale(alpha2), beta = scale(beta)] {
                     std::vector<float> values = read("A", a_of, a), others = read("B", second, second_data);
                     for (size_t i = 0; i < values.size(); i++) {
                         values[i] = operate(o.operation, alpha1 * values[i], alpha2 * others[place_in(second, c_of, i)]);
                     }
                     write("C", c_of, c, values, 1, beta);
                 });
}

SOFTCUDA_API(cudnnSetTensor, Handle *handle, const Tensor *y_of, void *y, const void *value)
{
    SOFTCUDA_ENTER()
    if (!knows(handle) || !knows(y_of) || value == nullptr) {
        return BAD_PARAM;
    }
    if (y_of->type != FLOAT) {
        return NOT_SUPPORTED;
    }
    return queue(handle, "cudnnSetTensor", [=, y_of = *y_of, value = scale(value)] {
        write("y", y_of, y, std::vector<float>(y_of.elements(), value), 1, 0);
    });
}

SOFTCUDA_API(cudnnScaleTensor, Handle *handle, const Tensor *y_of, void *y, const void *alpha)
{
    SOFTCUDA_ENTER()
    if (!knows(handle) || !knows(y_of) || alpha == nullptr) {
        return BAD_PARAM;
    }
    return queue(handle, "cudnnScaleTensor", [=, y_of = *y_of, alpha = scale(alpha)] { write("y", y_of, y, read("y", y_of, y), alpha, 0); });
}

/* y = alpha * x + beta * y, from any layout to any other */
SOFTCUDA_API(cudnnTransformTensor, Handle *handle, const void *alpha, const Tensor *x_of, const void *x, const void *beta, const Tensor *y_of,
             void *y)
{
    SOFTCUDA_ENTER()
    if (!knows(handle) || !know_all(x_of, y_of)) {
        return BAD_PARAM;
    }
    if (int problem = check_alike(*x_of, x, *y_of, y)) {
        return problem;
    }
    return queue(handle, "cudnnTransformTensor", [=, x_of = *x_of, y_of = *y_of, alpha = scale(alpha), beta = scale(beta)] {
        write("y", y_of, y, read("x", x_of, x), alpha, beta);
    });
}
