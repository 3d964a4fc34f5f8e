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
              + reason(e)
              + "); is org.bytedeco:dnnl with this platform's classifier on the class path,"
              + " and native access allowed, --enable-native-access=ALL-UNNAMED?";
      return List.of();
    }
  }

  /** A class that fails to initialize says nothing itself; what made it fail does. */
  static String reason(Throwable failure) {
    Throwable first = failure;
    while (first.getCause() != null) {
      first = first.getCause();
    }
    return first.getMessage() == null ? first.toString() : first.getMessage();
  }

  @Override
  public String whyNone() {
    return whyNone;
  }
}
