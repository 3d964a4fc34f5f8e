package io.github.glia.kernels.cpu;

import io.github.glia.tensor.DeviceDriver;
import io.github.glia.tensor.DeviceProvider;
import java.util.List;

/** Finds the CPU. */
public final class CpuProvider implements DeviceProvider {
  private String whyNone = "";

  @Override
  public String kind() {
    return "cpu";
  }

  @Override
  public int preference() {
    return 0;
  }

  @Override
  public List<DeviceDriver> find() {
    try {
      return List.of(new CpuBackend());
    } catch (LinkageError e) {
      whyNone =
          "oneDNN's native library does not load on "
              + System.getProperty("os.name")
              + " "
              + System.getProperty("os.arch")
              + " ("
              + e.getMessage()
              + "); is org.bytedeco:dnnl with this platform's classifier on the class path?";
      return List.of();
    }
  }

  @Override
  public String whyNone() {
    return whyNone;
  }
}
