#include "driver.h"
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

namespace softcuda {
namespace {

constexpr uint32_t MAGIC = 0x54464f53;
enum { ARMED = 1, FIRED = 2 };
enum { NO_COMMAND, FORGET_ERRORS, FORGET_ALL };

Control *map_control()
{
    const char *path = getenv("SOFTCUDA_CONTROL");
    int file = path != nullptr ? open(path, O_RDWR | O_CREAT, 0600) : -1;
    if (path != nullptr && (file < 0 || ftruncate(file, sizeof(Control)) != 0)) {
        perror(path);
        abort();
    }
    int flags = file < 0 ? MAP_PRIVATE | MAP_ANONYMOUS : MAP_SHARED;
    void *memory = mmap(nullptr, sizeof(Control), PROT_READ | PROT_WRITE, flags, file, 0);
    if (memory == MAP_FAILED) {
        perror("softcuda control");
        abort();
    }
    if (file >= 0) {
        close(file);
    }
    auto *mapped = static_cast<Control *>(memory);
    mapped->magic = MAGIC;
    return mapped;
}

void trace(const char *name)
{
    static FILE *out = nullptr;
    static char open_path[sizeof control().trace];
    if (strncmp(open_path, control().trace, sizeof open_path) != 0) {
        if (out != nullptr) {
            fclose(out);
            out = nullptr;
        }
        memcpy(open_path, control().trace, sizeof open_path - 1);
        if (open_path[0] != 0) {
            out = fopen(open_path, "a");
        }
    }
    if (out != nullptr) {
        fprintf(out, "%s\n", name);
        fflush(out);
    }
}

void obey()
{
    uint32_t command = control().command;
    if (command == NO_COMMAND) {
        return;
    }
    control().command = NO_COMMAND;
    forget_errors();
    if (command == FORGET_ALL) {
        forget_memory();
    }
}

bool fits(const char *pattern, const char *name)
{
    size_t length = strnlen(pattern, sizeof control().fail_name);
    if (length > 0 && pattern[length - 1] == '*') {
        return strncmp(pattern, name, length - 1) == 0;
    }
    return strncmp(pattern, name, sizeof control().fail_name) == 0;
}

} // namespace

std::recursive_mutex &mutex()
{
    static auto *the_one = new std::recursive_mutex;
    return *the_one;
}

Control &control()
{
    static Control *mapped = map_control();
    return *mapped;
}

void add(Count what, int64_t n)
{
    uint64_t *counts = control().counts;
    counts[int(what)] += uint64_t(n);
    if (what == Count::BYTES && counts[int(what)] > counts[int(Count::PEAK_BYTES)]) {
        counts[int(Count::PEAK_BYTES)] = counts[int(what)];
    }
}

void report(const std::string &fault)
{
    add(Count::FAULTS, 1);
    snprintf(control().fault, sizeof control().fault, "%s", fault.c_str());
    fprintf(stderr, "softcuda: %s\n", fault.c_str());
}

Function::Function(const char *exported_name)
{
    std::string name(exported_name);
    size_t suffix = name.rfind("_v");
    if (suffix != std::string::npos) {
        name.resize(suffix);
    }
    std::lock_guard<std::recursive_mutex> lock(mutex());
    FunctionCount *slot = control().functions;
    while (slot->name[0] != 0 && name != slot->name) {
        slot++;
    }
    snprintf(slot->name, sizeof slot->name, "%s", name.c_str());
    count = slot;
}

int Function::enter()
{
    count->calls++;
    trace(count->name);
    obey();
    Control &c = control();
    if (c.fail != ARMED || !fits(c.fail_name, count->name) || c.fail_after-- > 1) {
        return 0;
    }
    c.fail = FIRED;
    return int(c.fail_code);
}

} // namespace softcuda
