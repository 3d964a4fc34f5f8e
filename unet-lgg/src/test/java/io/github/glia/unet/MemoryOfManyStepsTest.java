package io.github.glia.unet;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.glia.tensor.Device;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * {@link ManySteps} in a process of its own, whose heap is small and wholly resident from the start
 * and whose compiler is the modest one: what still grows is memory that somebody forgot to free.
 */
final class MemoryOfManyStepsTest {
  @TempDir private Path folder;

  static List<Device> devices() {
    return Device.all();
  }

  @ParameterizedTest
  @MethodSource("devices")
  void memoryIsFlat(Device device) throws IOException, InterruptedException {
    Path output = folder.resolve("output");
    ProcessBuilder builder =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xms64m",
                "-Xmx64m",
                "-XX:+AlwaysPreTouch",
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-cp",
                System.getProperty("java.class.path"),
                ManySteps.class.getName(),
                device.name())
            .redirectErrorStream(true)
            .redirectOutput(output.toFile());
    // The images are tiny: threads would wait for each other longer than they compute.
    builder.environment().put("OMP_NUM_THREADS", "1");
    Process process = builder.start();
    boolean ended = process.waitFor(5, TimeUnit.MINUTES);
    process.destroyForcibly();
    String said = Files.readString(output);
    assertTrue(ended, () -> "it took more than 5 minutes: " + said);
    assertEquals(0, process.exitValue(), said);
    assertTrue(said.contains("flat for " + ManySteps.STEPS + " steps"), said);
  }
}
