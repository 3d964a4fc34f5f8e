/* The little of PTX that a loader needs: is it one that the device takes, and how its kernels are called. */
#pragma once
#include <string>
#include <vector>

namespace softcuda::ptx {

struct Entry {
    std::vector<size_t> parameters; /* bytes */
    unsigned shared = 0;            /* bytes of the static arrays */
    unsigned max_threads = 1024;
};

/* 0, or the error of the driver for such an image. */
int check(const char *image);
/* False where the text has no kernel of that name. */
bool find(const std::string &text, const std::string &name, Entry &entry);

} // namespace softcuda::ptx
