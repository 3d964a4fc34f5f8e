package io.github.glia.nn;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.github.glia.tensor.Device;
import io.github.glia.tensor.Scope;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicContainer;
import org.junit.jupiter.api.DynamicNode;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/**
 * PyTorch's answers to random cases of every operation, each case a test on each device. A few are
 * here ({@code make_goldens.py} wrote them); a folder of others is named by the system property
 * {@code glia.goldens}. Every file of it must be of an operation that {@link GoldenOperations}
 * knows.
 */
final class TorchGoldensTest {
  @TestFactory
  Stream<DynamicNode> agreesOnTheGoldensHere() throws IOException {
    return agreesOn(Path.of("src/test/resources/goldens"));
  }

  @TestFactory
  Stream<DynamicNode> agreesOnTheGoldensNamed() throws IOException {
    String folder = System.getProperty("glia.goldens", "");
    if (!folder.isEmpty() && Files.isDirectory(Path.of(folder))) {
      return agreesOn(Path.of(folder));
    }
    String why =
        folder.isEmpty()
            ? "no folder of more goldens is named: -Dglia.goldens=DIR names one"
            : "the folder of goldens " + folder + " is not there";
    return Stream.of(DynamicTest.dynamicTest("skipped", () -> assumeTrue(false, why)));
  }

  private static Stream<DynamicNode> agreesOn(Path folder) throws IOException {
    List<Path> files;
    try (Stream<Path> listed = Files.list(folder)) {
      files = listed.filter(f -> f.toString().endsWith(".safetensors")).sorted().toList();
    }
    if (files.isEmpty()) {
      throw new IOException(folder + " holds no .safetensors files");
    }
    return files.stream().map(TorchGoldensTest::tests);
  }

  private static DynamicNode tests(Path path) {
    String operation = path.getFileName().toString().replace(".safetensors", "");
    List<DynamicTest> tests = new ArrayList<>();
    try {
      WeightFile file = WeightFile.open(path);
      if (operation.equals("unet_ten_steps")) {
        for (Device device : DeviceTests.devices()) {
          tests.add(
              DynamicTest.dynamicTest(
                  operation + " on " + device, () -> new GoldenTenSteps(file, device).check()));
        }
        return DynamicContainer.dynamicContainer(operation, tests);
      }
      GoldenOperations.Check check = GoldenOperations.named(operation);
      List<?> cases = (List<?>) Json.parse(file.metadata().getOrDefault("cases", "[]"));
      if (cases.isEmpty()) {
        throw new IOException(path + " has no cases");
      }
      for (int i = 0; i < cases.size(); i++) {
        String prefix = String.format("%03d.", i);
        Map<?, ?> settings = (Map<?, ?>) cases.get(i);
        for (Device device : DeviceTests.devices()) {
          tests.add(
              DynamicTest.dynamicTest(
                  operation + " " + prefix + " on " + device,
                  () -> {
                    long before = device.memory().liveBytes();
                    try (Scope scope = Scope.open()) {
                      check.run(new GoldenCase(file, prefix, settings, device));
                    }
                    assertEquals(
                        before, device.memory().liveBytes(), () -> device.memory().report());
                  }));
        }
      }
    } catch (IOException | RuntimeException e) {
      tests.add(
          DynamicTest.dynamicTest(
              operation,
              () -> {
                throw e;
              }));
    }
    return DynamicContainer.dynamicContainer(operation, tests);
  }
}
