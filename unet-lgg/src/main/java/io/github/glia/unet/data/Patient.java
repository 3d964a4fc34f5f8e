package io.github.glia.unet.data;

import java.util.List;

/** A volume: all slices of one patient, in their order. */
public record Patient(String name, List<Slice> slices) {
  public Patient {
    if (slices.isEmpty()) {
      throw new IllegalArgumentException("patient " + name + " has no slices");
    }
    slices = List.copyOf(slices);
  }
}
