package io.github.glia.unet.data;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Iterator;
import java.util.NoSuchElementException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/**
 * What some tasks make, in the order of the tasks, while other threads make what comes next: the
 * number of threads changes nothing but the time.
 */
public final class Ahead<T> implements Iterator<T>, AutoCloseable {
  private static final int SECONDS_TO_END = 60;

  private final Iterator<? extends Supplier<T>> tasks;
  private final Deque<Future<T>> begun = new ArrayDeque<>();
  private final ExecutorService threads;
  private final int most;

  /**
   * @param threads how many tasks run at a time
   * @param most how many may have been begun and not been taken: each may hold memory
   */
  public Ahead(Iterable<? extends Supplier<T>> tasks, int threads, int most) {
    this.tasks = tasks.iterator();
    this.most = most;
    this.threads =
        Executors.newFixedThreadPool(
            threads,
            task -> {
              Thread thread = new Thread(task, "glia-ahead");
              thread.setDaemon(true);
              return thread;
            });
  }

  @Override
  public boolean hasNext() {
    return !begun.isEmpty() || tasks.hasNext();
  }

  /** The next result, after waiting for it if need be; what went wrong in making it is thrown. */
  @Override
  public T next() {
    while (tasks.hasNext() && begun.size() < most) {
      begun.add(threads.submit(tasks.next()::get));
    }
    if (begun.isEmpty()) {
      throw new NoSuchElementException("all results have been taken");
    }
    try {
      return begun.remove().get();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while waiting for a result", e);
    } catch (ExecutionException e) {
      if (e.getCause() instanceof Error error) {
        throw error;
      }
      throw new IllegalStateException(String.valueOf(e.getCause().getMessage()), e.getCause());
    }
  }

  /** Stops what is being made, and waits until it has ended. */
  @Override
  public void close() {
    threads.shutdownNow();
    try {
      threads.awaitTermination(SECONDS_TO_END, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
