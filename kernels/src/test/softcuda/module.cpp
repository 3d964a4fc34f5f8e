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
constexpr unsigned SHARED_ON_REQUEST = 227 * 1024;
enum { MAX_THREADS = 0, STATIC_SHARED = 1, REGISTERS = 4, MAX_DYNAMIC_SHARED = 8 };

struct Module;

struct KernelFunction {
    Module *module;
    std::string name;
    ptx::Entry entry;
    const Kernel *kernel;
    unsigned max_dynamic_shared;
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

int check_launch(const KernelFunction &function, const Launch &launch)
{
    const unsigned *d = launch.dimensions;
    uint64_t threads = uint64_t{d[3]} * d[4] * d[5];
    bool grid = d[0] > 0 && d[0] <= 2147483647 && d[1] > 0 && d[1] <= 65535 && d[2] > 0 && d[2] <= 65535;
    bool block = threads > 0 && d[3] <= 1024 && d[4] <= 1024 && d[5] <= 64 && threads <= function.entry.max_threads;
    bool shared = launch.shared <= function.max_dynamic_shared && launch.shared + function.entry.shared <= SHARED_ON_REQUEST;
    return grid && block && shared ? SUCCESS : INVALID_VALUE;
}

int read(Launch &launch, KernelFunction *function, const unsigned dimensions[6], unsigned shared, void **arguments)
{
    if (function == nullptr || function->module->context != current_context()) {
        return INVALID_HANDLE;
    }
    if (arguments == nullptr && !function->entry.parameters.empty()) {
        return INVALID_VALUE;
    }
    launch.function = function;
    std::copy(dimensions, dimensions + 6, launch.dimensions);
    launch.shared = shared;
    launch.arguments.clear();
    for (size_t i = 0; i < function->entry.parameters.size(); i++) {
        auto *value = static_cast<const char *>(arguments[i]);
        launch.arguments.emplace_back(value, value + function->entry.parameters[i]);
    }
    return check_launch(*function, launch);
}

} // namespace

std::function<void()> work_of(const std::shared_ptr<Launch> &launch)
{
    return [launch] {
        auto *function = find(launch->function);
        if (function == nullptr) {
            throw Fault{LAUNCH_FAILED, "the module of the kernel was unloaded"};
        }
        std::vector<void *> arguments;
        for (auto &argument : launch->arguments) {
            arguments.push_back(argument.data());
        }
        add(Count::KERNEL_LAUNCHES, 1);
        if (!function->kernel->launch(*function->kernel, arguments.data(), launch->dimensions, launch->shared)) {
            throw Fault{LAUNCH_FAILED, "the threads of a block wait for each other for ever, or the kernel trapped"};
        }
    };
}

int read_launch(const KernelNode &node, Launch &launch)
{
    unsigned dimensions[6] = {node.grid[0], node.grid[1], node.grid[2], node.block[0], node.block[1], node.block[2]};
    return read(launch, find(node.function), dimensions, node.shared, node.parameters);
}

} // namespace softcuda

using namespace softcuda;

SOFTCUDA_API(cuModuleLoadData, Module **module, const void *image)
{
    NEED_CONTEXT()
    return load(module, static_cast<const char *>(image));
}

SOFTCUDA_API(cuModuleLoadDataEx, Module **module, const void *image, unsigned, int *, void **)
{
    NEED_CONTEXT()
    return load(module, static_cast<const char *>(image));
}

SOFTCUDA_API(cuModuleUnload, void *handle)
{
    NEED_CONTEXT_TO_FREE()
    Module *module = modules.find(handle);
    if (module == nullptr) {
        return INVALID_HANDLE;
    }
    run_all(*module->context);
    for (auto &function : module->functions) {
        functions.erase(function.second.get());
    }
    modules.remove(module);
    return current_context()->error;
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
        made->max_dynamic_shared = SHARED > made->entry.shared ? SHARED - made->entry.shared : 0;
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

SOFTCUDA_API(cuFuncSetAttribute, void *handle, int attribute, int value)
{
    NEED_CONTEXT()
    KernelFunction *function = find(handle);
    if (function == nullptr) {
        return INVALID_HANDLE;
    }
    if (attribute == MAX_DYNAMIC_SHARED) {
        if (value < 0 || unsigned(value) + function->entry.shared > SHARED_ON_REQUEST) {
            return INVALID_VALUE;
        }
        function->max_dynamic_shared = unsigned(value);
    }
    return SUCCESS;
}

SOFTCUDA_API(cuFuncGetAttribute, int *value, int attribute, void *handle)
{
    NEED_CONTEXT()
    KernelFunction *function = find(handle);
    if (function == nullptr) {
        return INVALID_HANDLE;
    }
    *value = attribute == MAX_THREADS          ? int(function->entry.max_threads)
             : attribute == STATIC_SHARED      ? int(function->entry.shared)
             : attribute == MAX_DYNAMIC_SHARED ? int(function->max_dynamic_shared)
             : attribute == REGISTERS          ? 32
                                               : 0;
    return SUCCESS;
}

SOFTCUDA_API(cuOccupancyMaxActiveBlocksPerMultiprocessor, int *blocks, void *handle, int block, size_t shared)
{
    NEED_CONTEXT()
    if (find(handle) == nullptr) {
        return INVALID_HANDLE;
    }
    if (block <= 0 || block > 1024) {
        return INVALID_VALUE;
    }
    size_t by_shared = SHARED_ON_REQUEST / (shared + 1024);
    *blocks = int(std::min(by_shared, size_t(std::min(32, 2048 / block))));
    return SUCCESS;
}

SOFTCUDA_API(cuLaunchKernel, void *handle, unsigned grid_x, unsigned grid_y, unsigned grid_z, unsigned block_x, unsigned block_y,
             unsigned block_z, unsigned shared, void *stream, void **arguments, void **extra)
{
    NEED_CONTEXT()
    if (extra != nullptr) {
        return NOT_SUPPORTED;
    }
    unsigned dimensions[6] = {grid_x, grid_y, grid_z, block_x, block_y, block_z};
    auto launch = std::make_shared<Launch>();
    if (int problem = read(*launch, find(handle), dimensions, shared, arguments)) {
        return problem;
    }
    return submit_node(stream, {KERNEL_NODE, "kernel " + find(handle)->name, work_of(launch), launch});
}
