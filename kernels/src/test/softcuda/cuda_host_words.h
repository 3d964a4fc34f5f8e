/* What is left of CUDA's words when the build has seen where they stand. */
#pragma once
#define __global__
#define __shared__ static
#define SOFTCUDA_KERNEL(name)                                                     \
    extern "C" __attribute__((visibility("default"))) const softcuda::Kernel softcuda_kernel_##name; \
    const softcuda::Kernel softcuda_kernel_##name = softcuda::Described<name>::make();
