package io.github.glia.tensor;

import java.util.List;

/**
 * Finds the devices of one kind. Implementations are looked up with {@link
 * java.util.ServiceLoader}.
 */
public interface DeviceProvider {
  /** The part of a device's name before the colon: {@code cpu}, {@code cuda}. */
  String kind();

  /** Where several kinds are there, {@code auto} takes the highest. */
  int preference();

  /** The devices of this kind that work; asked once. Empty if there is none. */
  List<DeviceDriver> find();

  /** Why {@link #find} found none, and what to do about it; one line. */
  String whyNone();

  /**
   * The libraries that {@link #find} found or missed, one line each, for those who look for a
   * fault.
   */
  default List<String> libraries() {
    return List.of();
  }
}
