/*
 * The control file: 64 KiB, named by the environment variable SOFTCUDA_CONTROL and mapped into memory by the device and
 * by the test. The test writes wishes, the device writes what it counted. Little-endian, at fixed offsets:
 *
 *     0  u32      magic 0x54464f53, written by the device when it has the file
 *     8  u32      fail: 1 arms a failure, 2 says that it happened (write it last)
 *    12  u32      the code that the failing call answers
 *    16  u64      which call fails, counted from the arming: 1 is the next one that fits
 *    24  char[64] the function, without its version suffix (cuMemAlloc, cudnnConvolutionForward, cublasGemmEx);
 *                 with '*' at the end every function that begins so
 *    88  u64      bytes of memory of each device (0: 4 GiB)
 *    96  u32      number of devices (0: one; eight at most)
 *   100  u32      1: cuInit answers CUDA_ERROR_NO_DEVICE
 *   104  u32      version of the driver (0: 12060)
 *   108  u32      command, carried out at the next call and set to 0 then: 1 forgets the errors that stick to contexts
 *                 and what is queued; 2 forgets, besides, all memory
 *   112  u32      version of cuDNN (0: 90500)
 *   116  u32      version of CUDA that cuDNN was built for (0: 12060)
 *   120  u32      version of cuBLAS (0: 120600)
 *   124  u32      compute capability times ten (0: 90)
 *   128  char[256] a file to which every call is appended, one a line (empty: none)
 *   512  u64[32]  what lives and what was done, in the order of Count
 *  1024  char[1024] the last fault that the device saw, in words
 *  4096  64 bytes for each function called so far: char[56] name without suffix, u64 calls
 */
#pragma once
#include <cstddef>
#include <cstdint>

namespace softcuda {

enum class Count {
    ALLOCATIONS,
    BYTES,
    PINNED_ALLOCATIONS,
    PINNED_BYTES,
    STREAMS,
    EVENTS,
    GRAPHS,
    GRAPH_EXECUTABLES,
    MODULES,
    RETAINED_CONTEXTS,
    CUDNN_HANDLES,
    CUDNN_DESCRIPTORS,
    CUBLAS_HANDLES,
    PEAK_BYTES,
    QUEUED,
    KERNEL_LAUNCHES,
    GRAPH_LAUNCHES,
    FAULTS
};

struct FunctionCount {
    char name[56];
    uint64_t calls;
};

struct Control {
    uint32_t magic;
    uint32_t reserved;
    uint32_t fail;
    uint32_t fail_code;
    uint64_t fail_after;
    char fail_name[64];
    uint64_t memory;
    uint32_t devices;
    uint32_t no_device;
    uint32_t driver_version;
    uint32_t command;
    uint32_t cudnn_version;
    uint32_t cudnn_cuda_version;
    uint32_t cublas_version;
    uint32_t compute_capability;
    char trace[256];
    char gap[128];
    uint64_t counts[32];
    char gap_after_counts[256];
    char fault[1024];
    char gap_after_fault[2048];
    FunctionCount functions[960];
};
static_assert(offsetof(Control, fail_name) == 24 && offsetof(Control, trace) == 128, "as documented");
static_assert(offsetof(Control, counts) == 512 && offsetof(Control, fault) == 1024, "as documented");
static_assert(offsetof(Control, functions) == 4096 && sizeof(Control) == 65536, "as documented");

} // namespace softcuda
