package io.github.glia.kernels.cpu;

import java.util.function.Supplier;
import java.util.stream.IntStream;

/**
 * Threads that share out the parts of an operation, and in each of which oneDNN keeps to one core
 * (or two, where there are twice as many cores as lanes).
 *
 * <p>By itself oneDNN shares out each primitive: its threads begin together and wait for each other
 * at the end, which takes about 5 µs for two of them. For an operation of hundreds of small
 * primitives that is more than what they compute; here its threads meet once.
 *
 * <p>Where the OpenMP of oneDNN cannot be reached there is one lane, with all cores.
 */
public final class Lanes {
  /** Computes one of the parts, with the arguments of that lane alone. */
  public interface Body extends Team.Body {
    void part(int lane, int index);

    @Override
    default void part(int member, long from, int n) {
      part(member, (int) from);
    }
  }

  /** As many parts has an operation at least that is shared out by planes of Winograd's tiles. */
  private static final int MOST_LANES = 16;

  private final int cores;
  private final int count;
  private final Team team;
  private final GrowingBuffer[] workspaces;
  private final GrowingBuffer[] scratchpads;

  Lanes(CpuBackend cpu) {
    cores = OpenMp.isReachable() ? OpenMp.threads() : 1;
    count = Math.min(cores, MOST_LANES);
    team = new Team("glia-lane-", count - 1, this::keepToItsCores);
    workspaces = buffers(cpu);
    scratchpads = buffers(cpu);
  }

  private GrowingBuffer[] buffers(CpuBackend cpu) {
    return IntStream.range(0, count)
        .mapToObj(lane -> new GrowingBuffer(cpu))
        .toArray(GrowingBuffer[]::new);
  }

  /** The calling thread has the lane 0. */
  public int count() {
    return count;
  }

  /**
   * Into how many parts an operation is shared out that has so many like ones, such as images:
   * each, if all lanes get as many, or else one, which all threads of oneDNN compute.
   */
  public int partsOf(int likeOnes) {
    return count > 1 && likeOnes % count == 0 ? likeOnes : 1;
  }

  /** Runs a body for each index; for callers that hold the lock of the {@link CpuBackend}. */
  public void forEach(int parts, Body body) {
    keepToItsCores();
    try {
      team.run(parts, 1, body);
    } finally {
      useAllCores();
    }
  }

  /** Makes what lanes will run: oneDNN plans for the threads of the one that asks for a plan. */
  public <T> T make(Supplier<T> plan) {
    keepToItsCores();
    try {
      return plan.get();
    } finally {
      useAllCores();
    }
  }

  /** The same of something that is there and makes its primitives now. */
  public void prepare(Runnable plan) {
    make(
        () -> {
          plan.run();
          return null;
        });
  }

  private void keepToItsCores() {
    if (count > 1) {
      OpenMp.useThreads(cores / count);
    }
  }

  private void useAllCores() {
    if (count > 1) {
      OpenMp.useThreads(cores);
    }
  }

  /** Memory for what a part needs besides its arguments, undefined at the start of the part. */
  public long workspace(int lane, long bytes) {
    return workspaces[lane].atLeast(bytes);
  }

  long scratchpad(int lane, long bytes) {
    return scratchpads[lane].atLeast(bytes);
  }

  void release() {
    for (int lane = 0; lane < count; lane++) {
      workspaces[lane].release();
      scratchpads[lane].release();
    }
  }
}
