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
  BF16,
  F16;

  /**
   * The type on a device.
   *
   * @throws IllegalArgumentException if the device does not compute in it; the message says in
   *     which it does
   */
  public DType on(Device device) {
    if (this == AUTO) {
      boolean half = device != Device.cpu() && device.computes(DType.BF16);
      return half ? DType.BF16 : DType.F32;
    }
    DType type = DType.valueOf(name());
    if (!device.computes(type)) {
      throw new IllegalArgumentException(
          "--precision "
              + Flags.text(this)
              + ": "
              + device
              + " does not compute in it; it computes in "
              + Stream.of(F32, BF16, F16)
                  .filter(other -> device.computes(DType.valueOf(other.name())))
                  .map(Flags::text)
                  .collect(Collectors.joining(", ")));
    }
    return type;
  }
}
