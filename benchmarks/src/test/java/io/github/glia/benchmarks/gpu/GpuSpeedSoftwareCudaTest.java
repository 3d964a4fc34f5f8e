package io.github.glia.benchmarks.gpu;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.github.glia.tensor.DType;
import io.github.glia.tensor.Device;
import io.github.glia.tensor.Scope;
import io.github.glia.tensor.Shape;
import io.github.glia.tensor.Tensor;
import io.github.glia.unet.json.Json;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The programs that measure how fast a GPU is, on the CUDA device of software. */
final class GpuSpeedSoftwareCudaTest {
  @TempDir private Path folder;
  private Device device;

  @BeforeEach
  void onlyWhereTheDeviceCouldBeBuilt() {
    Path library = Path.of(System.getProperty("glia.cuda.libraries", ""), "libcuda.so.1");
    assumeTrue(Files.exists(library), "the software CUDA device was not built: there is no g++");
    device = Device.named("cuda");
  }

  @AfterEach
  void nothingIsLeft() {
    for (Device each : Device.all()) {
      each.allowTf32(false);
      assertEquals(0, each.memory().liveBytes(), () -> each.memory().report());
    }
  }

  /** An ordinary one, the last of the network, and a transposed one. */
  private static List<Convolution> some() {
    List<Convolution> some = new ArrayList<>();
    for (Convolution convolution : Convolution.of(1, 16, "lgg")) {
      if (List.of("3x32x3@16", "32x1x1@16", "up 64x32@8").contains(convolution.name())) {
        some.add(convolution);
      }
    }
    return some;
  }

  @Test
  void everyAlgorithmOfEveryConvolutionIsTimed() throws IOException {
    ConvolutionTable.measure(device, some(), 64, 1, folder, List.of("bf16", "tf32"));
    List<Trial> trials = read();
    assertEquals(2 * (1 + 3 * (8 + 6 + 7)), trials.size());
    for (Trial trial : trials) {
      boolean knownToTheDevice =
          List.of(
                  "cublasGemmEx",
                  "IMPLICIT_PRECOMP_GEMM",
                  "BWD_DATA_ALGO_0",
                  "BWD_DATA_ALGO_1",
                  "BWD_FILTER_ALGO_0",
                  "BWD_FILTER_ALGO_1")
              .contains(trial.algorithm());
      assertEquals(knownToTheDevice, trial.ran(), trial::toString);
      assertTrue(!trial.ran() || trial.milliseconds() > 0, trial::toString);
    }
    for (Convolution convolution : some()) {
      for (String precision : List.of("bf16", "tf32")) {
        long chosen =
            trials.stream()
                .filter(t -> t.precision().equals(precision) && t.work().equals(convolution.name()))
                .filter(t -> t.direction().equals(convolution.direction()) && t.isChosen())
                .count();
        boolean isCublas = precision.equals("bf16") && convolution.name().equals("32x1x1@16");
        assertEquals(isCublas ? 0 : 1, chosen, precision + " " + convolution);
      }
    }
    assertTrue(
        trials.stream().anyMatch(trial -> trial.chosen().endsWith(" in TF32")), trials::toString);
  }

  private List<Trial> read() throws IOException {
    return Files.readAllLines(folder.resolve("convolutions.csv")).stream()
        .skip(1)
        .map(Trial::fromCsv)
        .toList();
  }

  @Test
  void aRunGoesOnWhereOneBeforeStopped() throws IOException {
    Path csv = folder.resolve("convolutions.csv");
    List<Convolution> some = some();
    ConvolutionTable.measure(device, some.subList(0, 2), 64, 1, folder, List.of("f32"));
    List<String> before = Files.readAllLines(csv);
    ConvolutionTable.measure(device, some, 64, 1, folder, List.of("f32"));
    List<String> after = Files.readAllLines(csv);
    assertEquals(before, after.subList(0, before.size()));
    assertEquals(1 + 1 + 3 * (8 + 6 + 7), after.size());
  }

  @ParameterizedTest
  @CsvSource({"train, bf16", "infer, tf32"})
  void gapsAreMeasuredPlainlyAndRecorded(String mode, String precision) throws IOException {
    Path file = folder.resolve("gaps.json");
    LaunchGaps.main(
        new String[] {"cuda", "tiny", mode, "1", "16", precision, "0.1", "16", file.toString()});
    Map<String, Object> json = Json.parseObject(Files.readString(file));
    List<?> steps = (List<?>) json.get("steps");
    List<Object> how = new ArrayList<>();
    for (Object each : steps) {
      Map<?, ?> step = (Map<?, ?>) each;
      how.add(step.get("how"));
      assertEquals(true, step.get("queue_was_full"), () -> "waited for the device: " + step);
      for (String time : List.of("as_run_ms", "unwaited_ms", "queued_ms", "asking_ms")) {
        assertTrue((double) step.get(time) > 0, time + " " + step);
      }
      double gaps = 1 - (double) step.get("queued_ms") / (double) step.get("as_run_ms");
      assertEquals(100 * gaps, (double) step.get("gaps_percent"), 1e-9);
    }
    assertEquals(List.of("plain", "recorded"), how);
  }

  @Test
  void moreIsPutBeforeWorkThatIsAskedForSlowly() {
    try (Scope scope = Scope.open();
        FullQueue queue = new FullQueue(device, 16)) {
      Tensor small = Tensor.zeros(device, DType.F32, Shape.of(4));
      FullQueue.Time time =
          queue.time(
              () -> {
                small.zero();
                LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(20));
                small.zero();
              });
      assertTrue(time.wasFull(), time::toString);
      assertTrue(time.askingMilliseconds() > 19, time::toString);
      assertTrue(time.gpuMilliseconds() < 19, time::toString);
    }
  }

  @Test
  void workThatWaitsForTheDeviceIsFoundOut() {
    try (FullQueue queue = new FullQueue(device, 1)) {
      assertFalse(queue.time(device::synchronize).wasFull());
    }
  }
}
