package io.github.glia.unet.inspect;

import io.github.glia.unet.data.DataSet;
import io.github.glia.unet.data.Patient;
import io.github.glia.unet.data.Slice;
import java.awt.Color;
import java.awt.Font;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import javax.imageio.ImageIO;

/** One small picture per patient, the tumour outlined in red. */
final class ContactSheet {
  private static final int TILE = 192;
  private static final int CAPTION = 34;
  private static final int GAP = 8;
  private static final int COLUMNS = 6;
  private static final int MOST_PATIENTS = 120;
  private static final int OUTLINE = 0xff3b30;

  private ContactSheet() {}

  static void write(DataSet data, Path png) throws IOException {
    List<Patient> patients = data.patients().stream().limit(MOST_PATIENTS).toList();
    int columns = Math.max(1, Math.min(COLUMNS, patients.size()));
    int rows = (patients.size() + columns - 1) / columns;
    BufferedImage sheet =
        new BufferedImage(
            GAP + columns * (TILE + GAP),
            GAP + Math.max(1, rows) * (TILE + CAPTION + GAP),
            BufferedImage.TYPE_INT_RGB);
    Graphics2D graphics = sheet.createGraphics();
    graphics.setRenderingHint(
        RenderingHints.KEY_INTERPOLATION, RenderingHints.VALUE_INTERPOLATION_BILINEAR);
    graphics.setRenderingHint(
        RenderingHints.KEY_TEXT_ANTIALIASING, RenderingHints.VALUE_TEXT_ANTIALIAS_ON);
    graphics.setFont(new Font(Font.SANS_SERIF, Font.PLAIN, 12));
    for (int i = 0; i < patients.size(); i++) {
      int x = GAP + i % columns * (TILE + GAP);
      int y = GAP + i / columns * (TILE + CAPTION + GAP);
      draw(patients.get(i), graphics, x, y);
    }
    graphics.dispose();
    if (!ImageIO.write(sheet, "png", png.toFile())) {
      throw new IOException(png + ": this Java cannot write PNG");
    }
  }

  private static void draw(Patient patient, Graphics2D graphics, int x, int y) {
    Slice slice = mostTumour(patient);
    graphics.drawImage(picture(slice), x, y, TILE, TILE, null);
    graphics.setColor(Color.WHITE);
    graphics.drawString(patient.name(), x, y + TILE + 14);
    graphics.setColor(Color.LIGHT_GRAY);
    long positive = patient.slices().stream().filter(Slice::isPositive).count();
    graphics.drawString(
        "slice "
            + slice.number()
            + ", "
            + positive
            + " of "
            + patient.slices().size()
            + " positive",
        x,
        y + TILE + 29);
  }

  private static Slice mostTumour(Patient patient) {
    Slice middle = patient.slices().get(patient.slices().size() / 2);
    return patient.slices().stream()
        .max(Comparator.comparingInt(Slice::tumourPixels))
        .filter(Slice::isPositive)
        .orElse(middle);
  }

  private static BufferedImage picture(Slice slice) {
    int channel = flairOf(slice.channels());
    BufferedImage picture =
        new BufferedImage(slice.width(), slice.height(), BufferedImage.TYPE_INT_RGB);
    for (int y = 0; y < slice.height(); y++) {
      for (int x = 0; x < slice.width(); x++) {
        int grey = slice.image()[(y * slice.width() + x) * slice.channels() + channel] & 0xff;
        picture.setRGB(x, y, isOutline(slice, y, x) ? OUTLINE : grey * 0x010101);
      }
    }
    return picture;
  }

  /** FLAIR is the middle one of the LGG set's three, and the last of BraTS' four. */
  private static int flairOf(int channels) {
    return channels == 3 ? 1 : channels - 1;
  }

  /** A tumour pixel with a neighbour that is none. */
  private static boolean isOutline(Slice slice, int y, int x) {
    return isTumour(slice, y, x)
        && !(isTumour(slice, y - 1, x)
            && isTumour(slice, y + 1, x)
            && isTumour(slice, y, x - 1)
            && isTumour(slice, y, x + 1));
  }

  private static boolean isTumour(Slice slice, int y, int x) {
    return slice.mask() != null
        && y >= 0
        && y < slice.height()
        && x >= 0
        && x < slice.width()
        && slice.mask()[y * slice.width() + x] != 0;
  }
}
