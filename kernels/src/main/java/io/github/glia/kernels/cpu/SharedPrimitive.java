package io.github.glia.kernels.cpu;

/**
 * The same primitive for each of several parts of an operation that do not depend on each other,
 * such as its images. {@link Lanes} share them out, and each binds a primitive to part after part:
 *
 * <pre>{@code
 * conv.bind(DNNL_ARG_SRC, x, imageBytes).bind(DNNL_ARG_WEIGHTS, w).run();
 * }</pre>
 *
 * An operation of one part is computed by all threads of oneDNN, as any {@link Primitive} is.
 */
public final class SharedPrimitive {
  /** More arguments than any operation has that differ from part to part. */
  private static final int MOST_MOVING = 8;

  private final CpuBackend cpu;
  private final String operation;
  private final int parts;
  private final LanePrimitive ofLanes;
  private final Lanes.Body runPart = this::runPart;
  private final int[] moving = new int[MOST_MOVING];
  private final long[] addresses = new long[MOST_MOVING];
  private final long[] bytesOfAPart = new long[MOST_MOVING];
  private int count;

  SharedPrimitive(CpuBackend cpu, String operation, int parts, LanePrimitive ofLanes) {
    this.cpu = cpu;
    this.operation = operation;
    this.parts = parts;
    this.ofLanes = ofLanes;
  }

  /** Sets an argument that is the same for each part. */
  public SharedPrimitive bind(int argument, long address) {
    ofLanes.bind(argument, address);
    return this;
  }

  /** Sets an argument of which each part has some bytes, one after another from an address on. */
  public SharedPrimitive bind(int argument, long address, long ofAPart) {
    int i = 0;
    while (i < count && moving[i] != argument) {
      i++;
    }
    count = Math.max(count, i + 1);
    moving[i] = argument;
    addresses[i] = address;
    bytesOfAPart[i] = ofAPart;
    return this;
  }

  /** For callers that hold the lock of the {@link CpuBackend}. */
  public void run() {
    if (parts == 1) {
      runPart(0, 0);
      return;
    }
    long began = cpu.kernelBegins();
    cpu.lanes().forEach(parts, runPart);
    cpu.kernelEnded(operation, ofLanes.in(0).implementation(), began);
  }

  private void runPart(int lane, int part) {
    Primitive ofLane = ofLanes.in(lane);
    for (int i = 0; i < count; i++) {
      ofLane.bind(moving[i], addresses[i] + part * bytesOfAPart[i]);
    }
    ofLane.run();
  }
}
