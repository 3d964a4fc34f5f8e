// Updates of all tensors of a network at once; the formulas are in SgdPlan, AdamPlan, AveragePlan and NormPlan.
#include "element.cuh"
#include "pack.cuh"
#include "reduce.cuh"

// As in CudaTensorLists: with this many, the arguments of every kernel stay below the 4 KB that there may be.
constexpr int MOST_TENSORS = 80;

// Lists of tensors side by side, such as weights and their gradients. A launch has a block for each chunk of them.
template <int LISTS> struct tensors {
    struct {
        long long first_chunk;
        long long count;
        float *list[LISTS];
    } row[MOST_TENSORS];
};

// What a block works on: the elements from ... from + count - 1 of a row.
struct part {
    int row;
    long long from;
    long long count;
};

template <int LISTS> __device__ inline part part_of_block(const tensors<LISTS> &t, long long rows, long long chunk)
{
    int low = 0;
    int high = (int)rows - 1;
    while (low < high) {
        int middle = (low + high + 1) / 2;
        if (t.row[middle].first_chunk <= blockIdx.x) {
            low = middle;
        } else {
            high = middle - 1;
        }
    }
    long long from = (blockIdx.x - t.row[low].first_chunk) * chunk;
    long long rest = t.row[low].count - from;
    return {low, from, rest < chunk ? rest : chunk};
}

// Calls f with the values of each element in all lists, and writes back those of the lists in WRITTEN, a set of bits.
template <int WRITTEN, int LISTS, typename F>
__device__ inline void update(const tensors<LISTS> &t, long long rows, long long chunk, F f)
{
    part own = part_of_block(t, rows, chunk);
    float *list[LISTS];
    bool fits = true;
    for (int k = 0; k < LISTS; k++) {
        list[k] = t.row[own.row].list[k] + own.from;
        fits = fits && holds_packs<float, 4>(list[k]);
    }
    long long packs = fits ? own.count / 4 : 0;
    for (long long i = threadIdx.x; i < packs; i += blockDim.x) {
        pack<float, 4> elements[LISTS];
        for (int k = 0; k < LISTS; k++) {
            elements[k] = load_pack<float, 4>(list[k], i);
        }
        for (int n = 0; n < 4; n++) {
            float values[LISTS];
            for (int k = 0; k < LISTS; k++) {
                values[k] = elements[k].element[n];
            }
            f(values);
            for (int k = 0; k < LISTS; k++) {
                elements[k].element[n] = values[k];
            }
        }
        for (int k = 0; k < LISTS; k++) {
            if (WRITTEN >> k & 1) {
                store_pack<float, 4>(list[k], i, elements[k]);
            }
        }
    }
    for (long long i = 4 * packs + threadIdx.x; i < own.count; i += blockDim.x) {
        float values[LISTS];
        for (int k = 0; k < LISTS; k++) {
            values[k] = list[k][i];
        }
        f(values);
        for (int k = 0; k < LISTS; k++) {
            if (WRITTEN >> k & 1) {
                list[k][i] = values[k];
            }
        }
    }
}

// Adam and AdamW. `kept` is the part of w that stays; rate = learning rate / (1 - beta1^k); root_scale = 1 / sqrt(1 - beta2^k)
extern "C" __global__ void adam(float gradient_scale, float to_gradient, float new_part1, float beta2, float new_part2,
                                float kept, float rate, float root_scale, float epsilon, long long chunk, long long rows,
                                tensors<4> t)
{
    update<0b1101>(t, rows, chunk, [=](float(&value)[4]) {
        float &w = value[0], &m = value[2], &v = value[3];
        float g = gradient_scale * value[1] + to_gradient * w;
        m = m + new_part1 * (g - m);
        v = beta2 * v + new_part2 * (g * g);
        w = kept * w - rate * m / (sqrtf(v) * root_scale + epsilon);
    });
}

// Stochastic gradient descent without momentum.
extern "C" __global__ void sgd(float gradient_scale, float weight_decay, float rate, long long chunk, long long rows,
                               tensors<2> t)
{
    update<0b01>(t, rows, chunk, [=](float(&value)[2]) {
        float &w = value[0];
        w = w - rate * (gradient_scale * value[1] + weight_decay * w);
    });
}

// Stochastic gradient descent with momentum.
extern "C" __global__ void sgd_momentum(float gradient_scale, float weight_decay, float rate, float momentum, int nesterov,
                                        int first, long long chunk, long long rows, tensors<3> t)
{
    update<0b101>(t, rows, chunk, [=](float(&value)[3]) {
        float &w = value[0], &velocity = value[2];
        float g = gradient_scale * value[1] + weight_decay * w;
        velocity = first ? g : momentum * velocity + g;
        w = w - rate * (nesterov ? g + momentum * velocity : velocity);
    });
}

// The moving average.
extern "C" __global__ void average(float decay, long long chunk, long long rows, tensors<2> t)
{
    float new_part = 1 - decay;
    update<0b01>(t, rows, chunk, [=](float(&value)[2]) { value[0] = decay * value[0] + new_part * value[1]; });
}

// The sum of squares of each chunk.
extern "C" __global__ void squares(double *sums, long long chunk, long long rows, tensors<1> t)
{
    double sum = 0;
    update<0>(t, rows, chunk, [&](float(&value)[1]) { sum += (double)value[0] * value[0]; });
    sum = block_sum(sum);
    if (threadIdx.x == 0) {
        sums[blockIdx.x] = sum;
    }
}

// The sum of the sums of the chunks, by one block.
extern "C" __global__ void sum_of_squares(const double *sums, long long count, double *total)
{
    double sum = 0;
    for (long long i = threadIdx.x; i < count; i += blockDim.x) {
        sum += sums[i];
    }
    sum = block_sum(sum);
    if (threadIdx.x == 0) {
        *total = sum;
    }
}
