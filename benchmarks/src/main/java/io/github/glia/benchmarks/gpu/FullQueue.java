package io.github.glia.benchmarks.gpu;

import io.github.glia.kernels.cuda.CudaBackend;
import io.github.glia.kernels.cuda.StreamTimer;
import io.github.glia.tensor.DType;
import io.github.glia.tensor.Device;
import io.github.glia.tensor.Scope;
import io.github.glia.tensor.Shape;
import io.github.glia.tensor.Tensor;

/**
 * Times work while the GPU never waits for whoever asks for it: before the work it is given memory
 * to fill, for longer than the asking takes, so that all of the work is there when it begins. The
 * work is done twice and the second time counts, which finds the caches as the work leaves them.
 *
 * <p>Nothing on the GPU waits for the CPU. Where the driver's queue, of about a thousand launches,
 * is full, the asking waits until the GPU has made room, and the time is said not to count.
 */
final class FullQueue implements AutoCloseable {
  private static final int MOST_FILLS = 256;

  /**
   * One measurement.
   *
   * @param gpuMilliseconds of the work alone
   * @param askingMilliseconds that the caller took to ask for it
   * @param wasFull whether all had been asked for when the GPU began
   */
  record Time(double gpuMilliseconds, double askingMilliseconds, boolean wasFull) {}

  private final Scope scope = Scope.detached();
  private final StreamTimer filling;
  private final StreamTimer working;
  private final Tensor memory;
  private int fills = 1;

  FullQueue(Device device, int mebibytes) {
    CudaBackend cuda = Gpu.of(device);
    filling = new StreamTimer(cuda);
    working = new StreamTimer(cuda);
    try (Scope making = Scope.open()) {
      memory = scope.adopt(Tensor.empty(device, DType.U8, Shape.of(mebibytes << 20)));
    }
  }

  /** Times some work, with more and more before it until it is enough. */
  Time time(Runnable work) {
    Time time = once(work);
    while (!time.wasFull() && fills < MOST_FILLS) {
      fills *= 2;
      time = once(work);
    }
    return time;
  }

  private Time once(Runnable work) {
    long began = System.nanoTime();
    filling.start();
    for (int i = 0; i < fills; i++) {
      memory.zero();
    }
    work.run();
    filling.stop();
    working.start();
    long asking = System.nanoTime();
    work.run();
    long asked = System.nanoTime();
    working.stop();
    double ahead = (System.nanoTime() - began) * 1e-6;
    return new Time(
        working.milliseconds(), (asked - asking) * 1e-6, ahead < filling.milliseconds());
  }

  @Override
  public void close() {
    filling.close();
    working.close();
    scope.close();
  }
}
