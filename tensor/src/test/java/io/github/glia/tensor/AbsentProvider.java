package io.github.glia.tensor;

import java.util.List;

/** A kind of device that is not there. */
public final class AbsentProvider implements DeviceProvider {
  @Override
  public String kind() {
    return "absent";
  }

  @Override
  public int preference() {
    return Integer.MAX_VALUE;
  }

  @Override
  public List<DeviceDriver> find() {
    return List.of();
  }

  @Override
  public String whyNone() {
    return "its driver is not installed";
  }

  @Override
  public List<String> libraries() {
    return List.of("libabsent.so.1 (not found)");
  }
}
