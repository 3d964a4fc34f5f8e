package io.github.glia.unet.data;

import java.util.List;

/**
 * A volume: all slices of one patient, in their order.
 *
 * @param stored what the files held, for each channel; empty where nobody knows
 */
public record Patient(String name, List<Slice> slices, List<StoredRange> stored) {
  public Patient {
    if (slices.isEmpty()) {
      throw new IllegalArgumentException("patient " + name + " has no slices");
    }
    slices = List.copyOf(slices);
    stored = List.copyOf(stored);
  }

  /** A volume of which it is not known what its files held. */
  public Patient(String name, List<Slice> slices) {
    this(name, slices, List.of());
  }
}
