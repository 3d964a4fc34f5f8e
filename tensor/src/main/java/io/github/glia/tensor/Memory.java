package io.github.glia.tensor;

import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * The memory of one device. What is freed is kept and reused, since fresh memory is slow: training
 * steps that allocate the same sizes in the same order soon ask the system for nothing.
 */
public final class Memory {
  private static final boolean NAME_THE_LINE = Boolean.getBoolean("glia.leaks");

  private static final StackWalker STACK = StackWalker.getInstance();

  private final DeviceDriver driver;
  private final Segments segments;
  private final Set<Block> live = Collections.newSetFromMap(new IdentityHashMap<>());
  private long liveBytes;
  private long peakBytes;

  Memory(DeviceDriver driver) {
    this.driver = driver;
    this.segments = new Segments(driver);
  }

  /** Bytes in use. */
  public synchronized long liveBytes() {
    return liveBytes;
  }

  /** The most bytes that were in use at once since {@link #resetPeak}. */
  public synchronized long peakBytes() {
    return peakBytes;
  }

  /** Bytes taken from the system: those in use and those kept for reuse. */
  public synchronized long reservedBytes() {
    return segments.bytes();
  }

  public synchronized void resetPeak() {
    peakBytes = liveBytes;
  }

  /** Gives the memory that is not in use back to the system. */
  public synchronized void trim() {
    segments.trim();
  }

  /**
   * What is in use and the lines that allocated it, the most bytes first. Lines are recorded when
   * the system property {@code glia.leaks} is {@code true}.
   */
  public synchronized String report() {
    if (live.isEmpty()) {
      return driver.name() + ": nothing is allocated";
    }
    Map<String, Long> bytesByOrigin =
        live.stream()
            .collect(Collectors.groupingBy(b -> b.origin, Collectors.summingLong(b -> b.bytes)));
    List<String> lines = new ArrayList<>();
    bytesByOrigin.entrySet().stream()
        .sorted(Map.Entry.comparingByValue(Comparator.reverseOrder()))
        .forEach(e -> lines.add(String.format("  %,d bytes by %s", e.getValue(), e.getKey())));
    return String.format("%s: %,d bytes are allocated%n", driver.name(), liveBytes)
        + String.join(System.lineSeparator(), lines);
  }

  /**
   * For tensors, and for drivers that count their workspaces here.
   *
   * @throws OutOfDeviceMemoryException if there is not that much, with all that is in use
   */
  public Block allocate(long bytes) {
    if (bytes < 1) {
      throw new IllegalArgumentException("allocate " + bytes + " bytes: expected at least 1");
    }
    String origin = NAME_THE_LINE ? allocatingLine() : "a line unknown (set -Dglia.leaks=true)";
    synchronized (this) {
      Block block = new Block(this, take(bytes), bytes, origin);
      live.add(block);
      liveBytes += bytes;
      peakBytes = Math.max(peakBytes, liveBytes);
      return block;
    }
  }

  private Range take(long bytes) {
    try {
      return segments.take(bytes);
    } catch (OutOfDeviceMemoryException e) {
      throw new OutOfDeviceMemoryException(
          String.format(
              "%,d bytes were asked for; %s%n%,d bytes are reserved. %s",
              bytes, e.getMessage(), segments.bytes(), report()),
          e);
    }
  }

  private synchronized void release(Block block) {
    if (!live.remove(block)) {
      throw new IllegalStateException("released twice: what was allocated by " + block.origin);
    }
    liveBytes -= block.bytes;
    segments.giveBack(block.range);
  }

  private static String allocatingLine() {
    return STACK.walk(
        frames ->
            frames
                .filter(frame -> !ownClass(frame.getClassName()))
                .findFirst()
                .map(frame -> frame.toStackTraceElement().toString())
                .orElse("a line unknown"));
  }

  private static boolean ownClass(String name) {
    return name.equals(Memory.class.getName())
        || name.equals(Storage.class.getName())
        || name.equals(Tensor.class.getName());
  }

  /** A piece of a device's memory. */
  public static final class Block {
    private final Memory memory;
    private final Range range;
    private final long address;
    private final long capacity;
    private final long bytes;
    private final String origin;

    private Block(Memory memory, Range range, long bytes, String origin) {
      this.memory = memory;
      this.range = range;
      this.address = range.address;
      this.capacity = range.size;
      this.bytes = bytes;
      this.origin = origin;
    }

    public long address() {
      return address;
    }

    /** The usable size, at least what was asked for. */
    public long capacity() {
      return capacity;
    }

    /** Gives the block back. It must not be used after, nor released twice. */
    public void release() {
      memory.release(this);
    }

    /** The line that allocated it. */
    String origin() {
      return origin;
    }
  }
}
