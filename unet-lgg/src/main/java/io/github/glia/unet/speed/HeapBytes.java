package io.github.glia.unet.speed;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;

/** What calls allocate on the Java heap: garbage that somebody has to collect. */
public final class HeapBytes {
  private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();
  private static final int ROUNDS = 3;

  private HeapBytes() {}

  /** The fewest bytes that a call allocated, on all threads, of some calls. */
  public static long ofCall(Runnable call) {
    long ofMeasuring = fewest(() -> {});
    return Math.max(0, fewest(call) - ofMeasuring);
  }

  private static long fewest(Runnable call) {
    long fewest = Long.MAX_VALUE;
    for (int i = 0; i < ROUNDS; i++) {
      long[] threads = THREADS.getAllThreadIds();
      long before = allocated(threads);
      call.run();
      fewest = Math.min(fewest, allocated(threads) - before);
    }
    return fewest;
  }

  private static long allocated(long[] threads) {
    long bytes = 0;
    for (long thread : threads) {
      bytes += Math.max(0, THREADS.getThreadAllocatedBytes(thread)); // -1 of one that has ended
    }
    return bytes;
  }
}
