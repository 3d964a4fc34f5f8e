package io.github.glia.unet.phantom;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * The heads of {@link Phantoms}, written as BraTS is: a folder a case, in it the brain without its
 * skull in four sequences as NIfTI, and the parts of the tumour.
 */
public final class BratsPhantoms {
  /** Of one volume: what {@code io.github.glia.unet.data} reads at most. */
  private static final long MOST_VOXELS = 32 << 20;

  private BratsPhantoms() {}

  /**
   * Writes the cases.
   *
   * @throws IllegalArgumentException if they are too large
   */
  public static void write(Path folder, PhantomOptions options) throws IOException {
    long voxels = (long) options.slices() * options.size() * options.size();
    if (voxels > MOST_VOXELS) {
      throw new IllegalArgumentException(
          "%d slices of %d×%d pixels are more than the %d voxels of the largest volume"
              .formatted(options.slices(), options.size(), options.size(), MOST_VOXELS));
    }
    for (int number = 0; number < options.patients(); number++) {
      String name = "BraTS_Phantom_%04d".formatted(number + 1);
      write(Files.createDirectories(folder.resolve(name)), options, number);
    }
  }

  private static void write(Path folder, PhantomOptions options, int number) throws IOException {
    Scanner scanner = new Scanner(options, number);
    BratsVolumes volumes = new BratsVolumes(options);
    IntStream.range(0, options.slices()).parallel().forEach(slice -> scanner.scan(slice, volumes));
    NiftiGrid grid =
        new NiftiGrid(
            options.size(),
            options.slices(),
            scanner.millimetresPerPixel(),
            scanner.millimetresPerSlice(),
            scanner.lowest());
    Map<String, short[]> files =
        Map.of(
            "t1", volumes.t1,
            "t1ce", volumes.t1ce,
            "t2", volumes.t2,
            "flair", volumes.flair,
            "seg", volumes.labels);
    for (Map.Entry<String, short[]> file : files.entrySet()) {
      String name = folder.getFileName() + "_" + file.getKey() + ".nii.gz";
      NiftiFile.write(folder.resolve(name), grid, file.getValue());
    }
  }
}
