package io.github.glia.kernels.cpu;

import java.util.function.Supplier;
import java.util.stream.IntStream;

/**
 * Threads that share out the parts of an operation, and in each of which oneDNN keeps to one core.
 *
 * <p>By itself oneDNN shares out each primitive: its threads begin together and wait for each other
 * at the end, which takes about 5 µs for two of them. For an operation of hundreds of small
 * primitives that is more than what they compute; here its threads meet once.
 *
 * <p>Where the OpenMP of oneDNN cannot be reached there is one lane, with all cores.
 */
public final class Lanes {
  /** Computes one of the parts, with primitives of that lane alone. */
  public interface Body extends Team.Body {
    void part(int lane, int index);

    @Override
    default void part(int member, long from, int n) {
      part(member, (int) from);
    }
  }

  private final int cores;
  private final Team team;
  private final GrowingBuffer[] workspaces;
  private final GrowingBuffer[] scratchpads;

  Lanes(CpuBackend cpu) {
    cores = OpenMp.isReachable() ? OpenMp.threads() : 1;
    team = new Team("glia-lane-", cores - 1, this::keepToOneCore);
    workspaces = buffers(cpu);
    scratchpads = buffers(cpu);
  }

  private GrowingBuffer[] buffers(CpuBackend cpu) {
    return IntStream.range(0, cores)
        .mapToObj(lane -> new GrowingBuffer(cpu))
        .toArray(GrowingBuffer[]::new);
  }

  /** The calling thread has the lane 0. */
  public int count() {
    return cores;
  }

  /** Runs a body for each index; for callers that hold the lock of the {@link CpuBackend}. */
  public void forEach(int parts, Body body) {
    keepToOneCore();
    try {
      team.run(parts, 1, body);
    } finally {
      useAllCores();
    }
  }

  /** Makes what lanes will run: oneDNN plans for the threads of the one that asks for a plan. */
  public <T> T prepare(Supplier<T> plan) {
    keepToOneCore();
    try {
      return plan.get();
    } finally {
      useAllCores();
    }
  }

  private void keepToOneCore() {
    if (cores > 1) {
      OpenMp.useThreads(1);
    }
  }

  private void useAllCores() {
    if (cores > 1) {
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
    for (int lane = 0; lane < cores; lane++) {
      workspaces[lane].release();
      scratchpads[lane].release();
    }
  }
}
