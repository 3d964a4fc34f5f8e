package io.github.glia.tensor;

/** The type of a tensor's elements. */
public enum DType {
  /** IEEE 754 single precision. */
  F32(4),
  /** The upper half of an {@link #F32}: its range, with 8 bits of precision. */
  BF16(2),
  /** IEEE 754 half precision: 11 bits of precision, up to 65504. */
  F16(2),
  /** An unsigned byte: images and masks on their way in. */
  U8(1),
  /** A signed byte: numbers of a quantized network, each a multiple of a step of its own. */
  I8(1);

  private final int bytes;

  DType(int bytes) {
    this.bytes = bytes;
  }

  /** The size of one element in bytes. */
  public int bytes() {
    return bytes;
  }

  /** Whether layers compute in this type, and gradients exist in it. */
  public boolean isFloating() {
    return this != U8 && this != I8;
  }
}
