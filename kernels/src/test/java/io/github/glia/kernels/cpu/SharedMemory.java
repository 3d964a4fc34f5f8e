package io.github.glia.kernels.cpu;

import io.github.glia.kernels.Backend;
import io.github.glia.tensor.Device;
import java.nio.ByteBuffer;

/** The memory that all plans of the CPU share for what a call needs besides its arguments. */
public final class SharedMemory {
  private static final int BYTES = 1 << 20;
  private static final byte NAN_IN_EVERY_FLOAT = -1;

  private SharedMemory() {}

  /** Leaves there what must not be read: NaN, or −1 in bytes. */
  public static void poison(Device device) {
    if (Backend.of(device) instanceof CpuBackend cpu) {
      synchronized (cpu) {
        fill(cpu, cpu.workspace(BYTES));
        fill(cpu, cpu.scratchpad(BYTES));
        for (int lane = 0; lane < cpu.lanes().count(); lane++) {
          fill(cpu, cpu.lanes().workspace(lane, BYTES));
          fill(cpu, cpu.lanes().scratchpad(lane, BYTES));
        }
      }
    }
  }

  private static void fill(CpuBackend cpu, long address) {
    ByteBuffer bytes = cpu.view(address, BYTES);
    for (int i = 0; i < BYTES; i++) {
      bytes.put(i, NAN_IN_EVERY_FLOAT);
    }
  }
}
