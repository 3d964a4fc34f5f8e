package io.github.glia.benchmarks.gpu;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.glia.tensor.Device;
import io.github.glia.unet.train.Precision;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The programs that {@code prove.sh} runs, on every device that is there; and that they can fail.
 */
final class ProofsTest {
  private static final double[] CURVE = {2, 1.5, 1.25, 1.125};

  @TempDir private Path folder;

  static List<Device> devices() {
    return Device.all();
  }

  @AfterEach
  void nothingIsLeft() {
    for (Device device : Device.all()) {
      device.deterministic(false);
      assertEquals(0, device.memory().liveBytes(), () -> device.memory().report());
    }
  }

  @ParameterizedTest
  @MethodSource("devices")
  void lossesAreWrittenSideBySide(Device device) throws IOException {
    Path csv = folder.resolve("losses.csv");
    LossCurves.main(arguments(device, "tiny", 2, 16, 12, csv, "f32"));
    List<String> lines = Files.readAllLines(csv);
    assertEquals("step,reference (cpu f32)," + device + " f32", lines.get(0));
    assertEquals(13, lines.size());
    double[] first = numbers(lines.get(1));
    assertEquals(first[1], first[2], 1e-5);
    double last = numbers(lines.get(12))[2];
    assertTrue(last < first[2], "nothing was learned: " + lines);
  }

  private static double[] numbers(String line) {
    return Pattern.compile(",").splitAsStream(line).mapToDouble(Double::parseDouble).toArray();
  }

  @ParameterizedTest
  @MethodSource("devices")
  void trainingsGiveTheSameBits(Device device) {
    SameBits.main(arguments(device, "tiny", 2, 16, 5, "f32"));
  }

  @ParameterizedTest
  @MethodSource("devices")
  void memoryIsSteady(Device device) {
    SteadyMemory.main(arguments(device, "tiny", 1, 16, 20, "f32"));
  }

  @Test
  void tooFewStepsTellNothingOfMemory() {
    String[] few = arguments(Device.cpu(), "tiny", 1, 16, 10, "f32");
    String message =
        assertThrows(IllegalArgumentException.class, () -> SteadyMemory.main(few)).getMessage();
    assertTrue(message.contains("more than 10"), message);
  }

  @Test
  void theMachinesMemoryIsNotFilled() {
    String[] ofTheCpu = arguments(Device.cpu(), "tiny", 16, "f32", 1);
    String message =
        assertThrows(IllegalArgumentException.class, () -> OutOfMemory.main(ofTheCpu)).getMessage();
    assertTrue(message.contains("name a GPU"), message);
  }

  @Test
  void onlyAGpusSpeedIsMeasured() {
    String[] gaps = arguments("cpu", "tiny", "train", 1, 16, "f32", 1, 1, folder.resolve("json"));
    String[] table = arguments("cpu", 1, 16, 1, folder, "f32");
    for (Executable program :
        List.<Executable>of(() -> LaunchGaps.main(gaps), () -> ConvolutionTable.main(table))) {
      String message = assertThrows(IllegalArgumentException.class, program).getMessage();
      assertTrue(message.contains("name a GPU"), message);
    }
  }

  @Test
  void anotherFirstLossIsAFault() {
    double[] other = CURVE.clone();
    assertEquals(List.of(), LossCurves.faults("x", Precision.F32, CURVE, other));
    other[0] += 1e-4;
    List<String> faults = LossCurves.faults("x", Precision.F32, CURVE, other);
    assertTrue(faults.get(0).contains("first loss"), faults.toString());
    assertEquals(List.of(), LossCurves.faults("x", Precision.BF16, CURVE, other));
    String said = LossCurves.describe(CURVE, other);
    assertTrue(said.contains("at step 0"), said);
  }

  @Test
  void anotherEndIsAFaultAndSoIsNoNumber() {
    for (double last : new double[] {1.25, Double.NaN}) {
      double[] other = CURVE.clone();
      other[3] = last;
      List<String> faults = LossCurves.faults("x", Precision.BF16, CURVE, other);
      assertEquals(1, faults.size());
      assertTrue(faults.get(0).contains("last tenth"), faults.toString());
    }
  }

  @Test
  void oneBitIsADifference() {
    Map<String, float[]> one = Map.of("weights", new float[] {1, 2, 3});
    Map<String, float[]> other = Map.of("weights", new float[] {1, Math.nextUp(2f), 3});
    assertEquals(List.of(), SameBits.differences("x", one, Map.of("weights", one.get("weights"))));
    List<String> differences = SameBits.differences("x", one, other);
    assertTrue(differences.get(0).startsWith("x: weights[1]"), differences.toString());
  }

  @Test
  void imagesAreTheSameForTheSameNumberAlone() {
    Images images = Images.of(2, 16, 3);
    assertTrue(Arrays.equals(images.pixels, Images.of(2, 16, 3).pixels));
    assertFalse(Arrays.equals(images.pixels, Images.of(2, 16, 4).pixels));
    int inside = 0;
    for (float truth : images.truth) {
      inside += truth == 1 ? 1 : 0;
    }
    assertNotEquals(0, inside);
    assertTrue(inside < images.truth.length / 2, inside + " pixels");
  }

  private static String[] arguments(Object... values) {
    return Arrays.stream(values).map(Object::toString).toArray(String[]::new);
  }
}
