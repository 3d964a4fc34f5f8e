/*
 * cuDNN's pooling in two dimensions. Where two inputs share a maximum, the documentation does not say which of them gets
 * the gradient: here the deterministic mode gives it to the first, the other one to the last.
 */
#include "cudnn.h"
#include <algorithm>
#include <cmath>

namespace softcuda::dnn {
namespace {

enum Mode { MAX, AVERAGE_WITH_PADDING, AVERAGE_WITHOUT_PADDING, MAX_DETERMINISTIC };

bool is_max(const Pooling &p) { return p.mode == MAX || p.mode == MAX_DETERMINISTIC; }

struct Window {
    int top, bottom, left, right; /* inside of x */

    Window(const Pooling &p, const Tensor &x, int row, int column)
        : top(std::max(0, row * p.stride_h - p.pad_h)), bottom(std::min(x.h, row * p.stride_h - p.pad_h + p.window_h)),
          left(std::max(0, column * p.stride_w - p.pad_w)), right(std::min(x.w, column * p.stride_w - p.pad_w + p.window_w))
    {
    }
    float divisor(const Pooling &p) const
    {
        return p.mode == AVERAGE_WITH_PADDING ? float(p.window_h * p.window_w) : float((bottom - top) * (right - left));
    }
    template <class Visit> void for_each(const Tensor &x, int image, int channel, Visit visit) const
    {
        for (int i = top; i < bottom; i++) {
            for (int j = left; j < right; j++) {
                visit(((size_t(image) * size_t(x.h) + size_t(i)) * size_t(x.w) + size_t(j)) * size_t(x.c) + size_t(channel));
            }
        }
    }
};

/* Calls visit(number of the output, window, image, channel) for each output. */
template <class Visit> void for_each_output(const Pooling &p, const Tensor &x, const Tensor &y, Visit visit)
{
    size_t number = 0;
    for (int image = 0; image < y.n; image++) {
        for (int row = 0; row < y.h; row++) {
            for (int column = 0; column < y.w; column++) {
                Window window(p, x, row, column);
                for (int channel = 0; channel < y.c; channel++) {
                    visit(number++, window, image, channel);
                }
            }
        }
    }
}

size_t place_of_maximum(const Pooling &p, const Tensor &x_of, const std::vector<float> &x, const Window &window, int image, int channel)
{
    size_t best = SIZE_MAX;
    window.for_each(x_of, image, channel, [&](size_t place) {
        bool first = best == SIZE_MAX;
        bool better = !first && (x[place] > x[best] || (p.mode == MAX && x[place] == x[best]));
        bool nan = !first && p.nan != 0 && std::isnan(x[place]) && !std::isnan(x[best]);
        bool replaces_nan = !first && p.nan == 0 && std::isnan(x[best]);
        if (first || better || nan || replaces_nan) {
            best = place;
        }
    });
    return best;
}

void pooled(const Pooling &p, const Tensor &x, Tensor &y)
{
    y.n = x.n;
    y.c = x.c;
    y.h = 1 + (x.h + 2 * p.pad_h - p.window_h) / p.stride_h;
    y.w = 1 + (x.w + 2 * p.pad_w - p.window_w) / p.stride_w;
}

int check(const Handle *handle, const Pooling *p, const Tensor *x, const Tensor *y)
{
    if (!knows(handle) || !knows(p) || !know_all(x, y)) {
        return BAD_PARAM;
    }
    Tensor expected;
    pooled(*p, *x, expected);
    if (!expected.same_shape(*y)) {
        return BAD_PARAM;
    }
    return x->type == y->type && is_floating(x->type) ? SUCCESS : NOT_SUPPORTED;
}

} // namespace
} // namespace softcuda::dnn

using namespace softcuda::dnn;

SOFTCUDA_API(cudnnGetPooling2dForwardOutputDim, const Pooling *p, const Tensor *x, int *n, int *c, int *h, int *w)
{
    SOFTCUDA_ENTER()
    if (!knows(p) || !knows(x)) {
        return BAD_PARAM;
    }
    Tensor y;
    pooled(*p, *x, y);
    *n = y.n;
    *c = y.c;
    *h = y.h;
    *w = y.w;
    return SUCCESS;
}

SOFTCUDA_API(cudnnPoolingForward, Handle *handle, const Pooling *p, const void *alpha, const Tensor *x_of, const void *x, const void *beta,
             const Tensor *y_of, void *y)
{
    SOFTCUDA_ENTER()
    if (int problem = check(handle, p, x_of, y_of)) {
        return problem;
    }
    for (int problem : {check_pointer(*x_of, x), check_pointer(*y_of, y)}) {
        if (problem != SUCCESS) {
            return problem;
        }
    }
    return queue(handle, "cudnnPoolingForward", [=, p = *p, x_of = *x_of, y_of = *y_of, alpha = scale(alpha), beta = scale(beta)] {
        std::vector<float> in = read("x", x_of, x), out(y_of.elements());
        for_each_output(p, x_of, y_of, [&](size_t number, const Window &window, int image, int channel) {
            if (is_max(p)) {
                out[number] = in[place_of_maximum(p, x_of, in, window, image, channel)];
                return;
            }
            float sum = 0;
            window.for_each(x_of, image, channel, [&](size_t place) { sum += in[place]; });
            out[number] = sum / window.divisor(p);
        });
        write("y", y_of, y, out, alpha, beta);
    });
}

SOFTCUDA_API(cudnnPoolingBackward, Handle *handle, const Pooling *p, const void *alpha, const Tensor *y_of, const void *y, const Tensor *dy_of,
             const void *dy, const Tensor *x_of, const void *x, const void *beta, const Tensor *dx_of, void *dx)
{
    SOFTCUDA_ENTER()
    for (int problem : {check(handle, p, x_of, y_of), check(handle, p, dx_of, dy_of)}) {
        if (problem != SUCCESS) {
            return problem;
        }
    }
    for (int problem : {check_pointer(*x_of, x), check_pointer(*y_of, y), check_pointer(*dx_of, dx), check_pointer(*dy_of, dy)}) {
        if (problem != SUCCESS) {
            return problem;
        }
    }
    return queue(handle, "cudnnPoolingBackward",
                 [=, p = *p, x_of = *x_of, y_of = *y_of, dy_of = *dy_of, dx_of = *dx_of, alpha = scale(alpha), beta = scale(beta)] {
                     softcuda::need("y", y, y_of.bytes());
                     std::vector<float> in = read("x", x_of, x), gradient = read("dy", dy_of, dy), sums(dx_of.elements());
                     for_each_output(p, x_of, dy_of, [&](size_t number, const Window &window, int image, int channel) {
                         if (is_max(p)) {
                             sums[place_of_maximum(p, x_of, in, window, image, channel)] += gradient[number];
                             return;
                         }
                         float share = gradient[number] / window.divisor(p);
                         window.for_each(x_of, image, channel, [&](size_t place) { sums[place] += share; });
                     });
                     write("dx", dx_of, dx, sums, alpha, beta);
                 });
}
