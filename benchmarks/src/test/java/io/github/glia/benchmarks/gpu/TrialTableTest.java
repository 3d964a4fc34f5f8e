package io.github.glia.benchmarks.gpu;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is kept of measurements of algorithms, and what is said of them. */
final class TrialTableTest {
  private static final String CHOSEN = "cuDNN BWD_DATA_ALGO_1 in BF16";

  @TempDir private Path folder;

  private static Trial trial(String work, String direction, String algorithm, double ms) {
    return new Trial("bf16", work, direction, algorithm, CHOSEN, 10, ms, 3 << 20);
  }

  private static Trial data(String algorithm, double ms) {
    return trial("3x32x3@256", "backwardData", algorithm, ms);
  }

  private TrialTable table(Trial... trials) throws IOException {
    TrialTable table = new TrialTable(folder);
    table.add(List.of(trials));
    return table;
  }

  @Test
  void aLaterRunFindsWhatWasMeasured() throws IOException {
    TrialTable table = table(data("BWD_DATA_ALGO_0", Double.NaN), data("BWD_DATA_ALGO_1", 0.25));
    TrialTable later = new TrialTable(folder);
    assertEquals(table.toString(), later.toString());
    assertTrue(later.has("bf16", "3x32x3@256", "backwardData"));
    assertFalse(later.has("tf32", "3x32x3@256", "backwardData"));
    assertFalse(later.has("bf16", "3x32x3@256", "forward"));
    later.add(List.of(trial("3x32x3@256", "forward", "GEMM", 1)));
    assertEquals(4, Files.readAllLines(folder.resolve("convolutions.csv")).size());
    assertEquals(later.toString(), Files.readString(folder.resolve("convolutions.txt")));
  }

  @Test
  void aLineThatIsNotWholeIsRefused() throws IOException {
    Files.write(folder.resolve("convolutions.csv"), List.of(Trial.CSV_HEADER, "bf16,3x32x3@256"));
    String message =
        assertThrows(IllegalArgumentException.class, () -> new TrialTable(folder)).getMessage();
    assertTrue(message.contains("bf16,3x32x3@256"), message);
  }

  @Test
  void aRefusalIsADashAndTheChoiceIsMarked() throws IOException {
    List<String> lines =
        table(data("BWD_DATA_ALGO_0", Double.NaN), data("BWD_DATA_ALGO_1", 0.25))
            .toString()
            .lines()
            .toList();
    assertTrue(lines.get(3).matches(".*BWD_DATA_ALGO_0 +- +- +- +3\\.00"), lines.get(3));
    assertTrue(
        lines.get(4).matches(".*BWD_DATA_ALGO_1 +0\\.2500 +40\\.00 +100\\.0 % +3\\.00  Glia's"),
        lines.get(4));
  }

  @Test
  void theLimitIsTheBestThatMultipliesAsTheFormulaSays() throws IOException {
    Trial product = trial("8192x8192x8192", TrialTable.PRODUCT, "cublasGemmEx", 0.05);
    Trial convolution = data("BWD_DATA_ALGO_1", 0.1);
    Trial fewerMultiplications = data("BWD_DATA_ALGO_WINOGRAD", 0.01);
    String said = table(product, convolution, fewerMultiplications).summary("bf16");
    assertTrue(said.contains("limit is 200.00 TFLOP/s"), said);
    assertTrue(said.contains("(200.00)") && said.contains("(100.00)"), said);
    assertTrue(said.contains("0.100 ms as Glia chooses (50.0 % of the limit)"), said);
  }

  @Test
  void theWorstChoiceIsNamed() throws IOException {
    String good =
        table(data("BWD_DATA_ALGO_0", 0.252), data("BWD_DATA_ALGO_1", 0.255)).summary("bf16");
    assertTrue(good.contains("of 1 choices 0 are"), good);
    TrialTable table = new TrialTable(folder);
    table.add(
        List.of(
            trial("up 64x32@128", "forward", "BWD_DATA_ALGO_1", 3),
            trial("up 64x32@128", "forward", "BWD_DATA_ALGO_0", 1.5)));
    String said = table.summary("bf16");
    assertTrue(said.contains("of 2 choices 1 are more than 2 % slower"), said);
    assertTrue(
        said.endsWith("2.00 times: up 64x32@128 forward by BWD_DATA_ALGO_1, not BWD_DATA_ALGO_0"),
        said);
    assertTrue(said.contains("3.255 ms as Glia chooses") && said.contains("1.752 ms by"), said);
  }

  @Test
  void whatOtherLibrariesComputeIsSaid() throws IOException {
    String said =
        table(new Trial("bf16", "32x1x1@256", "forward", "GEMM", "cublasGemmEx", 1, 1, 0))
            .toString();
    assertTrue(said.contains("32x1x1@256 forward: Glia computes it by cublasGemmEx"), said);
    assertTrue(said.contains("of 0 choices"), said);
  }
}
