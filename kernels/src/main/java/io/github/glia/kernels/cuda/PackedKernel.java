package io.github.glia.kernels.cuda;

import io.github.glia.tensor.DType;

/**
 * A kernel of our own on the channels of images, in two forms: a thread of {@code name_type} takes
 * one element, and of {@code name_type_packed} 16 bytes of neighbouring channels, where all rows of
 * channels begin at multiples of that.
 */
public final class PackedKernel {
  private static final int PACK_BYTES = 16;

  private final Kernel single;
  private final Kernel packed;
  private final int packElements;
  private final boolean channelsFit;

  public PackedKernel(CudaBackend cuda, String room, String name, DType type, int channels) {
    single = cuda.kernel(room, name + CudaBackend.suffix(type));
    packed = cuda.kernel(room, name + CudaBackend.suffix(type) + "_packed");
    packElements = PACK_BYTES / type.bytes();
    channelsFit = channels % packElements == 0;
  }

  /** The elements that a thread takes of tensors at these addresses. */
  public int elements(long address, long another) {
    return channelsFit && (address | another) % PACK_BYTES == 0 ? packElements : 1;
  }

  /** The form of which a thread takes that many elements. */
  public Kernel taking(int elements) {
    return elements == 1 ? single : packed;
  }
}
