/*
 * Runs queued work so that a wild access ends the work and not the process. Kernels are compiled so that an access at an
 * address that does not fit its type is an illegal instruction: a GPU would refuse it, too.
 */
#include "driver.h"
#include <csetjmp>
#include <csignal>
#include <cstdio>

namespace softcuda {
namespace {

thread_local sigjmp_buf *landing = nullptr;
thread_local void *volatile wild_address = nullptr;
struct sigaction previous[NSIG];

void on_wild_access(int signal, siginfo_t *info, void *machine)
{
    if (landing != nullptr) {
        wild_address = info->si_addr;
        siglongjmp(*landing, signal);
    }
    /* not ours: Java's own null checks and safepoints come this way */
    const struct sigaction &before = previous[signal];
    if ((before.sa_flags & SA_SIGINFO) != 0) {
        before.sa_sigaction(signal, info, machine);
    } else if (before.sa_handler != SIG_DFL && before.sa_handler != SIG_IGN) {
        before.sa_handler(signal);
    } else {
        sigaction(signal, &before, nullptr);
    }
}

bool install()
{
    struct sigaction action = {};
    action.sa_sigaction = on_wild_access;
    action.sa_flags = SA_SIGINFO | SA_NODEFER | SA_ONSTACK;
    sigemptyset(&action.sa_mask);
    for (int signal : {SIGSEGV, SIGBUS, SIGILL}) {
        if (sigaction(signal, &action, &previous[signal]) != 0) {
            return false;
        }
    }
    return true;
}

void report_wild_access(const std::string &what, int signal)
{
    char where[64];
    snprintf(where, sizeof where, ": access to address %p, which is ", wild_address);
    if (signal == SIGILL) {
        report(what + ": access to an address that is no multiple of the type's size");
    } else {
        report(what + where + (is_arena(wild_address) ? "freed memory or beyond an allocation" : "no memory of a device"));
    }
}

} // namespace

void run_guarded(Context &context, const std::string &what, const std::function<void()> &work)
{
    static const bool installed = install();
    static_cast<void>(installed);
    sigjmp_buf here;
    sigjmp_buf *outer = landing;
    if (int signal = sigsetjmp(here, 1)) {
        landing = outer;
        report_wild_access(what, signal);
        context.error = signal == SIGILL ? MISALIGNED_ADDRESS : ILLEGAL_ADDRESS;
        return;
    }
    landing = &here;
    try {
        work();
    } catch (const Fault &fault) {
        report(what + ": " + fault.text);
        context.error = fault.code;
    }
    landing = outer;
}

} // namespace softcuda
