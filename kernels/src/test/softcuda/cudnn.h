/* The inside of the software libcudnn. */
#pragma once
#include "softcuda.h"
#include <set>
#include <vector>

namespace softcuda::dnn {

enum Status {
    SUCCESS = 0,
    NOT_INITIALIZED = 1001,
    BAD_PARAM = 2000,
    NULL_POINTER = 2002,
    MISALIGNED_POINTER = 2003,
    NOT_SUPPORTED = 3000,
    INTERNAL_ERROR = 4000,
    EXECUTION_FAILED = 5000,
    EXECUTION_FAILED_CUDA_DRIVER = 5001
};
enum Type { FLOAT = 0, DOUBLE = 1, HALF = 2, INT8 = 3, INT32 = 4, BFLOAT16 = 9 };
enum Format { NCHW = 0, NHWC = 1 };

struct Handle {
    void *stream = nullptr;
};

/* A tensor or filter of four dimensions; strides in elements. A filter's n and c are its outputs and inputs. */
struct Tensor {
    bool set = false;
    int type = FLOAT;
    int format = NCHW;
    int n = 0, c = 0, h = 0, w = 0;
    int n_stride = 0, c_stride = 0, h_stride = 0, w_stride = 0;

    size_t elements() const { return size_t(n) * size_t(c) * size_t(h) * size_t(w); }
    size_t bytes() const;
    bool same_shape(const Tensor &other) const { return n == other.n && c == other.c && h == other.h && w == other.w; }
    bool is_packed_nhwc() const;
};

struct Convolution {
    bool set = false;
    int pad_h = 0, pad_w = 0, stride_h = 1, stride_w = 1, dilation_h = 1, dilation_w = 1;
    int mode = 1, compute_type = FLOAT, groups = 1, math_type = 0;
};

/* Descriptors that callers hold; a null or destroyed one is not known. */
template <class T> class Descriptors {
  public:
    int create(T **result)
    {
        if (result == nullptr) {
            return NULL_POINTER;
        }
        *result = *live.insert(new T).first;
        add(Count::CUDNN_DESCRIPTORS, 1);
        return SUCCESS;
    }
    int destroy(T *descriptor)
    {
        if (live.erase(descriptor) == 0) {
            return BAD_PARAM;
        }
        delete descriptor;
        add(Count::CUDNN_DESCRIPTORS, -1);
        return SUCCESS;
    }
    bool knows(const T *descriptor) const { return live.count(const_cast<T *>(descriptor)) != 0; }

  private:
    std::set<T *> live;
};

bool knows(const Handle *);
bool knows(const Tensor *);
bool knows(const Convolution *);
template <class... D> bool know_all(const D *...descriptors) { return (knows(descriptors) && ...); }

size_t size_of(int type);
bool is_floating(int type);
/* alpha and beta are float for float, half and bfloat16 alike. */
inline float scale(const void *pointer) { return *static_cast<const float *>(pointer); }

/* The elements in the order N, H, W, C as floats; faults where the tensor is not in live memory. */
std::vector<float> read(const char *name, const Tensor &tensor, const void *data);
/* data = alpha * values + beta * data, rounded once; data is not read where beta is 0. */
void write(const char *name, const Tensor &tensor, void *data, const std::vector<float> &values, float alpha, float beta);
/* 0, or why not: a null or misaligned pointer. */
int check_pointer(const Tensor &tensor, const void *data);
int queue(Handle *handle, const char *what, std::function<void()> work);

/* The output's shape of a convolution; false where the operands do not fit each other. */
bool convolved(const Convolution &convolution, const Tensor &x, const Tensor &filter, Tensor &y);

/* what the algorithms of one direction accept and need */
enum class Direction { FORWARD, BACKWARD_DATA, BACKWARD_FILTER };
int check_convolution(Direction direction, const Convolution &convolution, const Tensor &x, const Tensor &filter, const Tensor &y);
/* 0, or NOT_SUPPORTED, or BAD_PARAM for an algorithm that does not exist */
int check_algorithm(Direction direction, int algorithm, const Convolution &convolution, const Tensor &x, const Tensor &filter, const Tensor &y);
size_t workspace_bytes(Direction direction, int algorithm, const Tensor &x, const Tensor &filter, const Tensor &y);

/* the arithmetic: x, y in the order N, H, W, C and filters in the order K, R, S, C */
std::vector<float> convolve(const Convolution &c, const Tensor &x_of, const Tensor &f_of, const Tensor &y_of, const std::vector<float> &x,
                            const std::vector<float> &filter);
std::vector<float> convolve_back(const Convolution &c, const Tensor &x_of, const Tensor &f_of, const Tensor &y_of,
                                 const std::vector<float> &filter, const std::vector<float> &dy);
std::vector<float> convolve_filter(const Convolution &c, const Tensor &x_of, const Tensor &f_of, const Tensor &y_of,
                                   const std::vector<float> &x, const std::vector<float> &dy);

} // namespace softcuda::dnn
