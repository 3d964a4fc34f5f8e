package io.github.glia.kernels.cpu;

/**
 * A primitive for each of the {@link Lanes}: what oneDNN made is one and the same, and each lane
 * has arguments of its own.
 */
public final class LanePrimitive {
  private final Primitive[] ofLanes;

  LanePrimitive(Primitive... ofLanes) {
    this.ofLanes = ofLanes;
  }

  /** To be bound and run by what computes in a lane. */
  public Primitive in(int lane) {
    return ofLanes[lane];
  }

  /** Sets an argument that is the same in each lane. */
  void bind(int argument, long address) {
    for (Primitive ofLane : ofLanes) {
      ofLane.bind(argument, address);
    }
  }
}
