package io.github.glia.kernels.cpu;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.glia.tensor.Device;
import org.junit.jupiter.api.Test;

/** The CPU's memory as buffers. */
class WindowsTest {
  private static final long GIB = 1L << 30;

  private final CpuBackend cpu = (CpuBackend) Device.cpu().driver();

  @Test
  void whatIsWrittenIsReadAtEveryPlaceOfLargeMemory() {
    long bytes = 3 * GIB;
    long address = cpu.allocate(bytes);
    try {
      float[] written = {1, 2, 3, 4};
      float[] read = new float[4];
      for (long at : new long[] {0, GIB - 8, GIB, 2 * GIB - 8, 2 * GIB + 4, bytes - 16}) {
        cpu.window(address + at).write(address + at, written, 4);
        cpu.window(address + at).read(address + at, read, 4);
        assertArrayEquals(written, read, "at " + at);
        assertEquals(2, cpu.window(address + at + 4).getFloat(address + at + 4));
        assertEquals(3, cpu.view(address + at + 8, 4).getFloat(0), "in memory, at " + at);
      }
    } finally {
      cpu.free(address);
    }
  }

  @Test
  void anAddressBetweenElementsIsRefused() {
    long address = cpu.allocate(64);
    try {
      Window window = cpu.window(address);
      IllegalArgumentException e =
          assertThrows(IllegalArgumentException.class, () -> window.getFloat(address + 2));
      assertTrue(e.getMessage().contains("multiple"), e.getMessage());
    } finally {
      cpu.free(address);
    }
  }

  @Test
  void eachAllocationIsFoundAmongOthers() {
    long[] addresses = new long[20];
    for (int i = 0; i < addresses.length; i++) {
      addresses[i] = cpu.allocate(64 + i);
    }
    for (int i = 0; i < addresses.length; i += 2) {
      cpu.free(addresses[i]);
    }
    for (int i = 1; i < addresses.length; i += 2) {
      assertEquals(addresses[i], cpu.window(addresses[i]).start);
      assertEquals(addresses[i], cpu.window(addresses[i] + 63).start);
      cpu.free(addresses[i]);
    }
  }
}
