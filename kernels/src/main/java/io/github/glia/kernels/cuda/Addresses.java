package io.github.glia.kernels.cuda;

/**
 * JCuda's objects for addresses of device memory, kept for reuse: steady steps use the same
 * addresses again and again, and make no garbage.
 */
final class Addresses {
  private static final int SLOTS = 1 << 12;

  private final long[] keys = new long[SLOTS];
  private final Address[] kept = new Address[SLOTS];

  Address at(long address) {
    int slot = (int) ((address * 0x9E3779B97F4A7C15L) >>> 52);
    Address found = kept[slot];
    if (found == null || keys[slot] != address) {
      found = new Address(address);
      keys[slot] = address;
      kept[slot] = found;
    }
    return found;
  }
}
