package io.github.glia.tensor;

import java.nio.ByteBuffer;

/**
 * All that a {@link Device} asks of what drives it. Addresses are the driver's own; nobody else
 * reads through them. Buffers may be direct or on the heap; what is copied is what remains in them,
 * and their position ends at their limit.
 */
public interface DeviceDriver {
  /** {@code cpu}, {@code cuda:0}, … */
  String name();

  /** Model, memory and library versions, in one line. */
  String description();

  /** Whether layers can compute in this type here. */
  boolean computes(DType dtype);

  /**
   * Memory aligned to 64 bytes or more, its content undefined.
   *
   * @throws OutOfDeviceMemoryException if there is not that much
   */
  long allocate(long bytes);

  void free(long address);

  void copyIn(ByteBuffer source, long target);

  void copyOut(long source, ByteBuffer target);

  /** Copies within the device; source and target do not overlap. */
  void copy(long source, long target, long bytes);

  void zero(long target, long bytes);

  /** Returns when all that was asked of the device is done. */
  void synchronize();

  /** Releases what the driver keeps besides its tensors: plans, workspaces. */
  void releaseCaches();

  /**
   * Whether products of F32 may be computed in TF32, which has the range of F32 and the precision
   * of F16. Drivers that know no TF32 do nothing.
   */
  default void allowTf32(boolean allowed) {}

  /** Whether two runs have to give the same bits. Drivers that always do so do nothing. */
  default void deterministic(boolean wanted) {}
}
