package io.github.glia.unet.predict;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.glia.unet.data.Slice;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class PredictionFilesTest {
  /** Two pieces, of two pixels and of one; the second pixel is at the threshold. */
  private static final float[] PROBABILITIES = {0.9f, 0.5f, 0.1f, 0.8f};

  @TempDir Path folder;

  @Test
  void masksMapsAndOverlaysTellTheSame() throws IOException {
    String line = files(false).write(slice("p", "p_1.tif"), PROBABILITIES);
    assertTrue(line.contains("p_1.tif: 3 pixels of tumour"), line);
    assertEquals(List.of(255, 255, 0, 255), samples("p_1_predicted.png"));
    assertEquals(List.of(230, 128, 26, 204), samples("p_1_probability.png"));
    assertEquals(List.of(true, true, false, true), coloured("p_1_overlay.png"));
  }

  @Test
  void ofPiecesThatAreDroppedNothingIsShown() throws IOException {
    String line = files(true).write(slice("p", "p_1.tif"), PROBABILITIES);
    assertTrue(line.contains("2 pixels of tumour"), line);
    assertEquals(List.of(255, 255, 0, 0), samples("p_1_predicted.png"));
    assertEquals(List.of(true, true, false, false), coloured("p_1_overlay.png"));
  }

  @Test
  void slicesOfTheSameNameDoNotOverwriteEachOther() throws IOException {
    PredictionFiles files = files(false);
    files.write(slice("a/b", "a/b/slice_1.png"), PROBABILITIES);
    files.write(slice("a/c", "a/c/slice_1.png"), new float[4]);
    files.write(slice("a/c", "a/c/slice_1.jpg"), new float[4]);
    assertEquals(List.of(255, 255, 0, 255), samples("slice_1_predicted.png"));
    assertEquals(List.of(0, 0, 0, 0), samples("a_c_slice_1_predicted.png"));
    try (Stream<Path> all = Files.list(folder)) {
      assertEquals(3, all.filter(file -> file.toString().endsWith("_predicted.png")).count());
    }
  }

  @Test
  void slicesOfAVolumeHaveItsNameAndTheirNumber() throws IOException {
    String line = files(false).write(slice("case", "c/case_t1.nii.gz"), PROBABILITIES);
    assertTrue(line.contains("case_t1.nii.gz, slice 1: 3 pixels"), line);
    assertTrue(Files.exists(folder.resolve("case_1_predicted.png")));
  }

  private PredictionFiles files(boolean largest) throws IOException {
    return new PredictionFiles(folder, PredictionFiles.Format.PNG, 0.5, largest, true, true);
  }

  private static Slice slice(String patient, String source) {
    return new Slice(patient, 1, Path.of(source), 1, 4, 1, new byte[] {9, 9, 9, 9}, null);
  }

  private List<Integer> samples(String name) throws IOException {
    BufferedImage image = ImageIO.read(folder.resolve(name).toFile());
    return Stream.of(0, 1, 2, 3).map(x -> image.getRaster().getSample(x, 0, 0)).toList();
  }

  private List<Boolean> coloured(String name) throws IOException {
    BufferedImage image = ImageIO.read(folder.resolve(name).toFile());
    return Stream.of(0, 1, 2, 3).map(x -> (image.getRGB(x, 0) & 0xffffff) != 0x090909).toList();
  }
}
