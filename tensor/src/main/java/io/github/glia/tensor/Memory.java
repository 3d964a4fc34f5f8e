package io.github.glia.tensor;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.Deque;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * The memory of one device. Freed blocks are kept and reused by size, since fresh memory is slow: a
 * training step that allocates the same sizes each time asks the system for nothing after the
 * first.
 */
public final class Memory {
  /** Small sizes are rounded up to this, and so is every address. */
  private static final long ALIGNMENT = 64;

  /** A free block serves a request that is smaller by at most one part in this many. */
  private static final int TOLERATED_WASTE = 8;

  private static final boolean NAME_THE_LINE = Boolean.getBoolean("glia.leaks");

  private static final StackWalker STACK = StackWalker.getInstance();

  private final DeviceDriver driver;
  private final TreeMap<Long, Deque<Block>> free = new TreeMap<>();
  private final Set<Block> live = Collections.newSetFromMap(new IdentityHashMap<>());
  private long liveBytes;
  private long peakBytes;
  private long reservedBytes;

  Memory(DeviceDriver driver) {
    this.driver = driver;
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
    return reservedBytes;
  }

  public synchronized void resetPeak() {
    peakBytes = liveBytes;
  }

  /** Gives the memory that is not in use back to the system. */
  public synchronized void trim() {
    for (Deque<Block> blocks : free.values()) {
      for (Block block : blocks) {
        driver.free(block.address);
        reservedBytes -= block.capacity;
      }
    }
    free.clear();
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

  /** For tensors, and for drivers that count their workspaces here. */
  public Block allocate(long bytes) {
    String origin = NAME_THE_LINE ? allocatingLine() : "a line unknown (set -Dglia.leaks=true)";
    synchronized (this) {
      Block block = reuse(bytes);
      if (block == null) {
        block = fresh(roundUp(bytes));
      }
      block.bytes = bytes;
      block.origin = origin;
      live.add(block);
      liveBytes += bytes;
      peakBytes = Math.max(peakBytes, liveBytes);
      return block;
    }
  }

  synchronized void release(Block block) {
    if (!live.remove(block)) {
      throw new IllegalStateException("released twice: " + block.origin);
    }
    liveBytes -= block.bytes;
    free.computeIfAbsent(block.capacity, size -> new ArrayDeque<>()).push(block);
  }

  private Block reuse(long bytes) {
    Map.Entry<Long, Deque<Block>> fit = free.ceilingEntry(bytes);
    if (fit == null || fit.getKey() - bytes > Math.max(ALIGNMENT, bytes / TOLERATED_WASTE)) {
      return null;
    }
    Block block = fit.getValue().pop();
    if (fit.getValue().isEmpty()) {
      free.remove(fit.getKey());
    }
    return block;
  }

  private Block fresh(long capacity) {
    long address;
    try {
      address = driver.allocate(capacity);
    } catch (OutOfDeviceMemoryException e) {
      trim();
      try {
        address = driver.allocate(capacity);
      } catch (OutOfDeviceMemoryException again) {
        throw new OutOfDeviceMemoryException(
            again.getMessage() + System.lineSeparator() + report());
      }
    }
    reservedBytes += capacity;
    return new Block(this, address, capacity);
  }

  private static long roundUp(long bytes) {
    return Math.addExact(bytes, ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
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
    private final long address;
    private final long capacity;
    private long bytes;
    private String origin = "";

    private Block(Memory memory, long address, long capacity) {
      this.memory = memory;
      this.address = address;
      this.capacity = capacity;
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

    String origin() {
      return origin;
    }
  }
}
