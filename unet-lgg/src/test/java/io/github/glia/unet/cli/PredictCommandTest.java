package io.github.glia.unet.cli;

import static io.github.glia.unet.cli.Ended.fails;
import static io.github.glia.unet.cli.Ended.succeeds;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class PredictCommandTest {
  private static final String PATIENT = "TCGA_PH_0001_20260101";

  @TempDir Path folder;
  private Path data;
  private Path patient;

  @BeforeEach
  void makeData() {
    data = folder.resolve("data");
    patient = data.resolve(PATIENT);
    succeeds("phantom", data, "--patients", 1, "--slices", 2, "--size", 32);
  }

  @Test
  void itsOwnPredictionsAreNoSlices() throws IOException {
    Path out = patient.resolve("predictions");
    succeeds("predict", patient, "--out", out);
    List<String> first = names(out);
    assertEquals(4, first.size(), first::toString);
    succeeds("predict", patient, "--out", out);
    succeeds("predict", data, "--out", data.resolve(".").resolve(PATIENT).resolve("predictions"));
    assertEquals(first, names(out));
    fails(Main.USAGE, "is a folder that is read", "predict", patient, "--out", patient);
  }

  @Test
  void aDamagedFileOfAFolderIsLeftOutNamedAndAFailure() throws IOException {
    Path out = folder.resolve("out");
    Path damaged = patient.resolve(PATIENT + "_1.tif");
    Files.write(damaged, new byte[] {'I', 'I', 42, 0, 1});
    Ended ended = Ended.of("predict", data, "--out", out);
    assertEquals(Main.FAILURE, ended.code(), ended.out());
    assertTrue(ended.out().contains("left out: " + damaged + ": "), ended.out());
    assertTrue(ended.err().contains("have no prediction: 1"), ended.err());
    assertEquals(List.of(PATIENT + "_2_overlay.png", PATIENT + "_2_predicted.png"), names(out));
    Path none = folder.resolve("none");
    fails(Main.FAILURE, damaged + ": ", "predict", data, "--strict", "--out", none);
    fails(Main.FAILURE, damaged + ": ", "predict", damaged, "--out", none);
    assertEquals(List.of(), names(none));
  }

  private static List<String> names(Path folder) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.map(file -> file.getFileName().toString()).sorted().toList();
    }
  }
}
