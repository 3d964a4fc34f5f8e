/* How tensors of any type and layout are read and written. */
#include "cudnn.h"
#include "half.h"

namespace softcuda::dnn {
namespace {

float load(const void *data, int type, size_t i)
{
    switch (type) {
    case FLOAT:
        return static_cast<const float *>(data)[i];
    case DOUBLE:
        return float(static_cast<const double *>(data)[i]);
    case HALF:
        return soft_half_to_float(static_cast<const unsigned short *>(data)[i]);
    default:
        return soft_bfloat16_to_float(static_cast<const unsigned short *>(data)[i]);
    }
}

void store(void *data, int type, size_t i, float value)
{
    switch (type) {
    case FLOAT:
        static_cast<float *>(data)[i] = value;
        break;
    case DOUBLE:
        static_cast<double *>(data)[i] = double(value);
        break;
    case HALF:
        static_cast<unsigned short *>(data)[i] = soft_float_to_half(value);
        break;
    default:
        static_cast<unsigned short *>(data)[i] = soft_float_to_bfloat16(value);
        break;
    }
}

/* Calls visit(number in the order N, H, W, C; place in memory). */
template <class Visit> void for_each(const Tensor &t, Visit visit)
{
    size_t number = 0;
    for (int n = 0; n < t.n; n++) {
        for (int h = 0; h < t.h; h++) {
            for (int w = 0; w < t.w; w++) {
                size_t pixel = size_t(n) * size_t(t.n_stride) + size_t(h) * size_t(t.h_stride) + size_t(w) * size_t(t.w_stride);
                for (int c = 0; c < t.c; c++) {
                    visit(number++, pixel + size_t(c) * size_t(t.c_stride));
                }
            }
        }
    }
}

} // namespace

size_t size_of(int type) { return type == DOUBLE ? 8 : type == HALF || type == BFLOAT16 ? 2 : type == INT8 ? 1 : 4; }
bool is_floating(int type) { return type == FLOAT || type == HALF || type == BFLOAT16; }

size_t Tensor::bytes() const
{
    size_t last = size_t(n - 1) * size_t(n_stride) + size_t(c - 1) * size_t(c_stride) + size_t(h - 1) * size_t(h_stride) +
                  size_t(w - 1) * size_t(w_stride);
    return (last + 1) * size_of(type);
}

bool Tensor::is_packed_nhwc() const
{
    return c_stride == 1 && w_stride == c && h_stride == c * w && n_stride == c * w * h;
}

std::vector<float> read(const char *name, const Tensor &tensor, const void *data)
{
    need(name, data, tensor.bytes());
    if (tensor.type == FLOAT && tensor.is_packed_nhwc()) {
        auto *floats = static_cast<const float *>(data);
        return {floats, floats + tensor.elements()};
    }
    std::vector<float> values(tensor.elements());
    for_each(tensor, [&](size_t number, size_t place) { values[number] = load(data, tensor.type, place); });
    return values;
}

void write(const char *name, const Tensor &tensor, void *data, const std::vector<float> &values, float alpha, float beta)
{
    need(name, data, tensor.bytes());
    for_each(tensor, [&](size_t number, size_t place) {
        float before = beta == 0 ? 0 : beta * load(data, tensor.type, place);
        float added = alpha * values[number];
        store(data, tensor.type, place, beta == 0 ? added : added + before);
    });
}

int check_pointer(const Tensor &tensor, const void *data)
{
    if (data == nullptr) {
        return NULL_POINTER;
    }
    return address_of(data) % size_of(tensor.type) != 0 ? MISALIGNED_POINTER : SUCCESS;
}

} // namespace softcuda::dnn
