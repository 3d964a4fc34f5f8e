package io.github.glia.unet.phantom;

import io.github.glia.unet.data.DataSet;
import io.github.glia.unet.data.Patient;
import io.github.glia.unet.data.Slice;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Made-up heads with a tumour each: enough like the LGG slices that a network finds in them what is
 * easy and what is hard there, and free for everybody.
 *
 * <p>As there, the channels are a T1 sequence before contrast agent, FLAIR, and T1 after it; the
 * tumour is bright in FLAIR; most slices have none. A patient depends on the seed and on its own
 * number alone, not on how many others there are.
 */
public final class Phantoms {
  private static final int CHANNELS = 3;

  private Phantoms() {}

  /** The phantoms in memory. */
  public static DataSet make(PhantomOptions options) {
    List<Patient> patients =
        IntStream.range(0, options.patients())
            .parallel()
            .mapToObj(number -> patient(number, options))
            .toList();
    String description =
        "%d phantoms with %d slices of %d×%d pixels, seed %d"
            .formatted(
                options.patients(),
                options.slices(),
                options.size(),
                options.size(),
                options.seed());
    return new DataSet(description, patients, List.of());
  }

  /** Writes the phantoms as the LGG set is laid out: a folder a patient, TIFF images and masks. */
  public static void write(Path folder, PhantomOptions options) throws IOException {
    for (int number = 0; number < options.patients(); number++) {
      Patient patient = patient(number, options);
      Files.createDirectories(folder.resolve(patient.name()));
      for (Slice slice : patient.slices()) {
        write(folder, slice);
      }
    }
  }

  private static void write(Path folder, Slice slice) throws IOException {
    Path image = folder.resolve(slice.source());
    TiffFile.write(image, slice.width(), slice.height(), CHANNELS, slice.image());
    byte[] mask = slice.mask().clone();
    for (int i = 0; i < mask.length; i++) {
      mask[i] = (byte) (mask[i] * 255);
    }
    String maskName = image.getFileName().toString().replace(".tif", "_mask.tif");
    TiffFile.write(image.resolveSibling(maskName), slice.width(), slice.height(), 1, mask);
  }

  private static Patient patient(int number, PhantomOptions options) {
    String name = "TCGA_PH_%04d_20260101".formatted(number + 1);
    Scanner scanner = new Scanner(options, number);
    int size = options.size();
    List<Slice> slices =
        IntStream.range(0, options.slices())
            .mapToObj(
                index -> {
                  byte[] image = new byte[size * size * CHANNELS];
                  byte[] mask = new byte[size * size];
                  scanner.scan(index, image, mask);
                  Path source = Path.of(name, name + "_" + (index + 1) + ".tif");
                  return new Slice(name, index + 1, source, size, size, CHANNELS, image, mask);
                })
            .toList();
    return new Patient(name, slices);
  }
}
