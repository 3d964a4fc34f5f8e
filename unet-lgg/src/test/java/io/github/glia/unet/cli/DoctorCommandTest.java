package io.github.glia.unet.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.glia.tensor.Device;
import io.github.glia.unet.doctor.SelfTest;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.List;
import java.util.function.Function;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;

class DoctorCommandTest {
  private final StringWriter said = new StringWriter();

  private int run(Function<Device, List<SelfTest.Result>> selfTest) {
    CommandLine doctor = new CommandLine(new DoctorCommand(selfTest));
    doctor.setOut(new PrintWriter(said));
    return doctor.execute();
  }

  @Test
  void healthy() {
    String out = Ended.succeeds("doctor").out();
    assertTrue(out.contains("cpu      "), out);
    assertTrue(out.contains("  self-test passed in "), out);
    assertTrue(out.contains("--device auto is " + Device.named("auto") + ","), out);
    Device.missing().forEach((kind, why) -> assertTrue(out.contains(why), out));
    Device.libraries()
        .values()
        .forEach(all -> all.forEach(library -> assertTrue(out.contains(library), out)));
  }

  @Test
  void aWrongResultIsAFailure() {
    assertEquals(
        1,
        run(
            device ->
                List.of(
                    new SelfTest.Result("update", 0), new SelfTest.Result("convolution", 0.5))));
    assertTrue(
        said.toString()
            .contains("self-test failed: convolution differs from the reference by 5.0e-01"),
        said.toString());
  }

  @Test
  void anErrorIsAFailureToo() {
    assertEquals(
        1,
        run(
            device -> {
              throw new IllegalStateException("the device is lost");
            }));
    assertTrue(said.toString().contains("self-test failed: the device is lost"), said.toString());
  }
}
