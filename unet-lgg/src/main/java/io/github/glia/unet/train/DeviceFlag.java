package io.github.glia.unet.train;

import io.github.glia.tensor.Device;

/** The device that {@code --device} names. */
public final class DeviceFlag {
  private DeviceFlag() {}

  /**
   * The device of that name.
   *
   * @throws IllegalArgumentException if there is none; the message says why, and what to do
   */
  public static Device of(String name) {
    try {
      return Device.named(name);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(
          e.getMessage() + " (./glia doctor shows what was looked for, and where)", e);
    }
  }
}
