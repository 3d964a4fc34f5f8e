package io.github.glia.unet.data;

import io.github.glia.unet.data.Batches.Batch;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Makes batches ahead, in threads of its own, and hands them out in their order. A batch depends on
 * its number alone, so it does not matter which thread makes it, or when.
 */
final class BatchQueue implements AutoCloseable {
  /** Makes a batch; called by several threads at a time. */
  interface Maker {
    Batch make(long number);
  }

  private record Made(Batch batch, Throwable failure) {}

  private final Maker maker;
  private final int ahead;
  private final List<Thread> threads = new ArrayList<>();
  private final Map<Long, Made> ready = new HashMap<>();
  private long nextToTake;
  private long nextToMake;

  /** Which seek a batch belongs to; one that was begun before the last seek is thrown away. */
  private int seeks;

  private boolean closed;
  private long nanosWaited;

  /**
   * @param threads how many batches are made at a time
   */
  BatchQueue(Maker maker, int threads) {
    this.maker = maker;
    ahead = threads + 1;
    for (int i = 1; i <= threads; i++) {
      Thread thread = new Thread(this::work, "glia-batches-" + i);
      thread.setDaemon(true);
      this.threads.add(thread);
    }
    this.threads.forEach(Thread::start);
  }

  /** The next batch, after waiting for it if need be. */
  synchronized Batch next() {
    long start = System.nanoTime();
    while (!closed && !ready.containsKey(nextToTake)) {
      try {
        wait();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new IllegalStateException("interrupted while waiting for a batch", e);
      }
    }
    nanosWaited += System.nanoTime() - start;
    if (closed) {
      throw new IllegalStateException("the batches are closed");
    }
    Made made = ready.get(nextToTake);
    if (made.failure != null) {
      throw new IllegalStateException(
          "batch " + nextToTake + " could not be made: " + made.failure, made.failure);
    }
    ready.remove(nextToTake);
    nextToTake++;
    notifyAll();
    return made.batch;
  }

  synchronized void seek(long number) {
    seeks++;
    ready.clear();
    nextToTake = number;
    nextToMake = number;
    notifyAll();
  }

  synchronized double secondsWaited() {
    return nanosWaited * 1e-9;
  }

  private void work() {
    while (true) {
      long number;
      int seek;
      synchronized (this) {
        while (!closed && nextToMake >= nextToTake + ahead) {
          try {
            wait();
          } catch (InterruptedException e) {
            return; // nobody but us knows this thread: it is asked to end
          }
        }
        if (closed) {
          return;
        }
        number = nextToMake++;
        seek = seeks;
      }
      Made made = make(number);
      synchronized (this) {
        if (seek == seeks) {
          ready.put(number, made);
          notifyAll();
        }
      }
    }
  }

  /** Whatever goes wrong is kept for the one who asks for this batch. */
  private Made make(long number) {
    try {
      return new Made(maker.make(number), null);
    } catch (Exception | Error e) {
      return new Made(null, e);
    }
  }

  /** Stops the threads, and waits until they have. */
  @Override
  public void close() {
    synchronized (this) {
      closed = true;
      ready.clear();
      notifyAll();
    }
    boolean interrupted = false;
    for (Thread thread : threads) {
      while (thread.isAlive()) {
        try {
          thread.join();
        } catch (InterruptedException e) {
          interrupted = true;
        }
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
