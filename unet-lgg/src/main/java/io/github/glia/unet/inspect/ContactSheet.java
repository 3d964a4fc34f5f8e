package io.github.glia.unet.inspect;

import java.awt.Color;
import java.awt.Font;
import java.awt.FontMetrics;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import javax.imageio.ImageIO;

/** One small picture per patient. */
final class ContactSheet {
  private static final int CAPTION = 34;
  private static final int GAP = 8;
  private static final int COLUMNS = 6;
  private static final int MOST_PATIENTS = 120;

  private ContactSheet() {}

  /** Draws the first patients; says so at the end where there are more. */
  static void write(List<PatientFigures> all, Path png) throws IOException {
    List<PatientFigures> patients = all.stream().limit(MOST_PATIENTS).toList();
    int columns = Math.max(1, Math.min(COLUMNS, patients.size()));
    int rows = (patients.size() + columns - 1) / columns;
    int left = all.size() - patients.size();
    BufferedImage sheet =
        new BufferedImage(
            GAP + columns * (Tile.SIDE + GAP),
            GAP + Math.max(1, rows) * (Tile.SIDE + CAPTION + GAP) + (left > 0 ? CAPTION : 0),
            BufferedImage.TYPE_INT_RGB);
    Graphics2D graphics = sheet.createGraphics();
    graphics.setRenderingHint(
        RenderingHints.KEY_TEXT_ANTIALIASING, RenderingHints.VALUE_TEXT_ANTIALIAS_ON);
    graphics.setFont(new Font(Font.SANS_SERIF, Font.PLAIN, 12));
    for (int i = 0; i < patients.size(); i++) {
      int x = GAP + i % columns * (Tile.SIDE + GAP);
      int y = GAP + i / columns * (Tile.SIDE + CAPTION + GAP);
      draw(patients.get(i), graphics, x, y);
    }
    if (left > 0) {
      graphics.drawString("and " + left + " more patients", GAP, sheet.getHeight() - CAPTION / 2);
    }
    graphics.dispose();
    Path folder = png.toAbsolutePath().getParent();
    if (!Files.isDirectory(folder)) {
      throw new IOException(png + ": there is no folder " + folder);
    }
    if (!ImageIO.write(sheet, "png", png.toFile())) {
      throw new IOException(png + ": this Java cannot write PNG");
    }
  }

  private static void draw(PatientFigures patient, Graphics2D graphics, int x, int y) {
    Inspection.PatientSummary summary = patient.summary();
    graphics.drawImage(patient.tile().picture(), x, y, null);
    graphics.setColor(Color.WHITE);
    graphics.drawString(shortened(summary.name(), graphics), x, y + Tile.SIDE + 14);
    graphics.setColor(Color.LIGHT_GRAY);
    graphics.drawString(
        "slice "
            + patient.tile().slice()
            + ", "
            + summary.positive()
            + " of "
            + summary.slices()
            + " positive",
        x,
        y + Tile.SIDE + 29);
  }

  /** A long name keeps its end, which tells patients of one folder apart. */
  private static String shortened(String name, Graphics2D graphics) {
    FontMetrics metrics = graphics.getFontMetrics();
    if (metrics.stringWidth(name) <= Tile.SIDE) {
      return name;
    }
    int from = 1;
    while (from < name.length() && metrics.stringWidth("…" + name.substring(from)) > Tile.SIDE) {
      from++;
    }
    return "…" + name.substring(from);
  }
}
