package io.github.glia.kernels;

/**
 * Work that a device did and noted, to do it again at one call: with the same tensors, at the same
 * addresses, and whatever they hold then. Those who replay must see to it that what was read and
 * written lives on, and that memory which was only used on the way is used by nobody else ({@link
 * io.github.glia.tensor.Memory.Pool}).
 */
public interface Recording extends AutoCloseable {
  void replay();

  /** False when the device has given up what the recording relies on: then it must be made anew. */
  boolean isUsable();

  @Override
  void close();
}
