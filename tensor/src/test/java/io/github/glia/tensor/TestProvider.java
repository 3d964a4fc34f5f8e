package io.github.glia.tensor;

import java.util.List;

/** Two devices of one kind. */
public final class TestProvider implements DeviceProvider {
  @Override
  public String kind() {
    return "test";
  }

  @Override
  public int preference() {
    return 1;
  }

  @Override
  public List<DeviceDriver> find() {
    return List.of(new TestDriver("test:0"), new TestDriver("test:1"));
  }

  @Override
  public String whyNone() {
    return "";
  }
}
