package io.github.glia.unet.inspect;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.glia.unet.data.DataSet;
import io.github.glia.unet.data.Patient;
import io.github.glia.unet.data.Problem;
import io.github.glia.unet.data.Slice;
import io.github.glia.unet.json.Json;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class InspectionTest {
  private static final int SIDE = 8;

  @TempDir Path folder;

  private final DataSet data =
      new DataSet(
          "made up",
          List.of(
              new Patient(
                  "whole", List.of(slice("whole", 10, 20, 30, 0), slice("whole", 1, 2, 3, 4))),
              new Patient("before", List.of(slice("before", 20, 20, 30, 0))),
              new Patient("after", List.of(slice("after", 10, 20, 20, 0)))),
          List.of(new Problem(Path.of("x.tif"), "is broken")));

  @Test
  void countsAndFindsWhatIsMissing() {
    Inspection inspection = Inspection.of(data);
    assertEquals(4, inspection.slices());
    assertEquals(1, inspection.positive());
    assertEquals(4.0 / (4 * SIDE * SIDE), inspection.tumourShare());
    assertEquals(
        List.of(List.of(), List.of("pre-contrast (is FLAIR)"), List.of("post-contrast (is FLAIR)")),
        inspection.patients().stream().map(Inspection.PatientSummary::missing).toList());
  }

  @Test
  void saysSoInTextAndJson() {
    Inspection inspection = Inspection.of(data);
    String text = inspection.toText();
    assertTrue(text.contains("1 with tumour, 3 without"), text);
    assertTrue(text.contains("x.tif: is broken"), text);
    Map<?, ?> json = (Map<?, ?>) Json.parse(Json.write(inspection.toJson()));
    assertEquals(3.0, ((Map<?, ?>) json.get("totals")).get("patients"));
    assertEquals(List.of(Map.of("file", "x.tif", "reason", "is broken")), json.get("skipped"));
    Map<?, ?> first = (Map<?, ?>) ((List<?>) json.get("channels")).get(0);
    assertEquals(1.0, first.get("min"));
    assertEquals(20.0, first.get("max"));
    assertEquals((10 + 1 + 20 + 10) / 4.0, first.get("mean"));
  }

  @Test
  void drawsEachPatientWithItsTumourInRed() throws IOException {
    Path png = folder.resolve("sheet.png");
    Inspection.of(data).writeContactSheet(png);
    BufferedImage sheet = ImageIO.read(png.toFile());
    assertEquals(8 + 3 * 200, sheet.getWidth());
    assertEquals(0xffff3b30, sheet.getRGB(8 + 2, 8 + 2), "the tumour's corner");
    assertEquals(
        0xffffffff, sheet.getRGB(8 + 200 + 100, 8 + 100), "the second patient's FLAIR, stretched");
  }

  /** A slice of three even channels, with tumour in the first pixels. */
  private static Slice slice(String patient, int red, int green, int blue, int tumour) {
    byte[] image = new byte[SIDE * SIDE * 3];
    for (int i = 0; i < image.length; i += 3) {
      image[i] = (byte) red;
      image[i + 1] = (byte) green;
      image[i + 2] = (byte) blue;
    }
    byte[] mask = new byte[SIDE * SIDE];
    for (int i = 0; i < tumour; i++) {
      mask[i] = 1;
    }
    return new Slice(patient, red, Path.of("made up"), SIDE, SIDE, 3, image, mask);
  }
}
