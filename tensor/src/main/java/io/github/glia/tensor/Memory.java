package io.github.glia.tensor;

import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
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
  private final Pool common;
  private final Set<Pool> pools = Collections.newSetFromMap(new IdentityHashMap<>());
  private final Set<Block> live = Collections.newSetFromMap(new IdentityHashMap<>());
  private long liveBytes;
  private long peakBytes;

  /** The pools that threads allocate from. */
  private final Map<Thread, Pool> running = new HashMap<>();

  Memory(DeviceDriver driver) {
    this.driver = driver;
    this.common = new Pool();
  }

  /** A pool of its own, empty yet. */
  public synchronized Pool pool() {
    Pool pool = new Pool();
    pools.add(pool);
    return pool;
  }

  /**
   * Runs something whose tensors may outlive the pool that this thread allocates from, if there is
   * one: they come from the memory that all share.
   */
  public void outsidePools(Runnable body) {
    Pool pool;
    synchronized (this) {
      pool = running.remove(Thread.currentThread());
    }
    try {
      body.run();
    } finally {
      if (pool != null) {
        synchronized (this) {
          running.put(Thread.currentThread(), pool);
        }
      }
    }
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
    return common.segments.bytes() + pools.stream().mapToLong(p -> p.segments.bytes()).sum();
  }

  public synchronized void resetPeak() {
    peakBytes = liveBytes;
  }

  /** Gives the memory that is not in use back to the system. */
  public synchronized void trim() {
    common.segments.trim();
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
   * For tensors.
   *
   * @throws OutOfDeviceMemoryException if there is not that much, with all that is in use
   */
  public Block allocate(long bytes) {
    if (bytes < 1) {
      throw new IllegalArgumentException("allocate " + bytes + " bytes: expected at least 1");
    }
    String origin = NAME_THE_LINE ? allocatingLine() : "a line unknown (set -Dglia.leaks=true)";
    synchronized (this) {
      Pool pool = running.getOrDefault(Thread.currentThread(), common);
      Block block = new Block(this, pool, take(pool, bytes), bytes, origin);
      live.add(block);
      liveBytes += bytes;
      peakBytes = Math.max(peakBytes, liveBytes);
      return block;
    }
  }

  private Range take(Pool pool, long bytes) {
    try {
      return pool.segments.take(bytes);
    } catch (OutOfDeviceMemoryException e) {
      if (pool != common && common.segments.trim()) {
        return take(pool, bytes);
      }
      throw usedUp(String.format("%,d bytes were asked for; ", bytes), e);
    }
  }

  private OutOfDeviceMemoryException usedUp(String asked, OutOfDeviceMemoryException cause) {
    return new OutOfDeviceMemoryException(
        String.format(
            "%s%s%n%,d bytes are reserved. %s",
            asked, cause.getMessage(), reservedBytes(), report()),
        cause);
  }

  /**
   * For drivers: memory for something of their own, such as a workspace, which is not counted here
   * and is theirs to free. Where the device has no more, what is not in use here is given back to
   * it.
   *
   * @return the address
   * @throws OutOfDeviceMemoryException if there is not that much, with all that is in use
   */
  public synchronized long allocateForDriver(long bytes) {
    try {
      return driver.allocate(bytes);
    } catch (OutOfDeviceMemoryException e) {
      if (common.segments.trim()) {
        return allocateForDriver(bytes);
      }
      throw usedUp("", e);
    }
  }

  private synchronized void release(Block block) {
    if (!live.remove(block)) {
      throw new IllegalStateException("released twice: what was allocated by " + block.origin);
    }
    liveBytes -= block.bytes;
    block.pool.giveBack(block.range);
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

  /**
   * Memory apart from all other: what is allocated while something runs in it comes from it, and
   * goes back to it when it is freed. So no other tensor is ever at an address that was used in it,
   * which work that is recorded once and replayed relies on.
   */
  public final class Pool implements AutoCloseable {
    private final Segments segments = new Segments(driver);
    private boolean closed;

    private Pool() {}

    /** Runs something whose tensors, if this thread makes them, come from this pool. */
    public void run(Runnable body) {
      enter();
      try {
        body.run();
      } finally {
        leave();
      }
    }

    private void enter() {
      synchronized (Memory.this) {
        if (closed) {
          throw new IllegalStateException("the pool is closed");
        }
        if (running.putIfAbsent(Thread.currentThread(), this) != null) {
          throw new IllegalStateException(
              "another pool of " + driver.name() + " is running in this thread");
        }
      }
    }

    private void leave() {
      synchronized (Memory.this) {
        running.remove(Thread.currentThread());
      }
    }

    private void giveBack(Range range) {
      segments.giveBack(range);
      if (closed) {
        empty();
      }
    }

    private void empty() {
      segments.trim();
      if (segments.bytes() == 0) {
        pools.remove(this);
      }
    }

    /** Gives its memory back to the system; that of tensors that are still in use, with them. */
    @Override
    public void close() {
      synchronized (Memory.this) {
        closed = true;
        empty();
      }
    }
  }

  /** A piece of a device's memory. */
  public static final class Block {
    private final Memory memory;
    private final Pool pool;
    private final Range range;
    private final long address;
    private final long capacity;
    private final long bytes;
    private final String origin;

    private Block(Memory memory, Pool pool, Range range, long bytes, String origin) {
      this.memory = memory;
      this.pool = pool;
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
