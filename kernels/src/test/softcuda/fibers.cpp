/*
 * The threads of a block as fibers. A fiber runs thread after thread until one meets a barrier; only then is another
 * fiber begun. So a kernel without barriers runs as a plain loop. The threads of every second block begin in reverse
 * order: what depends on their order does not stay hidden.
 */
#include "cuda_host.h"
#include <cstdlib>
#include <sys/mman.h>
#include <vector>

uint3 threadIdx, blockIdx;
dim3 blockDim, gridDim;

namespace softcuda {
namespace {

constexpr size_t STACK = 96 * 1024;
constexpr size_t GUARD = 4096;
constexpr unsigned MAX_THREADS = 1024;
constexpr unsigned MAX_SHARED = 227 * 1024;

struct Fiber {
    void *stack_pointer;
    char *stack;
    unsigned thread;
};

struct Warp {
    unsigned living;
    unsigned waiting;
    unsigned masks[32];
    Fiber *fibers[32];
    char slots[32][16];
};

struct BlockBarrier {
    std::vector<Fiber *> waiting;
    unsigned arrived;
    int sum;
    int result;
};

const Kernel *running;
void **running_arguments;
unsigned threads, begun, living;
bool reversed, trapped, broken_off;
std::vector<Fiber *> all_fibers, idle, ready;
Fiber *current;
void *scheduler;
Warp warps[MAX_THREADS / 32];
BlockBarrier barrier;
alignas(16) char shared[MAX_SHARED];

extern "C" void softcuda_switch(void **save_stack_pointer, void *stack_pointer);
__asm__(R"(
    .text
    .hidden softcuda_switch
    .globl softcuda_switch
    .type softcuda_switch, @function
softcuda_switch:
    pushq %r12
    pushq %r13
    pushq %r14
    pushq %r15
    pushq %rbx
    pushq %rbp
    movq %rsp, (%rdi)
    movq %rsi, %rsp
    popq %rbp
    popq %rbx
    popq %r15
    popq %r14
    popq %r13
    popq %r12
    ret
    .size softcuda_switch, .-softcuda_switch
)");

void take_place_of(unsigned thread)
{
    current->thread = thread;
    threadIdx.x = thread % blockDim.x;
    threadIdx.y = thread / blockDim.x % blockDim.y;
    threadIdx.z = thread / (blockDim.x * blockDim.y);
}

Warp &warp() { return warps[current->thread / 32]; }

void leave() { softcuda_switch(&current->stack_pointer, scheduler); }

void open_block_barrier_if_all_came()
{
    if (barrier.arrived > 0 && barrier.arrived == living) {
        barrier.result = barrier.sum;
        barrier.sum = 0;
        barrier.arrived = 0;
        ready.insert(ready.end(), barrier.waiting.begin(), barrier.waiting.end());
        barrier.waiting.clear();
    }
}

void open_warp_barriers(Warp &w)
{
    for (unsigned lane = 0; lane < 32; lane++) {
        if ((w.waiting & (1u << lane)) == 0) {
            continue;
        }
        unsigned mask = w.masks[lane] & w.living;
        bool complete = (mask & ~w.waiting) == 0;
        for (unsigned other = 0; other < 32 && complete; other++) {
            complete = (mask & (1u << other)) == 0 || w.masks[other] == w.masks[lane];
        }
        for (unsigned other = 0; other < 32 && complete; other++) {
            if ((mask & (1u << other)) != 0) {
                w.waiting &= ~(1u << other);
                ready.push_back(w.fibers[other]);
            }
        }
    }
}

void end_thread()
{
    living--;
    Warp &w = warp();
    w.living &= ~(1u << current_lane());
    open_warp_barriers(w);
    open_block_barrier_if_all_came();
}

[[noreturn]] void fiber_main()
{
    for (;;) {
        while (begun < threads) {
            unsigned thread = begun++;
            take_place_of(reversed ? threads - 1 - thread : thread);
            running->call(running_arguments);
            end_thread();
        }
        idle.push_back(current);
        leave();
    }
}

void prepare(Fiber *fiber)
{
    auto **top = reinterpret_cast<void **>(fiber->stack + STACK);
    *--top = nullptr; /* a call would have left the stack so aligned */
    *--top = reinterpret_cast<void *>(fiber_main);
    top -= 6;
    std::fill(top, top + 6, nullptr);
    fiber->stack_pointer = top;
    idle.push_back(fiber);
}

Fiber *make_fiber()
{
    void *memory = mmap(nullptr, STACK, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (memory == MAP_FAILED || mprotect(memory, GUARD, PROT_NONE) != 0) {
        abort();
    }
    auto *fiber = new Fiber{nullptr, static_cast<char *>(memory), 0};
    all_fibers.push_back(fiber);
    prepare(fiber);
    return fiber;
}

Fiber *take_last(std::vector<Fiber *> &fibers)
{
    Fiber *fiber = fibers.back();
    fibers.pop_back();
    return fiber;
}

/* A launch that failed leaves fibers in the middle of their threads. */
void abandon_all()
{
    idle.clear();
    ready.clear();
    barrier.waiting.clear();
    for (Fiber *fiber : all_fibers) {
        prepare(fiber);
    }
}

void begin_block(unsigned number)
{
    begun = 0;
    living = threads;
    reversed = number % 2 == 1;
    barrier.arrived = 0;
    barrier.sum = 0;
    for (unsigned w = 0; w * 32 < threads; w++) {
        unsigned lanes = threads - w * 32;
        warps[w].living = lanes >= 32 ? FULL_WARP : (1u << lanes) - 1;
        warps[w].waiting = 0;
    }
}

bool run_block()
{
    while (living > 0) {
        bool resumes = !ready.empty();
        if (resumes) {
            current = take_last(ready);
            take_place_of(current->thread);
        } else if (begun < threads) {
            if (idle.empty()) {
                make_fiber();
            }
            current = take_last(idle);
        } else {
            return false;
        }
        softcuda_switch(&scheduler, current->stack_pointer);
        if (trapped) {
            return false;
        }
    }
    return true;
}

} // namespace

unsigned current_lane() { return current->thread % 32; }
char *lane_slot(unsigned lane) { return warp().slots[lane]; }
unsigned living_lanes() { return warp().living; }
void *dynamic_shared() { return shared; }

int block_sum(int value)
{
    barrier.arrived++;
    barrier.sum += value;
    barrier.waiting.push_back(current);
    open_block_barrier_if_all_came();
    leave();
    return barrier.result;
}

void block_barrier() { block_sum(0); }

void warp_barrier(unsigned mask)
{
    Warp &w = warp();
    unsigned lane = current_lane();
    if ((mask & (1u << lane)) == 0) {
        trap();
    }
    w.masks[lane] = mask;
    w.fibers[lane] = current;
    w.waiting |= 1u << lane;
    open_warp_barriers(w);
    leave();
}

void trap()
{
    trapped = true;
    for (;;) {
        leave();
    }
}

bool launch(const Kernel &kernel, void **arguments, const unsigned dimensions[6], unsigned dynamic_shared)
{
    running = &kernel;
    running_arguments = arguments;
    gridDim = {dimensions[0], dimensions[1], dimensions[2]};
    blockDim = {dimensions[3], dimensions[4], dimensions[5]};
    threads = blockDim.x * blockDim.y * blockDim.z;
    trapped = false;
    if (broken_off) {
        abandon_all();
    }
    broken_off = true;
    unsigned number = 0;
    for (blockIdx.z = 0; blockIdx.z < gridDim.z; blockIdx.z++) {
        for (blockIdx.y = 0; blockIdx.y < gridDim.y; blockIdx.y++) {
            for (blockIdx.x = 0; blockIdx.x < gridDim.x; blockIdx.x++) {
                memset(shared, 0xff, dynamic_shared);
                begin_block(number++);
                if (!run_block()) {
                    return false;
                }
            }
        }
    }
    broken_off = false;
    return true;
}

} // namespace softcuda
