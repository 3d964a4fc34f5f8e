/* Convolutions as products of matrices: tiles of pixels, each row what one output sees. */
#include "cudnn.h"
#include "gemm.h"
#include <algorithm>

namespace softcuda::dnn {
namespace {

constexpr size_t TILE = 512;

/* One group of one convolution. */
struct Geometry {
    const Convolution &convolution;
    const Tensor &x, &filter, &y;

    size_t group_inputs() const { return size_t(filter.c); }
    size_t group_outputs() const { return size_t(filter.n / convolution.groups); }
    size_t depth() const { return size_t(filter.h) * size_t(filter.w) * group_inputs(); }
    size_t pixels() const { return size_t(y.n) * size_t(y.h) * size_t(y.w); }

    /* Calls visit(place in the row, place in x) for each filter position that falls inside of x. */
    template <class Visit> void for_each_position(size_t pixel, int group, Visit visit) const
    {
        int column = int(pixel % size_t(y.w));
        int row = int(pixel / size_t(y.w) % size_t(y.h));
        size_t image = pixel / (size_t(y.w) * size_t(y.h));
        for (int r = 0; r < filter.h; r++) {
            int i = row * convolution.stride_h - convolution.pad_h + r * convolution.dilation_h;
            for (int s = 0; s < filter.w; s++) {
                int j = column * convolution.stride_w - convolution.pad_w + s * convolution.dilation_w;
                if (i >= 0 && i < x.h && j >= 0 && j < x.w) {
                    size_t place = ((image * size_t(x.h) + size_t(i)) * size_t(x.w) + size_t(j)) * size_t(x.c);
                    visit(size_t(r * filter.w + s) * group_inputs(), place + size_t(group) * group_inputs());
                }
            }
        }
    }

    /* rows[pixel of the tile][depth] */
    void gather(const std::vector<float> &from, size_t first, size_t count, int group, std::vector<float> &rows) const
    {
        rows.assign(count * depth(), 0);
        for (size_t p = 0; p < count; p++) {
            for_each_position(first + p, group, [&](size_t in_row, size_t in_x) {
                std::copy(&from[in_x], &from[in_x] + group_inputs(), &rows[p * depth() + in_row]);
            });
        }
    }

    void scatter(const std::vector<float> &rows, size_t first, size_t count, int group, std::vector<float> &to) const
    {
        for (size_t p = 0; p < count; p++) {
            for_each_position(first + p, group, [&](size_t in_row, size_t in_x) {
                for (size_t c = 0; c < group_inputs(); c++) {
                    to[in_x + c] += rows[p * depth() + in_row + c];
                }
            });
        }
    }
};

std::vector<float> transposed(const float *from, size_t rows, size_t columns, size_t leading)
{
    std::vector<float> to(rows * columns);
    for (size_t r = 0; r < rows; r++) {
        for (size_t c = 0; c < columns; c++) {
            to[c * rows + r] = from[r * leading + c];
        }
    }
    return to;
}

} // namespace

std::vector<float> convolve(const Convolution &c, const Tensor &x_of, const Tensor &f_of, const Tensor &y_of, const std::vector<float> &x,
                            const std::vector<float> &filter)
{
    Geometry g{c, x_of, f_of, y_of};
    std::vector<float> y(y_of.elements());
    std::vector<float> rows;
    for (int group = 0; group < c.groups; group++) {
        size_t first_output = size_t(group) * g.group_outputs();
        std::vector<float> weights = transposed(&filter[first_output * g.depth()], g.group_outputs(), g.depth(), g.depth());
        for (size_t first = 0; first < g.pixels(); first += TILE) {
            size_t count = std::min(TILE, g.pixels() - first);
            g.gather(x, first, count, group, rows);
            multiply_add(count, g.group_outputs(), g.depth(), rows.data(), g.depth(), weights.data(), g.group_outputs(),
                         &y[first * size_t(y_of.c) + first_output], size_t(y_of.c));
        }
    }
    return y;
}

std::vector<float> convolve_back(const Convolution &c, const Tensor &x_of, const Tensor &f_of, const Tensor &y_of,
                                 const std::vector<float> &filter, const std::vector<float> &dy)
{
    Geometry g{c, x_of, f_of, y_of};
    std::vector<float> dx(x_of.elements());
    std::vector<float> rows;
    for (int group = 0; group < c.groups; group++) {
        size_t first_output = size_t(group) * g.group_outputs();
        for (size_t first = 0; first < g.pixels(); first += TILE) {
            size_t count = std::min(TILE, g.pixels() - first);
            rows.assign(count * g.depth(), 0);
            multiply_add(count, g.depth(), g.group_outputs(), &dy[first * size_t(y_of.c) + first_output], size_t(y_of.c),
                         &filter[first_output * g.depth()], g.depth(), rows.data(), g.depth());
            g.scatter(rows, first, count, group, dx);
        }
    }
    return dx;
}

std::vector<float> convolve_filter(const Convolution &c, const Tensor &x_of, const Tensor &f_of, const Tensor &y_of,
                                   const std::vector<float> &x, const std::vector<float> &dy)
{
    Geometry g{c, x_of, f_of, y_of};
    std::vector<float> dw(f_of.elements());
    std::vector<float> rows;
    for (int group = 0; group < c.groups; group++) {
        size_t first_output = size_t(group) * g.group_outputs();
        for (size_t first = 0; first < g.pixels(); first += TILE) {
            size_t count = std::min(TILE, g.pixels() - first);
            g.gather(x, first, count, group, rows);
            std::vector<float> gradient = transposed(&dy[first * size_t(y_of.c) + first_output], count, g.group_outputs(), size_t(y_of.c));
            multiply_add(g.group_outputs(), g.depth(), count, gradient.data(), count, rows.data(), g.depth(), &dw[first_output * g.depth()],
                         g.depth());
        }
    }
    return dw;
}

} // namespace softcuda::dnn
