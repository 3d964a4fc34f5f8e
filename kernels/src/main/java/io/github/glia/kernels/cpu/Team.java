package io.github.glia.kernels.cpu;

import java.util.concurrent.ForkJoinPool;
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
  private final AtomicBoolean busy = new AtomicBoolean();
  private final AtomicLong next = new AtomicLong();

  private Parallel.Body body;
  private long count;
  private int size;

  /** The rest is guarded by the lock of this object. */
  private boolean started;

  private boolean open;
  private long loops;
  private int helping;
  private Throwable failure;

  /**
   * Runs a body for the elements 0 to count − 1, in parts of a size. A loop within a loop, or next
   * to one, is run by its own thread alone.
   */
  void run(long elements, int partSize, Parallel.Body part) {
    if (elements <= partSize || !busy.compareAndSet(false, true)) {
      for (long from = 0; from < elements; from += partSize) {
        part.part(from, (int) Math.min(partSize, elements - from));
      }
      return;
    }
    try {
      begin(elements, partSize, part);
      work();
      end();
    } finally {
      busy.set(false);
    }
  }

  private synchronized void begin(long elements, int partSize, Parallel.Body part) {
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

  /** As many as the common pool of the JVM has, which leaves a core for the thread that asks. */
  private void startHelpers() {
    for (int i = 0; i < ForkJoinPool.getCommonPoolParallelism(); i++) {
      Thread helper = new Thread(this::help, "glia-loops-" + i);
      helper.setDaemon(true);
      helper.start();
    }
  }

  private void work() {
    try {
      for (long from = next.getAndAdd(size); from < count; from = next.getAndAdd(size)) {
        body.part(from, (int) Math.min(size, count - from));
      }
    } catch (RuntimeException | Error e) {
      fail(e);
    }
  }

  private synchronized void end() {
    open = false;
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

  private void help() {
    long seen = 0;
    while (true) {
      seen = join(seen);
      work();
      leave();
    }
  }

  private synchronized long join(long seen) {
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
