package io.github.glia.kernels.cpu;

import java.util.Arrays;
import java.util.Comparator;
import java.util.stream.Stream;

/**
 * The windows of all memory that is allocated. A buffer reaches 2 GiB at most, so larger memory has
 * several windows, each of which begins 1 GiB after the one before: whatever is not longer than
 * that lies in the last window that begins before it.
 */
final class Windows {
  private static final long STEP = 1L << 30;
  private static final long LARGEST = 2 * STEP - Long.BYTES;

  /** By where they start; another array after each change, so that none is needed to look. */
  private volatile Window[] sorted = {};

  synchronized void open(long address, long bytes) {
    Stream<Window> opened =
        Stream.iterate(address, start -> start < address + bytes, start -> start + STEP)
            .map(start -> new Window(start, Math.min(LARGEST, address + bytes - start)));
    sorted =
        Stream.concat(Arrays.stream(sorted), opened)
            .sorted(Comparator.comparingLong(window -> window.start))
            .toArray(Window[]::new);
  }

  synchronized void close(long address, long bytes) {
    sorted =
        Arrays.stream(sorted)
            .filter(window -> window.start < address || window.start >= address + bytes)
            .toArray(Window[]::new);
  }

  /** The window that holds what begins at an allocated address. */
  Window of(long address) {
    Window[] windows = sorted;
    int from = 0;
    int to = windows.length;
    while (to - from > 1) {
      int middle = (from + to) >>> 1;
      if (windows[middle].start <= address) {
        from = middle;
      } else {
        to = middle;
      }
    }
    return windows[from];
  }
}
