package io.github.glia.tensor;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Map;
import java.util.TreeMap;

/**
 * A device of Java arrays that trusts nobody: fresh memory is full of NaN, every access is checked
 * against the allocation it falls in, and there is as much memory as a test says.
 */
final class TestDriver implements DeviceDriver {
  /** In every floating type, elements of these bytes are NaN. */
  static final byte POISON = (byte) 0xff;

  private static final long GAP = 1 << 20;

  private final String name;
  private final TreeMap<Long, byte[]> allocations = new TreeMap<>();
  private long nextAddress = GAP;
  private long limit = Long.MAX_VALUE;
  private long allocatedBytes;
  private int allocateCalls;
  private int synchronizeCalls;
  private int releaseCachesCalls;

  TestDriver(String name) {
    this.name = name;
  }

  /** From now on there are that many bytes in all. */
  synchronized void limit(long bytes) {
    limit = bytes;
  }

  synchronized long allocatedBytes() {
    return allocatedBytes;
  }

  synchronized int allocateCalls() {
    return allocateCalls;
  }

  synchronized int synchronizeCalls() {
    return synchronizeCalls;
  }

  synchronized int releaseCachesCalls() {
    return releaseCachesCalls;
  }

  /** Whether these bytes lie in one allocation. */
  synchronized boolean holds(long address, long bytes) {
    Map.Entry<Long, byte[]> allocation = allocations.floorEntry(address);
    return allocation != null
        && address + bytes <= allocation.getKey() + allocation.getValue().length;
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public String description() {
    return "arrays of Java";
  }

  @Override
  public boolean computes(DType dtype) {
    return dtype == DType.F32;
  }

  @Override
  public synchronized long allocate(long bytes) {
    allocateCalls++;
    if (bytes > Integer.MAX_VALUE - 8 || allocatedBytes + bytes > limit) {
      throw new OutOfDeviceMemoryException(name + ": the arrays are used up");
    }
    byte[] memory = new byte[(int) bytes];
    Arrays.fill(memory, POISON);
    long address = nextAddress;
    nextAddress += (bytes + GAP) / 64 * 64;
    allocations.put(address, memory);
    allocatedBytes += bytes;
    return address;
  }

  @Override
  public synchronized void free(long address) {
    byte[] memory = allocations.remove(address);
    if (memory == null) {
      throw new AssertionError("free of " + address + ", which is not allocated");
    }
    allocatedBytes -= memory.length;
  }

  @Override
  public void copyIn(ByteBuffer source, long target) {
    window(target, source.remaining()).put(source);
  }

  @Override
  public void copyOut(long source, ByteBuffer target) {
    target.put(window(source, target.remaining()));
  }

  @Override
  public void copy(long source, long target, long bytes) {
    if (Math.abs(source - target) < bytes) {
      throw new AssertionError("a copy within itself");
    }
    window(target, bytes).put(window(source, bytes));
  }

  @Override
  public void zero(long target, long bytes) {
    window(target, bytes).put(new byte[(int) bytes]);
  }

  @Override
  public synchronized void synchronize() {
    synchronizeCalls++;
  }

  @Override
  public synchronized void releaseCaches() {
    releaseCachesCalls++;
  }

  private synchronized ByteBuffer window(long address, long bytes) {
    if (!holds(address, bytes)) {
      throw new AssertionError(bytes + " bytes at " + address + " are not in one allocation");
    }
    Map.Entry<Long, byte[]> allocation = allocations.floorEntry(address);
    return ByteBuffer.wrap(
        allocation.getValue(), (int) (address - allocation.getKey()), (int) bytes);
  }
}
