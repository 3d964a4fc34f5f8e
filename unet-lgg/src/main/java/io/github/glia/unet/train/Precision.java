package io.github.glia.unet.train;

import io.github.glia.tensor.DType;
import io.github.glia.tensor.Device;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The type that layers compute in; weights are F32 always. */
public enum Precision {
  /** F32 on the CPU, and bfloat16 on an accelerator that computes in it. */
  AUTO,
  F32,
  /** F32, with the products of convolutions in TF32: for GPUs. */
  TF32,
  BF16,
  F16,
  /** Bytes, for predicting: {@link io.github.glia.nn.Quantization}. */
  INT8;

  /**
   * What it stands for on a device.
   *
   * @throws IllegalArgumentException if the device does not compute in it; the message says in
   *     which it does
   */
  public Precision on(Device device) {
    if (this == AUTO) {
      return device != Device.cpu() && device.computes(DType.BF16) ? BF16 : F32;
    }
    if (!isKnownTo(device)) {
      throw new IllegalArgumentException(
          "--precision "
              + Flags.text(this)
              + ": "
              + device
              + " does not compute in it; it computes in "
              + Stream.of(F32, TF32, BF16, F16, INT8)
                  .filter(other -> other.isKnownTo(device))
                  .map(Flags::text)
                  .collect(Collectors.joining(", ")));
    }
    return this;
  }

  /** The same for training, in which there are no bytes. */
  public Precision forTrainingOn(Device device) {
    if (this == INT8) {
      throw new IllegalArgumentException(
          "--precision int8 is for predicting: train in f32 or bf16, and predict in int8");
    }
    return on(device);
  }

  /** Readies a device to compute in it, and gives the type of the tensors. */
  public DType ready(Device device) {
    Precision here = on(device);
    device.allowTf32(here == TF32);
    return here.type();
  }

  private boolean isKnownTo(Device device) {
    return this == TF32 ? device != Device.cpu() : device.computes(type());
  }

  private DType type() {
    return switch (this) {
      case TF32 -> DType.F32;
      case INT8 -> DType.I8;
      default -> DType.valueOf(name());
    };
  }
}
