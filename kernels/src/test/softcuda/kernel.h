/* What the library of the kernels says of each of them. */
#pragma once
#include <cstddef>

namespace softcuda {

struct Kernel {
    void (*call)(void **arguments);
    size_t parameters;
    const size_t *sizes;
    /* false where the threads of a block wait for each other for ever, or one trapped */
    bool (*launch)(const Kernel &, void **arguments, const unsigned dimensions[6], unsigned dynamic_shared);
};

} // namespace softcuda
