// Losses and their gradients; the formulas are in Loss and its kinds, and in Overlap.
//
// Sums and what is computed of them are double. Each block writes its sums, and one block adds those up: the same bits each
// time. A truth that is out of range becomes NaN, and so do the loss and the gradients that come of it.
#include "element.cuh"
#include "lanes.cuh"
#include "reduce.cuh"

template <typename T> __device__ inline double truth(const T *t, long long i)
{
    float value = load(t, i);
    return value >= 0 && value <= 1 ? value : NAN;
}

// A logit x: p = 1 / (1 + exp(-x)) and 1 - p with all their digits, and log(1 + exp(-|x|)).
struct logit {
    double x;
    double small; // exp(-|x|), which ends at exp(-87), the last that F32 holds with all its digits

    __device__ inline logit(float value) : x(value)
    {
        double size = x < 0 ? -x : x;
        small = exp(size > 87 ? -87 : -size);
    }

    __device__ inline double p() const { return (x < 0 ? small : 1) / (1 + small); }
    __device__ inline double against() const { return (x < 0 ? 1 : small) / (1 + small); }
    __device__ inline double bce(double t) const { return (x > 0 ? x * (1 - t) : -x * t) + log1p(small); }
    __device__ inline double bce_slope(double t) const { return p() * (1 - t) - against() * t; }
};

// Writes the sums of this block's threads: those of sum k lie together.
template <int N> __device__ inline void write_sums(double (&sum)[N], double *sums)
{
    for (int k = 0; k < N; k++) {
        double of_block = block_sum(sum[k]);
        if (threadIdx.x == 0) {
            sums[k * (long long)gridDim.x + blockIdx.x] = of_block;
        }
    }
}

// Sum k of all blocks, in every thread of a block of its own.
__device__ inline double total(const double *sums, int blocks, int k)
{
    double sum = 0;
    for (int i = threadIdx.x; i < blocks; i += blockDim.x) {
        sum += sums[k * (long long)blocks + i];
    }
    return block_sum(sum);
}

// loss = sum / count
extern "C" __global__ void mean_loss(const double *sums, int blocks, long long count, float *loss)
{
    double sum = total(sums, blocks, 0);
    if (threadIdx.x == 0) {
        *loss = (float)(sum / count);
    }
}

// Dice, Jaccard and Tversky: n and d of Overlap.
struct quotient {
    double n;
    double d;
};

__device__ inline quotient overlap(const double *sums, int blocks, double i, double a, double b, double c, double s)
{
    double intersection = total(sums, blocks, 0);
    double probabilities = total(sums, blocks, 1);
    double truths = total(sums, blocks, 2);
    return {i * intersection + s, a * probabilities + b * truths + c * intersection + s};
}

// loss = 1 - n / d, plus the mean of binary cross entropies, whose part is 1 / count or 0
extern "C" __global__ void overlap_loss(const double *sums, int blocks, double i, double a, double b, double c, double s,
                                        double bce_part, float *loss)
{
    quotient q = overlap(sums, blocks, i, a, b, c, s);
    double bce = total(sums, blocks, 3);
    if (threadIdx.x == 0) {
        *loss = (float)(1 - q.n / q.d + bce_part * bce);
    }
}

// What all elements have in common, times dLoss: of dL/dp the part without t and the part with t, and of cross entropy
extern "C" __global__ void overlap_slopes(const double *sums, int blocks, double i, double a, double b, double c, double s,
                                          double bce_part, const float *d_loss, double *slopes)
{
    quotient q = overlap(sums, blocks, i, a, b, c, s);
    if (threadIdx.x == 0) {
        slopes[0] = *d_loss * (a * q.n / (q.d * q.d));
        slopes[1] = *d_loss * (c * q.n / (q.d * q.d) - i / q.d);
        slopes[2] = *d_loss * bce_part;
    }
}

// q to the power of gamma; it is 2 usually, and a product is quicker than a power
__device__ inline double focal_weight(double wrong, double gamma) { return gamma == 2 ? wrong * wrong : pow(wrong, gamma); }

// A pixel of cross entropy, by its lanes: the class that is true, or -1 where it is none, and the sum of exp(x - largest).
struct pixel {
    int lane;
    int own;
    int true_class;
    float largest;
    double sum;

    template <typename T>
    __device__ inline pixel(const float *x, const T *t, long long row, long long rows, int channels, int lanes)
    {
        lane = threadIdx.x % lanes;
        own = row < rows ? channels : 0;
        float wanted = row < rows ? load(t, row) : 0;
        true_class = wanted >= 0 && wanted < channels && wanted == (int)wanted ? (int)wanted : -1;
        largest = -INFINITY;
        for (int c = lane; c < own; c += lanes) {
            largest = fmaxf(largest, x[row * channels + c]);
        }
        largest = lanes_max(largest, lanes);
        sum = 0;
        for (int c = lane; c < own; c += lanes) {
            sum += exp((double)x[row * channels + c] - largest);
        }
        sum = lanes_sum(sum, lanes);
    }
};

#define DEFINE(T)                                                                                                        \
    /* sums of p * t, p and t, and if asked for of binary cross entropies */                                             \
    extern "C" __global__ void overlap_sums_##T(const float *x, const T *t, long long count, int with_bce, double *sums) \
    {                                                                                                                    \
        double sum[4] = {0, 0, 0, 0};                                                                                    \
        FOR_EACH_ELEMENT(i, count)                                                                                       \
        {                                                                                                                \
            logit l(x[i]);                                                                                               \
            double p = l.p(), of_t = truth(t, i);                                                                        \
            sum[0] += p * of_t;                                                                                          \
            sum[1] += p;                                                                                                 \
            sum[2] += of_t;                                                                                              \
            sum[3] += with_bce ? l.bce(of_t) : 0;                                                                        \
        }                                                                                                                \
        write_sums(sum, sums);                                                                                           \
    }                                                                                                                    \
    /* dx = dL/dp * p * (1 - p), plus that of binary cross entropy */                                                    \
    extern "C" __global__ void overlap_gradient_##T(const float *x, const T *t, long long count, const double *slopes,   \
                                                    float *dx)                                                           \
    {                                                                                                                    \
        double slope = slopes[0], slope_by_truth = slopes[1], bce_slope = slopes[2];                                     \
        FOR_EACH_ELEMENT(i, count)                                                                                       \
        {                                                                                                                \
            logit l(x[i]);                                                                                               \
            double of_t = truth(t, i);                                                                                   \
            double by_p = (slope + slope_by_truth * of_t) * l.p() * l.against();                                         \
            dx[i] = (float)(by_p + bce_slope * l.bce_slope(of_t));                                                       \
        }                                                                                                                \
    }                                                                                                                    \
    /* sum of binary cross entropies */                                                                                  \
    extern "C" __global__ void bce_sums_##T(const float *x, const T *t, long long count, double *sums)                   \
    {                                                                                                                    \
        double sum[1] = {0};                                                                                             \
        FOR_EACH_ELEMENT(i, count) sum[0] += logit(x[i]).bce(truth(t, i));                                               \
        write_sums(sum, sums);                                                                                           \
    }                                                                                                                    \
    /* dx = dLoss / count * (p - t) */                                                                                   \
    extern "C" __global__ void bce_gradient_##T(const float *x, const T *t, long long count, const float *d_loss,        \
                                                float *dx)                                                               \
    {                                                                                                                    \
        double scale = (double)*d_loss / count;                                                                          \
        FOR_EACH_ELEMENT(i, count) dx[i] = (float)(scale * logit(x[i]).bce_slope(truth(t, i)));                          \
    }                                                                                                                    \
    /* sum of q^gamma * binary cross entropy */                                                                          \
    extern "C" __global__ void focal_sums_##T(const float *x, const T *t, long long count, double gamma, double *sums)   \
    {                                                                                                                    \
        double sum[1] = {0};                                                                                             \
        FOR_EACH_ELEMENT(i, count)                                                                                       \
        {                                                                                                                \
            logit l(x[i]);                                                                                               \
            double of_t = truth(t, i);                                                                                   \
            double wrong = of_t * l.against() + (1 - of_t) * l.p();                                                      \
            sum[0] += focal_weight(wrong, gamma) * l.bce(of_t);                                                          \
        }                                                                                                                \
        write_sums(sum, sums);                                                                                           \
    }                                                                                                                    \
    /* dx = dLoss / count * q^gamma * (gamma * (1 - 2 t) * p * (1 - p) / q * binary cross entropy + p - t) */            \
    extern "C" __global__ void focal_gradient_##T(const float *x, const T *t, long long count, double gamma,             \
                                                  const float *d_loss, float *dx)                                        \
    {                                                                                                                    \
        double scale = (double)*d_loss / count;                                                                          \
        FOR_EACH_ELEMENT(i, count)                                                                                       \
        {                                                                                                                \
            logit l(x[i]);                                                                                               \
            double of_t = truth(t, i), p = l.p(), against = l.against();                                                 \
            double wrong = of_t * against + (1 - of_t) * p;                                                              \
            double from_weight = gamma * (1 - 2 * of_t) * p * against / wrong * l.bce(of_t);                             \
            dx[i] = (float)(scale * focal_weight(wrong, gamma) * (from_weight + l.bce_slope(of_t)));                     \
        }                                                                                                                \
    }                                                                                                                    \
    /* sum of -log p[t] */                                                                                               \
    extern "C" __global__ void classes_sums_##T(const float *x, const T *t, long long pixels, int channels, int lanes,   \
                                                double *sums)                                                            \
    {                                                                                                                    \
        double sum[1] = {0};                                                                                             \
        FOR_EACH_ROW(row, pixels, lanes)                                                                                 \
        {                                                                                                                \
            pixel n(x, t, row, pixels, channels, lanes);                                                                 \
            if (row < pixels && n.lane == 0) {                                                                           \
                double of_true = n.true_class < 0 ? NAN : x[row * channels + n.true_class];                              \
                sum[0] += n.largest - of_true + log(n.sum);                                                              \
            }                                                                                                            \
        }                                                                                                                \
        write_sums(sum, sums);                                                                                           \
    }                                                                                                                    \
    /* dx[k] = dLoss / pixels * (p[k] - (k = t ? 1 : 0)) */                                                              \
    extern "C" __global__ void classes_gradient_##T(const float *x, const T *t, long long pixels, int channels,          \
                                                    int lanes, const float *d_loss, float *dx)                           \
    {                                                                                                                    \
        double scale = (double)*d_loss / pixels;                                                                         \
        FOR_EACH_ROW(row, pixels, lanes)                                                                                 \
        {                                                                                                                \
            pixel n(x, t, row, pixels, channels, lanes);                                                                 \
            double per_sum = n.true_class < 0 ? NAN : scale / n.sum;                                                     \
            for (int k = n.lane; k < n.own; k += lanes) {                                                                \
                long long at = row * channels + k;                                                                       \
                dx[at] = (float)(per_sum * (exp((double)x[at] - n.largest) - (k == n.true_class ? n.sum : 0)));          \
            }                                                                                                            \
        }                                                                                                                \
    }

DEFINE(u8)
DEFINE(f32)
