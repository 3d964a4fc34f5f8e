/* cuDNN's descriptors. */
#include "cudnn.h"

namespace softcuda::dnn {
namespace {

Descriptors<Tensor> tensors;
Descriptors<Convolution> convolutions;

bool are_positive(int n, int c, int h, int w) { return n > 0 && c > 0 && h > 0 && w > 0; }
bool is_type(int type) { return is_floating(type) || type == DOUBLE || type == INT8 || type == INT32; }

int set_packed(Tensor *t, int format, int type, int n, int c, int h, int w)
{
    if (!knows(t) || !are_positive(n, c, h, w)) {
        return BAD_PARAM;
    }
    if ((format != NCHW && format != NHWC) || !is_type(type)) {
        return format == 2 || is_type(type) ? NOT_SUPPORTED : BAD_PARAM;
    }
    *t = format == NHWC ? Tensor{true, type, format, n, c, h, w, c * h * w, 1, c * w, c} : Tensor{true, type, format, n, c, h, w, c * h * w, h * w, w, 1};
    return SUCCESS;
}

} // namespace

bool knows(const Tensor *d) { return tensors.knows(d); }
bool knows(const Convolution *d) { return convolutions.knows(d); }

} // namespace softcuda::dnn

using namespace softcuda::dnn;

#define CREATE_AND_DESTROY(name, type, all)                      \
    SOFTCUDA_API(cudnnCreate##name##Descriptor, type **result)   \
    {                                                            \
        SOFTCUDA_ENTER()                                         \
        return all.create(result);                               \
    }                                                            \
    SOFTCUDA_API(cudnnDestroy##name##Descriptor, type *d)        \
    {                                                            \
        SOFTCUDA_ENTER()                                         \
        return all.destroy(d);                                   \
    }

CREATE_AND_DESTROY(Tensor, Tensor, tensors)
CREATE_AND_DESTROY(Filter, Tensor, tensors)
CREATE_AND_DESTROY(Convolution, Convolution, convolutions)

SOFTCUDA_API(cudnnSetTensor4dDescriptor, Tensor *t, int format, int type, int n, int c, int h, int w)
{
    SOFTCUDA_ENTER()
    return set_packed(t, format, type, n, c, h, w);
}

SOFTCUDA_API(cudnnSetFilter4dDescriptor, Tensor *t, int type, int format, int k, int c, int h, int w)
{
    SOFTCUDA_ENTER()
    return set_packed(t, format, type, k, c, h, w);
}

SOFTCUDA_API(cudnnSetConvolution2dDescriptor, Convolution *c, int pad_h, int pad_w, int stride_h, int stride_w, int dilation_h, int dilation_w,
             int mode, int compute_type)
{
    SOFTCUDA_ENTER()
    if (!knows(c) || pad_h < 0 || pad_w < 0 || stride_h <= 0 || stride_w <= 0 || dilation_h <= 0 || dilation_w <= 0 || mode < 0 || mode > 1) {
        return BAD_PARAM;
    }
    *c = {true, pad_h, pad_w, stride_h, stride_w, dilation_h, dilation_w, mode, compute_type, c->groups, c->math_type};
    return SUCCESS;
}

SOFTCUDA_API(cudnnSetConvolutionGroupCount, Convolution *c, int groups)
{
    SOFTCUDA_ENTER()
    if (!knows(c) || groups < 1) {
        return BAD_PARAM;
    }
    c->groups = groups;
    return SUCCESS;
}

SOFTCUDA_API(cudnnSetConvolutionMathType, Convolution *c, int math_type)
{
    SOFTCUDA_ENTER()
    if (!knows(c) || math_type < 0 || math_type > 3) {
        return BAD_PARAM;
    }
    c->math_type = math_type;
    return SUCCESS;
}
