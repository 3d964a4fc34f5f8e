package io.github.glia.unet.cli;

import io.github.glia.tensor.DType;
import io.github.glia.tensor.Device;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** Lists where a network can run, and why not elsewhere. */
@Command(
    name = "devices",
    description = "Lists the devices that networks can run on.",
    mixinStandardHelpOptions = true)
final class DevicesCommand implements Runnable {
  @Spec CommandSpec spec;

  @Override
  public void run() {
    PrintWriter out = spec.commandLine().getOut();
    for (Device device : Device.all()) {
      List<String> types = new ArrayList<>();
      for (DType type : DType.values()) {
        if (device.computes(type)) {
          types.add(type.toString());
        }
      }
      out.printf(
          "%-8s %s; computes in %s%n", device, device.description(), String.join(", ", types));
    }
    Device.missing().forEach((kind, why) -> out.printf("%-8s not available: %s%n", kind, why));
    out.flush();
  }
}
