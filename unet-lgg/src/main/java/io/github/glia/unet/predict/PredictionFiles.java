package io.github.glia.unet.predict;

import io.github.glia.unet.data.Slice;
import io.github.glia.unet.evaluate.Overlay;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Locale;
import java.util.Set;
import javax.imageio.ImageIO;

/** Writes what was predicted of slices: masks, probabilities, overlays. */
public final class PredictionFiles {
  private final Path folder;
  private final Format format;
  private final double threshold;
  private final boolean largest;
  private final boolean probabilityMaps;
  private final boolean overlays;
  private final Set<String> written = new HashSet<>();

  /** The formats of masks. */
  public enum Format {
    PNG,
    TIFF
  }

  public PredictionFiles(
      Path folder,
      Format format,
      double threshold,
      boolean largest,
      boolean probabilityMaps,
      boolean overlays)
      throws IOException {
    this.folder = Files.createDirectories(folder);
    this.format = format;
    this.threshold = threshold;
    this.largest = largest;
    this.probabilityMaps = probabilityMaps;
    this.overlays = overlays;
  }

  /** Writes the files of one slice, and says in a line what was found. */
  public String write(Slice slice, float[] probabilities) throws IOException {
    boolean[] mask = new boolean[probabilities.length];
    for (int i = 0; i < mask.length; i++) {
      mask[i] = probabilities[i] >= threshold;
    }
    if (largest) {
      LargestPiece.keep(mask, slice.height(), slice.width());
    }
    float[] kept = new float[mask.length];
    int pixels = 0;
    for (int i = 0; i < mask.length; i++) {
      kept[i] = mask[i] ? 1 : 0;
      pixels += mask[i] ? 1 : 0;
    }
    String name = newName(slice);
    String suffix = format == Format.TIFF ? "tif" : "png";
    Path maskFile = folder.resolve(name + "_predicted." + suffix);
    write(grey(slice, i -> mask[i] ? 255 : 0), format.name(), maskFile);
    if (probabilityMaps) {
      write(
          grey(slice, i -> Math.round(probabilities[i] * 255)),
          "PNG",
          folder.resolve(name + "_probability.png"));
    }
    if (overlays) {
      write(Overlay.of(slice, kept, threshold), "PNG", folder.resolve(name + "_overlay.png"));
    }
    return String.format(
        Locale.ROOT,
        "%s: %s -> %s",
        slice.place(),
        pixels == 0 ? "no tumour found" : pixels + " pixels of tumour",
        maskFile);
  }

  private interface Grey {
    int at(int pixel);
  }

  private static BufferedImage grey(Slice slice, Grey value) {
    BufferedImage image =
        new BufferedImage(slice.width(), slice.height(), BufferedImage.TYPE_BYTE_GRAY);
    for (int i = 0; i < slice.width() * slice.height(); i++) {
      image.getRaster().setSample(i % slice.width(), i / slice.width(), 0, value.at(i));
    }
    return image;
  }

  private static void write(BufferedImage image, String format, Path file) throws IOException {
    if (!ImageIO.write(image, format, file.toFile())) {
      throw new IOException(file + ": there is no writer of " + format + " images");
    }
  }

  /** A name that no slice before had: two patients may have files of the same name. */
  private String newName(Slice slice) {
    String name = name(slice);
    if (written.add(name)) {
      return name;
    }
    String ofPatient = slice.patient().replaceAll("[/\\\\]", "_") + "_" + name;
    String numbered = ofPatient;
    for (int i = 2; !written.add(numbered); i++) {
      numbered = ofPatient + "_" + i;
    }
    return numbered;
  }

  /** The file's name without its ending, or the case's with the number of its slice. */
  private static String name(Slice slice) {
    return slice.isInVolume()
        ? slice.patient() + "_" + slice.number()
        : slice.source().getFileName().toString().replaceFirst("\\.[A-Za-z]+$", "");
  }
}
