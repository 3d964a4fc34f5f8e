/* Modules of PTX, whose kernels are the same sources compiled for this machine; and launches. */
#include "driver.h"
#include "kernel.h"
#include "ptx.h"
#include <cstdio>
#include <cstring>
#include <dlfcn.h>
#include <map>

namespace softcuda {
namespace {

constexpr unsigned SHARED = 48 * 1024;

struct Module;

struct KernelFunction {
    Module *module;
    std::string name;
    ptx::Entry entry;
    const Kernel *kernel;
};

struct Launch {
    const KernelFunction *function;
    unsigned dimensions[6];
    unsigned shared;
    std::vector<std::vector<char>> arguments;
};

struct Module {
    Context *context;
    std::string text;
    std::map<std::string, std::unique_ptr<KernelFunction>> functions;
};

Handles<Module> modules(Count::MODULES);
std::set<KernelFunction *> functions;

/* The kernels lie beside this library. */
void *kernels()
{
    static void *library = nullptr;
    if (library == nullptr) {
        Dl_info here;
        dladdr(reinterpret_cast<void *>(&kernels), &here);
        std::string path(here.dli_fname);
        path = path.substr(0, path.rfind('/') + 1) + "libsoftcuda_kernels.so";
        library = dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL);
        if (library == nullptr) {
            report(dlerror());
        }
    }
    return library;
}

KernelFunction *find(void *handle)
{
    auto *function = static_cast<KernelFunction *>(handle);
    return functions.count(function) != 0 ? function : nullptr;
}

/* 0, or that the kernel's C++ and PTX differ in their parameters, which only an old PTX can do. */
int check_parameters(const KernelFunction &function)
{
    const Kernel &kernel = *function.kernel;
    std::vector<size_t> compiled(kernel.sizes, kernel.sizes + kernel.parameters);
    if (compiled != function.entry.parameters) {
        report("kernel " + function.name + ": the PTX declares other parameters than the source");
        return INVALID_IMAGE;
    }
    return SUCCESS;
}

int load(Module **module, const char *image)
{
    if (module == nullptr || image == nullptr) {
        return INVALID_VALUE;
    }
    if (int problem = forbidden_while_capturing()) {
        return problem;
    }
    if (int problem = ptx::check(image)) {
        return problem;
    }
    *module = modules.add(new Module{current_context(), image, {}});
    return SUCCESS;
}

bool is_possible(const Launch &launch)
{
    const unsigned *d = launch.dimensions;
    const ptx::Entry &entry = launch.function->entry;
    uint64_t threads = uint64_t{d[3]} * d[4] * d[5];
    bool grid = d[0] > 0 && d[0] <= 2147483647 && d[1] > 0 && d[1] <= 65535 && d[2] > 0 && d[2] <= 65535;
    bool block = threads > 0 && d[3] <= 1024 && d[4] <= 1024 && d[5] <= 64 && threads <= entry.max_threads;
    return grid && block && uint64_t{launch.shared} + entry.shared <= SHARED;
}

/* The arguments are read when the call is made. */
std::vector<std::vector<char>> read(const ptx::Entry &entry, void **arguments)
{
    std::vector<std::vector<char>> values;
    for (size_t i = 0; i < entry.parameters.size(); i++) {
        auto *value = static_cast<const char *>(arguments[i]);
        values.emplace_back(value, value + entry.parameters[i]);
    }
    return values;
}

void run(Launch &launch)
{
    std::vector<void *> arguments;
    for (auto &argument : launch.arguments) {
        arguments.push_back(argument.data());
    }
    add(Count::KERNEL_LAUNCHES, 1);
    const Kernel &kernel = *launch.function->kernel;
    if (!kernel.launch(kernel, arguments.data(), launch.dimensions, launch.shared)) {
        throw Fault{LAUNCH_FAILED, "the threads of a block wait for each other for ever, or the kernel trapped"};
    }
}

} // namespace
} // namespace softcuda

using namespace softcuda;

SOFTCUDA_API(cuModuleLoadData, Module **module, const void *image)
{
    NEED_CONTEXT()
    return load(module, static_cast<const char *>(image));
}

SOFTCUDA_API(cuModuleGetFunction, KernelFunction **result, void *handle, const char *name)
{
    NEED_CONTEXT()
    Module *module = modules.find(handle);
    if (module == nullptr || module->context != current_context()) {
        return INVALID_HANDLE;
    }
    auto &known = module->functions[name];
    if (!known) {
        auto made = std::make_unique<KernelFunction>();
        void *library = kernels();
        void *symbol = library == nullptr ? nullptr : dlsym(library, ("softcuda_kernel_" + std::string(name)).c_str());
        if (symbol == nullptr || !ptx::find(module->text, name, made->entry)) {
            module->functions.erase(name);
            return NOT_FOUND;
        }
        made->module = module;
        made->name = name;
        made->kernel = static_cast<const Kernel *>(symbol);
        if (int problem = check_parameters(*made)) {
            module->functions.erase(name);
            return problem;
        }
        functions.insert(made.get());
        known = std::move(made);
    }
    *result = known.get();
    return SUCCESS;
}

SOFTCUDA_API(cuLaunchKernel, void *handle, unsigned grid_x, unsigned grid_y, unsigned grid_z, unsigned block_x, unsigned block_y,
             unsigned block_z, unsigned shared, void *stream, void **arguments, void **extra)
{
    NEED_CONTEXT()
    if (extra != nullptr) {
        return NOT_SUPPORTED;
    }
    KernelFunction *function = find(handle);
    if (function == nullptr || function->module->context != current_context()) {
        return INVALID_HANDLE;
    }
    if (arguments == nullptr && !function->entry.parameters.empty()) {
        return INVALID_VALUE;
    }
    auto launch = std::make_shared<Launch>(
        Launch{function, {grid_x, grid_y, grid_z, block_x, block_y, block_z}, shared, read(function->entry, arguments)});
    if (!is_possible(*launch)) {
        return INVALID_VALUE;
    }
    return submit(stream, "kernel " + function->name, [launch] { run(*launch); });
}
