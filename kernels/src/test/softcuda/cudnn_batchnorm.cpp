/*
 * cuDNN's batch normalisation over N, H and W (modes SPATIAL and SPATIAL_PERSISTENT), with or without the fused ReLU and
 * sum of the Ex functions. Statistics and parameters are float for every type of data.
 */
#include "cudnn.h"
#include <cmath>
#include <cstring>

namespace softcuda::dnn {
namespace {

enum Mode { PER_ACTIVATION, SPATIAL, SPATIAL_PERSISTENT };
enum Fused { PLAIN, ACTIVATED, ADDED_AND_ACTIVATED };
constexpr double SMALLEST_EPSILON = 1e-5 - 1e-9;

struct Statistics {
    std::vector<double> mean, inverse_deviation, variance;
};

Statistics statistics_of(const std::vector<float> &x, size_t channels, double epsilon)
{
    Statistics s{std::vector<double>(channels), std::vector<double>(channels), std::vector<double>(channels)};
    double count = double(x.size() / channels);
    for (size_t i = 0; i < x.size(); i++) {
        s.mean[i % channels] += double(x[i]) / count;
    }
    for (size_t i = 0; i < x.size(); i++) {
        double difference = double(x[i]) - s.mean[i % channels];
        s.variance[i % channels] += difference * difference / count;
    }
    for (size_t c = 0; c < channels; c++) {
        s.inverse_deviation[c] = 1 / std::sqrt(s.variance[c] + epsilon);
    }
    return s;
}

float *floats(const char *name, void *data, size_t n)
{
    need(name, data, n * sizeof(float));
    return static_cast<float *>(data);
}

const float *floats(const char *name, const void *data, size_t n)
{
    need(name, data, n * sizeof(float));
    return static_cast<const float *>(data);
}

/* running = factor * new + (1 - factor) * running; the variance of a sample, not of the batch */
void update_running(double factor, const Statistics &s, double count, float *mean, float *variance)
{
    for (size_t c = 0; c < s.mean.size(); c++) {
        double unbiased = count > 1 ? s.variance[c] * count / (count - 1) : s.variance[c];
        mean[c] = float(factor * s.mean[c] + (factor == 1 ? 0 : (1 - factor) * double(mean[c])));
        variance[c] = float(factor * unbiased + (factor == 1 ? 0 : (1 - factor) * double(variance[c])));
    }
}

bool are_parameters(const Tensor &p, const Tensor &x) { return p.n == 1 && p.h == 1 && p.w == 1 && p.c == x.c; }

int check(const Handle *handle, int mode, const Tensor *x, const Tensor *y, const Tensor *parameters, double epsilon)
{
    if (!knows(handle) || !know_all(x, y, parameters) || !x->same_shape(*y) || !are_parameters(*parameters, *x) || epsilon < SMALLEST_EPSILON) {
        return BAD_PARAM;
    }
    bool supported = (mode == SPATIAL || mode == SPATIAL_PERSISTENT) && is_floating(x->type) && x->type == y->type && parameters->type == FLOAT;
    return supported ? SUCCESS : NOT_SUPPORTED;
}

/* Fused operations are there for half-precision NHWC in the persistent mode, and channels by fours. */
int check_fused(int mode, int fused, const Activation *activation, const Tensor *x)
{
    if (fused == PLAIN) {
        return SUCCESS;
    }
    if (fused < PLAIN || fused > ADDED_AND_ACTIVATED || !knows(activation)) {
        return BAD_PARAM;
    }
    bool supported = activation->mode == 1 && mode == SPATIAL_PERSISTENT && x->is_packed_nhwc() && x->type != FLOAT && x->c % 4 == 0;
    return supported ? SUCCESS : NOT_SUPPORTED;
}

struct Forward {
    Tensor x_of, y_of, z_of;
    const void *x, *z;
    void *y;
    const void *gamma, *beta_parameter;
    void *running_mean, *running_variance, *saved_mean, *saved_deviation;
    double factor, epsilon;
    float alpha, beta;
    int fused;
    unsigned char *reserve;

    void run() const
    {
        size_t channels = size_t(x_of.c);
        std::vector<float> values = read("x", x_of, x);
        Statistics s = statistics_of(values, channels, epsilon);
        const float *scales = floats("scale", gamma, channels), *shifts = floats("bias", beta_parameter, channels);
        std::vector<float> added = fused == ADDED_AND_ACTIVATED ? read("z", z_of, z) : std::vector<float>();
        if (reserve != nullptr) {
            need("reserve space", reserve, values.size());
        }
        for (size_t i = 0; i < values.size(); i++) {
            size_t c = i % channels;
            double y_value = double(scales[c]) * (double(values[i]) - s.mean[c]) * s.inverse_deviation[c] + double(shifts[c]);
            y_value += added.empty() ? 0 : double(added[i]);
            if (fused != PLAIN) {
                reserve[i] = y_value > 0;
                y_value = y_value > 0 ? y_value : 0;
            }
            values[i] = float(y_value);
        }
        if (running_mean != nullptr) {
            update_running(factor, s, double(values.size() / channels), floats("running mean", running_mean, channels),
                           floats("running variance", running_variance, channels));
        }
        if (saved_mean != nullptr) {
            std::copy(s.mean.begin(), s.mean.end(), floats("saved mean", saved_mean, channels));
            std::copy(s.inverse_deviation.begin(), s.inverse_deviation.end(), floats("saved inverse variance", saved_deviation, channels));
        }
        write("y", y_of, y, values, alpha, beta);
    }
};

struct Backward {
    Tensor x_of, dy_of, dx_of, dz_of;
    const void *x, *dy;
    void *dx, *dz;
    const void *gamma;
    void *d_gamma, *d_beta;
    const void *saved_mean, *saved_deviation;
    double epsilon;
    float alpha_data, beta_data, alpha_parameters, beta_parameters;
    int fused;
    const unsigned char *reserve;

    void run() const
    {
        size_t channels = size_t(x_of.c);
        std::vector<float> values = read("x", x_of, x), gradient = read("dy", dy_of, dy);
        double count = double(values.size() / channels);
        Statistics s = statistics_of(values, channels, epsilon);
        if (saved_mean != nullptr) {
            const float *means = floats("saved mean", saved_mean, channels);
            const float *deviations = floats("saved inverse variance", saved_deviation, channels);
            s.mean.assign(means, means + channels);
            s.inverse_deviation.assign(deviations, deviations + channels);
        }
        if (fused != PLAIN) {
            need("reserve space", reserve, values.size());
            for (size_t i = 0; i < gradient.size(); i++) {
                gradient[i] = reserve[i] != 0 ? gradient[i] : 0;
            }
        }
        if (fused == ADDED_AND_ACTIVATED) {
            write("dz", dz_of, dz, gradient, 1, 0);
        }
        std::vector<double> sum(channels), product(channels);
        for (size_t i = 0; i < values.size(); i++) {
            size_t c = i % channels;
            sum[c] += double(gradient[i]);
            product[c] += double(gradient[i]) * (double(values[i]) - s.mean[c]) * s.inverse_deviation[c];
        }
        const float *scales = floats("scale", gamma, channels);
        for (size_t i = 0; i < values.size(); i++) {
            size_t c = i % channels;
            double normal = (double(values[i]) - s.mean[c]) * s.inverse_deviation[c];
            gradient[i] = float(double(scales[c]) * s.inverse_deviation[c] * (double(gradient[i]) - sum[c] / count - normal * product[c] / count));
        }
        write("dx", dx_of, dx, gradient, alpha_data, beta_data);
        store(floats("scale gradient", d_gamma, channels), product);
        store(floats("bias gradient", d_beta, channels), sum);
    }

    void store(float *to, const std::vector<double> &sums) const
    {
        for (size_t c = 0; c < sums.size(); c++) {
            to[c] = float(double(alpha_parameters) * sums[c] + (beta_parameters == 0 ? 0 : double(beta_parameters * to[c])));
        }
    }
};

int forward(Handle *handle, const char *what, const Forward &work)
{
    if ((work.running_mean == nullptr) != (work.running_variance == nullptr) || (work.saved_mean == nullptr) != (work.saved_deviation == nullptr)) {
        return BAD_PARAM;
    }
    for (int problem : {check_pointer(work.x_of, work.x), check_pointer(work.y_of, work.y)}) {
        if (problem != SUCCESS) {
            return problem;
        }
    }
    return queue(handle, what, [work] { work.run(); });
}

} // namespace
} // namespace softcuda::dnn

using namespace softcuda::dnn;

SOFTCUDA_API(cudnnDeriveBNTensorDescriptor, Tensor *derived, const Tensor *x, int mode)
{
    SOFTCUDA_ENTER()
    if (!know_all(derived, x)) {
        return BAD_PARAM;
    }
    if (mode == PER_ACTIVATION) {
        return NOT_SUPPORTED;
    }
    int type = x->type == DOUBLE ? DOUBLE : FLOAT;
    *derived = {true, type, x->format, 1, x->c, 1, 1, x->c, 1, x->c, x->c};
    return SUCCESS;
}

SOFTCUDA_API(cudnnBatchNormalizationForwardTraining, Handle *handle, int mode, const void *alpha, const void *beta, const Tensor *x_of,
             const void *x, const Tensor *y_of, void *y, const Tensor *p_of, const void *gamma, const void *shift, double factor,
             void *running_mean, void *running_variance, double epsilon, void *saved_mean, void *saved_deviation)
{
    SOFTCUDA_ENTER()
    if (int problem = check(handle, mode, x_of, y_of, p_of, epsilon)) {
        return problem;
    }
    return forward(handle, "cudnnBatchNormalizationForwardTraining",
                   {*x_of, *y_of, {}, x, nullptr, y, gamma, shift, running_mean, running_variance, saved_mean, saved_deviation, factor, epsilon,
                    scale(alpha), scale(beta), PLAIN, nullptr});
}

SOFTCUDA_API(cudnnGetBatchNormalizationForwardTrainingExWorkspaceSize, const Handle *handle, int mode, int fused, const Tensor *x,
             const Tensor *, const Tensor *, const Tensor *, const Activation *activation, size_t *bytes)
{
    SOFTCUDA_ENTER()
    if (!knows(handle) || !knows(x)) {
        return BAD_PARAM;
    }
    *bytes = 64 * size_t(x->c);
    return check_fused(mode, fused, activation, x);
}

SOFTCUDA_API(cudnnGetBatchNormalizationBackwardExWorkspaceSize, const Handle *handle, int mode, int fused, const Tensor *x, const Tensor *,
             const Tensor *, const Tensor *, const Tensor *, const Tensor *, const Activation *activation, size_t *bytes)
{
    SOFTCUDA_ENTER()
    if (!knows(handle) || !knows(x)) {
        return BAD_PARAM;
    }
    *bytes = 128 * size_t(x->c);
    return check_fused(mode, fused, activation, x);
}

SOFTCUDA_API(cudnnGetBatchNormalizationTrainingExReserveSpaceSize, const Handle *handle, int mode, int fused, const Activation *activation,
             const Tensor *x, size_t *bytes)
{
    SOFTCUDA_ENTER()
    if (!knows(handle) || !knows(x)) {
        return BAD_PARAM;
    }
    *bytes = fused == PLAIN ? 0 : x->elements();
    return check_fused(mode, fused, activation, x);
}

SOFTCUDA_API(cudnnBatchNormalizationForwardTrainingEx, Handle *handle, int mode, int fused, const void *alpha, const void *beta,
             const Tensor *x_of, const void *x, const Tensor *z_of, const void *z, const Tensor *y_of, void *y, const Tensor *p_of,
             const void *gamma, const void *shift, double factor, void *running_mean, void *running_variance, double epsilon, void *saved_mean,
             void *saved_deviation, const Activation *activation, void *workspace, size_t workspace_bytes, void *reserve, size_t reserve_bytes)
{
    SOFTCUDA_ENTER()
    for (int problem : {check(handle, mode, x_of, y_of, p_of, epsilon), knows(x_of) ? check_fused(mode, fused, activation, x_of) : int(BAD_PARAM)}) {
        if (problem != SUCCESS) {
            return problem;
        }
    }
    bool adds = fused == ADDED_AND_ACTIVATED;
    bool too_small = workspace == nullptr || workspace_bytes < 64 * size_t(x_of->c) || (fused != PLAIN && reserve_bytes < x_of->elements());
    if (too_small || (adds && (!knows(z_of) || !z_of->same_shape(*x_of)))) {
        return BAD_PARAM;
    }
    return forward(handle, "cudnnBatchNormalizationForwardTrainingEx",
                   {*x_of, *y_of, adds ? *z_of : Tensor{}, x, z, y, gamma, shift, running_mean, running_variance, saved_mean, saved_deviation,
                    factor, epsilon, scale(alpha), scale(beta), fused, static_cast<unsigned char *>(fused == PLAIN ? nullptr : reserve)});
}

SOFTCUDA_API(cudnnBatchNormalizationForwardInference, Handle *handle, int mode, const void *alpha, const void *beta, const Tensor *x_of,
             const void *x, const Tensor *y_of, void *y, const Tensor *p_of, const void *gamma, const void *shift, const void *mean,
             const void *variance, double epsilon)
{
    SOFTCUDA_ENTER()
    if (int problem = check(handle, mode, x_of, y_of, p_of, epsilon)) {
        return problem;
    }
    return queue(handle, "cudnnBatchNormalizationForwardInference", [=, x_of = *x_of, y_of = *y_of, alpha = scale(alpha), beta = scale(beta)] {
        size_t channels = size_t(x_of.c);
        std::vector<float> values = read("x", x_of, x);
        const float *scales = floats("scale", gamma, channels), *shifts = floats("bias", shift, channels);
        const float *means = floats("mean", mean, channels), *variances = floats("variance", variance, channels);
        for (size_t i = 0; i < values.size(); i++) {
            size_t c = i % channels;
            double normal = (double(values[i]) - double(means[c])) / std::sqrt(double(variances[c]) + epsilon);
            values[i] = float(double(scales[c]) * normal + double(shifts[c]));
        }
        write("y", y_of, y, values, alpha, beta);
    });
}

SOFTCUDA_API(cudnnBatchNormalizationBackward, Handle *handle, int mode, const void *alpha_data, const void *beta_data,
             const void *alpha_parameters, const void *beta_parameters, const Tensor *x_of, const void *x, const Tensor *dy_of, const void *dy,
             const Tensor *dx_of, void *dx, const Tensor *p_of, const void *gamma, void *d_gamma, void *d_beta, double epsilon,
             const void *saved_mean, const void *saved_deviation)
{
    SOFTCUDA_ENTER()
    for (int problem : {check(handle, mode, x_of, dy_of, p_of, epsilon), check(handle, mode, x_of, dx_of, p_of, epsilon)}) {
        if (problem != SUCCESS) {
            return problem;
        }
    }
    Backward work{*x_of, *dy_of, *dx_of, {}, x, dy, dx, nullptr, gamma, d_gamma, d_beta, saved_mean, saved_deviation, epsilon,
                  scale(alpha_data), scale(beta_data), scale(alpha_parameters), scale(beta_parameters), PLAIN, nullptr};
    return queue(handle, "cudnnBatchNormalizationBackward", [work] { work.run(); });
}

SOFTCUDA_API(cudnnBatchNormalizationBackwardEx, Handle *handle, int mode, int fused, const void *alpha_data, const void *beta_data,
             const void *alpha_parameters, const void *beta_parameters, const Tensor *x_of, const void *x, const Tensor *, const void *,
             const Tensor *dy_of, const void *dy, const Tensor *dz_of, void *dz, const Tensor *dx_of, void *dx, const Tensor *p_of,
             const void *gamma, const void *, void *d_gamma, void *d_beta, double epsilon, const void *saved_mean, const void *saved_deviation,
             const Activation *activation, void *workspace, size_t workspace_bytes, void *reserve, size_t reserve_bytes)
{
    SOFTCUDA_ENTER()
    for (int problem : {check(handle, mode, x_of, dy_of, p_of, epsilon), check(handle, mode, x_of, dx_of, p_of, epsilon),
                        knows(x_of) ? check_fused(mode, fused, activation, x_of) : int(BAD_PARAM)}) {
        if (problem != SUCCESS) {
            return problem;
        }
    }
    bool adds = fused == ADDED_AND_ACTIVATED;
    bool too_small = workspace == nullptr || workspace_bytes < 128 * size_t(x_of->c) || (fused != PLAIN && reserve_bytes < x_of->elements());
    if (too_small || (adds && !knows(dz_of))) {
        return BAD_PARAM;
    }
    Backward work{*x_of, *dy_of, *dx_of, adds ? *dz_of : Tensor{}, x, dy, dx, dz, gamma, d_gamma, d_beta, saved_mean, saved_deviation, epsilon,
                  scale(alpha_data), scale(beta_data), scale(alpha_parameters), scale(beta_parameters), fused,
                  static_cast<const unsigned char *>(reserve)};
    return queue(handle, "cudnnBatchNormalizationBackwardEx", [work] { work.run(); });
}
