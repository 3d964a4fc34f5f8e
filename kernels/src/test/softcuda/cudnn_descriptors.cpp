/* cuDNN's descriptors. */
#include "cudnn.h"

namespace softcuda::dnn {
namespace {

Descriptors<Tensor> tensors;
Descriptors<Convolution> convolutions;
Descriptors<Activation> activations;
Descriptors<Pooling> poolings;
Descriptors<OpTensor> op_tensors;
Descriptors<ReduceTensor> reductions;

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
bool knows(const Activation *d) { return activations.knows(d); }
bool knows(const Pooling *d) { return poolings.knows(d); }
bool knows(const OpTensor *d) { return op_tensors.knows(d); }
bool knows(const ReduceTensor *d) { return reductions.knows(d); }

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
CREATE_AND_DESTROY(Activation, Activation, activations)
CREATE_AND_DESTROY(Pooling, Pooling, poolings)
CREATE_AND_DESTROY(OpTensor, OpTensor, op_tensors)
CREATE_AND_DESTROY(ReduceTensor, ReduceTensor, reductions)

SOFTCUDA_API(cudnnSetTensor4dDescriptor, Tensor *t, int format, int type, int n, int c, int h, int w)
{
    SOFTCUDA_ENTER()
    return set_packed(t, format, type, n, c, h, w);
}

SOFTCUDA_API(cudnnSetTensor4dDescriptorEx, Tensor *t, int type, int n, int c, int h, int w, int n_stride, int c_stride, int h_stride, int w_stride)
{
    SOFTCUDA_ENTER()
    if (!knows(t) || !are_positive(n, c, h, w) || !are_positive(n_stride, c_stride, h_stride, w_stride) || !is_type(type)) {
        return BAD_PARAM;
    }
    *t = {true, type, c_stride == 1 ? NHWC : NCHW, n, c, h, w, n_stride, c_stride, h_stride, w_stride};
    return SUCCESS;
}

/* Of four dimensions only, in the order N, C, H, W. */
SOFTCUDA_API(cudnnSetTensorNdDescriptor, Tensor *t, int type, int dimensions, const int *sizes, const int *strides)
{
    SOFTCUDA_ENTER()
    if (!knows(t) || sizes == nullptr || strides == nullptr) {
        return BAD_PARAM;
    }
    if (dimensions != 4) {
        return NOT_SUPPORTED;
    }
    if (!are_positive(sizes[0], sizes[1], sizes[2], sizes[3]) || !is_type(type)) {
        return BAD_PARAM;
    }
    *t = {true, type, strides[1] == 1 ? NHWC : NCHW, sizes[0], sizes[1], sizes[2], sizes[3], strides[0], strides[1], strides[2], strides[3]};
    return SUCCESS;
}

SOFTCUDA_API(cudnnSetTensorNdDescriptorEx, Tensor *t, int format, int type, int dimensions, const int *sizes)
{
    SOFTCUDA_ENTER()
    if (sizes == nullptr) {
        return NULL_POINTER;
    }
    return dimensions != 4 ? int(NOT_SUPPORTED) : set_packed(t, format, type, sizes[0], sizes[1], sizes[2], sizes[3]);
}

SOFTCUDA_API(cudnnGetTensor4dDescriptor, const Tensor *t, int *type, int *n, int *c, int *h, int *w, int *n_stride, int *c_stride,
             int *h_stride, int *w_stride)
{
    SOFTCUDA_ENTER()
    if (!knows(t)) {
        return BAD_PARAM;
    }
    *type = t->type;
    *n = t->n;
    *c = t->c;
    *h = t->h;
    *w = t->w;
    *n_stride = t->n_stride;
    *c_stride = t->c_stride;
    *h_stride = t->h_stride;
    *w_stride = t->w_stride;
    return SUCCESS;
}

SOFTCUDA_API(cudnnGetTensorSizeInBytes, const Tensor *t, size_t *bytes)
{
    SOFTCUDA_ENTER()
    if (!knows(t) || !t->set) {
        return BAD_PARAM;
    }
    *bytes = t->bytes();
    return SUCCESS;
}

SOFTCUDA_API(cudnnSetFilter4dDescriptor, Tensor *t, int type, int format, int k, int c, int h, int w)
{
    SOFTCUDA_ENTER()
    return set_packed(t, format, type, k, c, h, w);
}

SOFTCUDA_API(cudnnSetFilterNdDescriptor, Tensor *t, int type, int format, int dimensions, const int *sizes)
{
    SOFTCUDA_ENTER()
    if (sizes == nullptr) {
        return NULL_POINTER;
    }
    return dimensions != 4 ? int(NOT_SUPPORTED) : set_packed(t, format, type, sizes[0], sizes[1], sizes[2], sizes[3]);
}

SOFTCUDA_API(cudnnGetFilter4dDescriptor, const Tensor *t, int *type, int *format, int *k, int *c, int *h, int *w)
{
    SOFTCUDA_ENTER()
    if (!knows(t)) {
        return BAD_PARAM;
    }
    *type = t->type;
    *format = t->format;
    *k = t->n;
    *c = t->c;
    *h = t->h;
    *w = t->w;
    return SUCCESS;
}

SOFTCUDA_API(cudnnGetFilterSizeInBytes, const Tensor *t, size_t *bytes)
{
    SOFTCUDA_ENTER()
    if (!knows(t) || !t->set) {
        return BAD_PARAM;
    }
    *bytes = t->bytes();
    return SUCCESS;
}

SOFTCUDA_API(cudnnSetConvolution2dDescriptor, Convolution *c, int pad_h, int pad_w, int stride_h, int stride_w, int dilation_h, int dilation_w,
             int mode, int compute_type)
{
    SOFTCUDA_ENTER()
    if (!knows(c) || pad_h < 0 || pad_w < 0 || stride_h <= 0 || stride_w <= 0 || dilation_h <= 0 || dilation_w <= 0 || mode < 0 || mode > 1) {
        return BAD_PARAM;
    }
    *c = {true, pad_h, pad_w, stride_h, stride_w, dilation_h, dilation_w, mode, compute_type, c->groups, c->math_type, c->reorder};
    return SUCCESS;
}

SOFTCUDA_API(cudnnSetConvolutionNdDescriptor, Convolution *c, int length, const int *pads, const int *strides, const int *dilations, int mode,
             int compute_type)
{
    SOFTCUDA_ENTER()
    if (!knows(c) || pads == nullptr || strides == nullptr || dilations == nullptr) {
        return BAD_PARAM;
    }
    if (length != 2) {
        return NOT_SUPPORTED;
    }
    *c = {true, pads[0], pads[1], strides[0], strides[1], dilations[0], dilations[1], mode, compute_type, c->groups, c->math_type, c->reorder};
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

SOFTCUDA_API(cudnnGetConvolutionGroupCount, const Convolution *c, int *groups)
{
    SOFTCUDA_ENTER()
    if (!knows(c)) {
        return BAD_PARAM;
    }
    *groups = c->groups;
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

SOFTCUDA_API(cudnnGetConvolutionMathType, const Convolution *c, int *math_type)
{
    SOFTCUDA_ENTER()
    if (!knows(c)) {
        return BAD_PARAM;
    }
    *math_type = c->math_type;
    return SUCCESS;
}

SOFTCUDA_API(cudnnSetConvolutionReorderType, Convolution *c, int reorder)
{
    SOFTCUDA_ENTER()
    if (!knows(c)) {
        return BAD_PARAM;
    }
    c->reorder = reorder;
    return SUCCESS;
}

SOFTCUDA_API(cudnnGetConvolution2dForwardOutputDim, const Convolution *c, const Tensor *x, const Tensor *filter, int *n, int *k, int *h, int *w)
{
    SOFTCUDA_ENTER()
    Tensor y;
    if (!know_all(x, filter) || !knows(c) || !convolved(*c, *x, *filter, y)) {
        return BAD_PARAM;
    }
    *n = y.n;
    *k = y.c;
    *h = y.h;
    *w = y.w;
    return SUCCESS;
}

SOFTCUDA_API(cudnnSetActivationDescriptor, Activation *a, int mode, int nan, double coefficient)
{
    SOFTCUDA_ENTER()
    if (!knows(a) || mode < 0 || mode > 6 || nan < 0 || nan > 1) {
        return BAD_PARAM;
    }
    *a = {mode, nan, coefficient, 1};
    return SUCCESS;
}

SOFTCUDA_API(cudnnSetActivationDescriptorSwishBeta, Activation *a, double beta)
{
    SOFTCUDA_ENTER()
    if (!knows(a)) {
        return BAD_PARAM;
    }
    a->swish_beta = beta;
    return SUCCESS;
}

SOFTCUDA_API(cudnnSetPooling2dDescriptor, Pooling *p, int mode, int nan, int window_h, int window_w, int pad_h, int pad_w, int stride_h, int stride_w)
{
    SOFTCUDA_ENTER()
    if (!knows(p) || mode < 0 || mode > 3 || nan < 0 || nan > 1 || window_h <= 0 || window_w <= 0 || stride_h <= 0 || stride_w <= 0 || pad_h < 0 ||
        pad_w < 0 || pad_h >= window_h || pad_w >= window_w) {
        return BAD_PARAM;
    }
    *p = {mode, nan, window_h, window_w, pad_h, pad_w, stride_h, stride_w};
    return SUCCESS;
}

SOFTCUDA_API(cudnnSetOpTensorDescriptor, OpTensor *o, int operation, int compute_type, int nan)
{
    SOFTCUDA_ENTER()
    if (!knows(o) || operation < 0 || operation > 5) {
        return BAD_PARAM;
    }
    *o = {operation, compute_type, nan};
    return SUCCESS;
}

SOFTCUDA_API(cudnnSetReduceTensorDescriptor, ReduceTensor *r, int operation, int compute_type, int nan, int indices, int indices_type)
{
    SOFTCUDA_ENTER()
    if (!knows(r) || operation < 0 || operation > 8) {
        return BAD_PARAM;
    }
    *r = {operation, compute_type, nan, indices, indices_type};
    return SUCCESS;
}
