package io.github.glia.tensor;

import java.util.List;

/** A device whose name has no number, and which is nobody's first choice. */
public final class PlainProvider implements DeviceProvider {
  @Override
  public String kind() {
    return "plain";
  }

  @Override
  public int preference() {
    return Integer.MIN_VALUE;
  }

  @Override
  public List<DeviceDriver> find() {
    return List.of(new TestDriver("plain"));
  }

  @Override
  public String whyNone() {
    return "";
  }
}
