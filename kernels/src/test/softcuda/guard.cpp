/* Runs queued work so that a wild access ends the work and not the process. */
#include "driver.h"
#include <csetjmp>
#include <csignal>
#include <cstdio>

namespace softcuda {
namespace {

thread_local sigjmp_buf *landing = nullptr;
thread_local void *volatile wild_address = nullptr;
struct sigaction previous_segv;
struct sigaction previous_bus;

void on_wild_access(int signal, siginfo_t *info, void *machine)
{
    if (landing != nullptr) {
        wild_address = info->si_addr;
        siglongjmp(*landing, 1);
    }
    /* not ours: Java's own null checks and safepoints come this way */
    const struct sigaction &before = signal == SIGSEGV ? previous_segv : previous_bus;
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
    return sigaction(SIGSEGV, &action, &previous_segv) == 0 && sigaction(SIGBUS, &action, &previous_bus) == 0;
}

} // namespace

void run_guarded(Context &context, const std::string &what, const std::function<void()> &work)
{
    static const bool installed = install();
    static_cast<void>(installed);
    sigjmp_buf here;
    sigjmp_buf *outer = landing;
    if (sigsetjmp(here, 1) != 0) {
        landing = outer;
        char text[256];
        snprintf(text, sizeof text, "%s: access to address %p, which is %s", what.c_str(), wild_address,
                 is_arena(wild_address) ? "freed memory or beyond an allocation" : "no memory of a device");
        report(text);
        context.error = ILLEGAL_ADDRESS;
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
