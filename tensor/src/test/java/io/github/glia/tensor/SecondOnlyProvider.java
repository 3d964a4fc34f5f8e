package io.github.glia.tensor;

import java.util.List;

/** A kind of device of which the first one does not work. */
public final class SecondOnlyProvider implements DeviceProvider {
  @Override
  public String kind() {
    return "second";
  }

  @Override
  public int preference() {
    return 0;
  }

  @Override
  public List<DeviceDriver> find() {
    return List.of(new TestDriver("second:1"));
  }

  @Override
  public String whyNone() {
    return "";
  }
}
