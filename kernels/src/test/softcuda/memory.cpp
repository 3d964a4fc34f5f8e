/*
 * Memory of the devices. Every allocation has pages of its own between pages that nobody may touch, lies at their end
 * (so that an overrun leaves them at once, up to the alignment), and its addresses are never given out again: each use
 * after a free is an access violation. New memory is all ones, which is NaN in every floating type.
 */
#include "driver.h"
#include <cstdlib>
#include <cstring>
#include <map>
#include <sys/mman.h>

namespace softcuda {
namespace {

constexpr size_t PAGE = 4096;
constexpr size_t ALIGNMENT = 256;
constexpr size_t ARENA = size_t{16} << 40;
constexpr unsigned char UNWRITTEN = 0xff;

struct Allocation {
    size_t bytes;
    size_t pages; /* bytes of the pages that hold it */
    Context *context;
};

char *arena = nullptr;
size_t arena_used = 0;
std::map<Address, Allocation> allocations;
std::map<Address, size_t> pinned;
uint64_t used[MAX_DEVICES];

size_t round_up(size_t n, size_t unit) { return (n + unit - 1) / unit * unit; }

char *fresh_pages(size_t bytes)
{
    if (arena == nullptr) {
        int flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE;
        void *reserved = mmap(nullptr, ARENA, PROT_NONE, flags, -1, 0);
        if (reserved == MAP_FAILED) {
            return nullptr;
        }
        arena = static_cast<char *>(reserved);
        arena_used = PAGE;
    }
    if (arena_used + bytes + PAGE > ARENA) {
        return nullptr;
    }
    char *pages = arena + arena_used;
    if (mprotect(pages, bytes, PROT_READ | PROT_WRITE) != 0) {
        return nullptr;
    }
    arena_used += bytes + PAGE;
    return pages;
}

char *pages_of(Address address, const Allocation &allocation)
{
    return static_cast<char *>(at(address + round_up(allocation.bytes, ALIGNMENT) - allocation.pages));
}

int allocate(Address *result, size_t bytes)
{
    if (result == nullptr || bytes == 0) {
        return INVALID_VALUE;
    }
    Context *context = current_context();
    if (bytes > device_memory() || used[context->device] + bytes > device_memory()) {
        return OUT_OF_MEMORY;
    }
    size_t in_pages = round_up(round_up(bytes, ALIGNMENT), PAGE);
    char *pages = fresh_pages(in_pages);
    if (pages == nullptr) {
        return OUT_OF_MEMORY;
    }
    memset(pages, UNWRITTEN, in_pages);
    *result = address_of(pages) + in_pages - round_up(bytes, ALIGNMENT);
    allocations[*result] = {bytes, in_pages, context};
    used[context->device] += bytes;
    add(Count::ALLOCATIONS, 1);
    add(Count::BYTES, int64_t(bytes));
    return SUCCESS;
}

bool is_unwritten(const char *from, const char *to)
{
    while (from < to && static_cast<unsigned char>(*from) == UNWRITTEN) {
        from++;
    }
    return from == to;
}

void give_back(Address address)
{
    auto found = allocations.find(address);
    Allocation &allocation = found->second;
    char *pages = pages_of(address, allocation);
    char *begin = static_cast<char *>(at(address));
    bool untouched = is_unwritten(pages, begin) && is_unwritten(begin + allocation.bytes, pages + allocation.pages);
    if (!untouched) {
        report("bytes beside an allocation of " + std::to_string(allocation.bytes) + " bytes were written");
        allocation.context->error = ILLEGAL_ADDRESS;
    }
    used[allocation.context->device] -= allocation.bytes;
    add(Count::ALLOCATIONS, -1);
    add(Count::BYTES, -int64_t(allocation.bytes));
    mmap(pages, allocation.pages, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED, -1, 0);
    allocations.erase(found);
}

int allocate_pinned(void **result, size_t bytes)
{
    if (result == nullptr || bytes == 0) {
        return INVALID_VALUE;
    }
    if (int problem = forbidden_while_capturing()) {
        return problem;
    }
    *result = aligned_alloc(PAGE, round_up(bytes, PAGE));
    if (*result == nullptr) {
        return OUT_OF_MEMORY;
    }
    memset(*result, UNWRITTEN, bytes);
    pinned[address_of(*result)] = bytes;
    add(Count::PINNED_ALLOCATIONS, 1);
    add(Count::PINNED_BYTES, int64_t(bytes));
    return SUCCESS;
}

std::map<Address, Allocation>::iterator holder(Address address)
{
    auto after = allocations.upper_bound(address);
    return after == allocations.begin() ? allocations.end() : --after;
}

} // namespace

uint64_t device_memory()
{
    uint64_t wanted = control().memory;
    return wanted == 0 ? uint64_t{4} << 30 : wanted;
}

bool is_arena(const void *pointer)
{
    auto *p = static_cast<const char *>(pointer);
    return arena != nullptr && p >= arena && p < arena + ARENA;
}

/* In the memory of one allocation. */
bool is_accessible(Address address, size_t bytes)
{
    auto found = holder(address);
    return found != allocations.end() && address + bytes <= found->first + found->second.bytes && address + bytes >= address;
}

void need(const char *what, const void *device_memory, size_t bytes)
{
    if (!is_accessible(address_of(device_memory), bytes)) {
        throw Fault{ILLEGAL_ADDRESS, std::string(what) + ": " + std::to_string(bytes) + " bytes are not in one live allocation"};
    }
}

bool is_pinned(const void *pointer, size_t bytes)
{
    auto after = pinned.upper_bound(address_of(pointer));
    if (after == pinned.begin()) {
        return false;
    }
    --after;
    return address_of(pointer) + bytes <= after->first + after->second;
}

void forget_memory()
{
    while (!allocations.empty()) {
        give_back(allocations.begin()->first);
    }
    forget_errors();
}

} // namespace softcuda

using namespace softcuda;

SOFTCUDA_API(cuMemGetInfo_v2, size_t *free, size_t *total)
{
    NEED_CONTEXT()
    *total = device_memory();
    uint64_t taken = used[current_context()->device];
    *free = taken > *total ? 0 : *total - taken;
    return SUCCESS;
}

SOFTCUDA_API(cuMemAlloc_v2, Address *result, size_t bytes)
{
    NEED_CONTEXT()
    if (int problem = forbidden_while_capturing()) {
        return problem;
    }
    return allocate(result, bytes);
}

SOFTCUDA_API(cuMemFree_v2, Address address)
{
    NEED_CONTEXT_TO_FREE()
    if (address == 0) {
        return SUCCESS;
    }
    if (int problem = forbidden_while_capturing()) {
        return problem;
    }
    auto found = allocations.find(address);
    if (found == allocations.end()) {
        return INVALID_VALUE;
    }
    run_all(*found->second.context);
    give_back(address);
    return current_context()->error;
}

SOFTCUDA_API(cuMemAllocHost_v2, void **result, size_t bytes)
{
    NEED_CONTEXT()
    return allocate_pinned(result, bytes);
}

SOFTCUDA_API(cuMemFreeHost, void *pointer)
{
    NEED_CONTEXT_TO_FREE()
    auto found = pinned.find(address_of(pointer));
    if (found == pinned.end()) {
        return INVALID_VALUE;
    }
    if (int problem = forbidden_while_capturing()) {
        return problem;
    }
    run_all(*current_context());
    add(Count::PINNED_ALLOCATIONS, -1);
    add(Count::PINNED_BYTES, -int64_t(found->second));
    memset(pointer, UNWRITTEN, found->second);
    pinned.erase(found);
    free(pointer);
    return current_context()->error;
}
