package io.github.glia.unet.cli;

import io.github.glia.tensor.Device;
import io.github.glia.unet.doctor.SelfTest;
import java.io.PrintWriter;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.function.Function;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** Says what there is to compute with, what is missing, and whether the devices compute rightly. */
@Command(
    name = "doctor",
    description = "Shows devices and libraries, what is missing, and tries each device.",
    footer = {"", "Exit code 0 if every device that is there computes rightly, else 1."},
    mixinStandardHelpOptions = true)
final class DoctorCommand implements Callable<Integer> {
  @Spec CommandSpec spec;

  private final Function<Device, List<SelfTest.Result>> selfTest;

  DoctorCommand() {
    this(SelfTest::of);
  }

  DoctorCommand(Function<Device, List<SelfTest.Result>> selfTest) {
    this.selfTest = selfTest;
  }

  @Override
  public Integer call() {
    PrintWriter out = spec.commandLine().getOut();
    out.printf(
        "%s %s, Java %s%n",
        System.getProperty("os.name"),
        System.getProperty("os.arch"),
        System.getProperty("java.version"));
    boolean healthy = true;
    for (Device device : Device.all()) {
      out.printf("%-8s %s%n", device, device.description());
      healthy &= passes(device, out);
    }
    Device.missing().forEach((kind, why) -> out.printf("%-8s not available: %s%n", kind, why));
    Device.libraries()
        .forEach(
            (kind, libraries) -> {
              out.printf("libraries of %s:%n", kind);
              libraries.forEach(library -> out.printf("  %s%n", library));
            });
    out.printf(
        "--device auto is %s, the preferred one of those that are there%n", Device.named("auto"));
    out.flush();
    return healthy ? 0 : Main.FAILURE;
  }

  private boolean passes(Device device, PrintWriter out) {
    long start = System.nanoTime();
    List<SelfTest.Result> results;
    try {
      results = selfTest.apply(device);
    } catch (RuntimeException | LinkageError e) {
      out.printf("  self-test failed: %s%n", e.getMessage() == null ? e : e.getMessage());
      return false;
    }
    boolean all = true;
    for (SelfTest.Result result : results) {
      if (!result.passed()) {
        all = false;
        out.printf(
            Locale.ROOT,
            "  self-test failed: %s differs from the reference by %.1e%n",
            result.operation(),
            result.error());
      }
    }
    if (all) {
      List<String> operations = results.stream().map(SelfTest.Result::operation).toList();
      double seconds = (System.nanoTime() - start) * 1e-9;
      out.printf(
          Locale.ROOT,
          "  self-test passed in %.1f s: %s%n",
          seconds,
          String.join(", ", operations));
    }
    return all;
  }
}
