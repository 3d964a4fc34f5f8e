package io.github.glia.kernels.cpu;

import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;

/**
 * The threads that share a loop: the one that asks for it, and helpers that wait for the next. They
 * take part after part until there is none. A helper that wakes too late misses the loop, and
 * nobody waits for it.
 *
 * <p>Parallel streams do the same, and allocate one to two KiB for each loop.
 */
final class Team {
  /** What is done to the elements {@code from … from + n − 1} by a member: 0 is who asked. */
  interface Body {
    void part(int member, long from, int n);
  }

  /**
   * For how long a member looks for others before it sleeps, from which it takes longer to wake.
   */
  private static final long SPIN_NANOS = 20_000;

  /**
   * For how long who asked then lets others have its core, and looks for the end of helpers when it
   * has it again: to wake it would take 100 µs on a virtual machine.
   */
  private static final long YIELD_NANOS = 1_000_000;

  private final String name;
  private final int helpers;
  private final Runnable first;
  private final AtomicBoolean busy = new AtomicBoolean();
  private final AtomicLong next = new AtomicLong();

  private Body body;
  private long count;
  private int size;

  /** The rest is guarded by the lock of this object. */
  private boolean started;

  private boolean open;
  private Throwable failure;

  /** Written under the lock, and looked at before it is taken. */
  private volatile long loops;

  private volatile int helping;

  /**
   * @param name of the threads, before their numbers
   * @param first what each helper does first of all
   */
  Team(String name, int helpers, Runnable first) {
    this.name = name;
    this.helpers = helpers;
    this.first = first;
  }

  /**
   * Runs a body for the elements 0 to count − 1, in parts of a size. A loop within a loop, or next
   * to one, is run by its own thread alone.
   */
  void run(long elements, int partSize, Body part) {
    if (elements <= partSize || helpers == 0 || !busy.compareAndSet(false, true)) {
      for (long from = 0; from < elements; from += partSize) {
        part.part(0, from, (int) Math.min(partSize, elements - from));
      }
      return;
    }
    try {
      begin(elements, partSize, part);
      work(0);
      end();
    } finally {
      busy.set(false);
    }
  }

  private synchronized void begin(long elements, int partSize, Body part) {
    if (!started) {
      started = true;
      startHelpers();
    }
    count = elements;
    size = partSize;
    body = part;
    next.set(0);
    failure = null;
    loops++;
    open = true;
    notifyAll();
  }

  private void startHelpers() {
    for (int i = 1; i <= helpers; i++) {
      int member = i;
      Thread helper = new Thread(() -> help(member), name + i);
      helper.setDaemon(true);
      helper.start();
    }
  }

  private void work(int member) {
    try {
      for (long from = next.getAndAdd(size); from < count; from = next.getAndAdd(size)) {
        body.part(member, from, (int) Math.min(size, count - from));
      }
    } catch (RuntimeException | Error e) {
      fail(e);
    }
  }

  @SuppressWarnings("ThreadPriorityCheck") // nothing depends on it but the time
  private void end() {
    close();
    long spinning = System.nanoTime() + SPIN_NANOS;
    while (helping > 0 && System.nanoTime() < spinning) {
      Thread.onSpinWait();
    }
    long yielding = spinning + YIELD_NANOS;
    while (helping > 0 && System.nanoTime() < yielding) {
      Thread.yield();
    }
    join();
  }

  private synchronized void close() {
    open = false;
  }

  private synchronized void join() {
    boolean interrupted = false;
    while (helping > 0) {
      try {
        wait();
      } catch (InterruptedException e) {
        interrupted = true; // the helpers write where the caller's memory is: they must end first
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
    body = null;
    if (failure instanceof Error error) {
      throw error;
    } else if (failure != null) {
      throw (RuntimeException) failure;
    }
  }

  private void help(int member) {
    first.run();
    long seen = 0;
    while (true) {
      long until = System.nanoTime() + SPIN_NANOS;
      while (loops == seen && System.nanoTime() < until) {
        Thread.onSpinWait();
      }
      seen = enter(seen);
      work(member);
      leave();
    }
  }

  private synchronized long enter(long seen) {
    while (!open || loops == seen) {
      try {
        wait();
      } catch (InterruptedException e) {
        throw new IllegalStateException("a thread of loops was interrupted: it helps no more", e);
      }
    }
    helping++;
    return loops;
  }

  private synchronized void fail(Throwable e) {
    failure = failure == null ? e : failure;
  }

  private synchronized void leave() {
    helping--;
    notifyAll();
  }
}
