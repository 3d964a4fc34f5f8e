package io.github.glia.unet.data;

import java.io.IOException;
import java.nio.file.FileVisitOption;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Collection;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.function.Predicate;

/**
 * Reads MRI slices from a folder, whichever of these it is:
 *
 * <ul>
 *   <li>the LGG set of Kaggle, {@code kaggle_3m/TCGA_…/TCGA_…_12.tif} and {@code …_12_mask.tif};
 *   <li>BraTS cases in NIfTI, {@code CASE_flair.nii.gz} and so on, with {@code CASE_seg.nii.gz},
 *       whose labels become one mask;
 *   <li>any folder of TIFF, PNG or JPEG images with {@code _mask} files beside them.
 * </ul>
 *
 * <p>What cannot be read is listed in the data set's problems, or stops the reading where the
 * options are strict. A folder of which nothing can be read is an error.
 */
public final class DataFolder {
  private static final int DEEPEST = 8;

  private DataFolder() {}

  /** Images with their masks; a folder that does not fit in memory is an error. */
  public static DataSet read(Path folder, ReadOptions options) throws IOException {
    return whole(readFolder(folder, options, Set.of(), budget(folder)));
  }

  /** The same of those of these patients that are there, by their names. */
  public static DataSet read(Path folder, ReadOptions options, Collection<String> patients)
      throws IOException {
    return whole(readFolder(folder, options, Set.copyOf(patients), budget(folder)));
  }

  /**
   * The same as the first, but of each patient only what a function makes of it stays in memory:
   * for folders of any size.
   */
  public static <T> Reading<T> read(Path folder, ReadOptions options, Function<Patient, T> keep)
      throws IOException {
    return readFolder(folder, options, Set.of(), (patient, share) -> keep.apply(patient));
  }

  private static <T> Reading<T> readFolder(
      Path folder, ReadOptions options, Set<String> ofPatients, Keeping<T> keeping)
      throws IOException {
    if (!Files.isDirectory(folder)) {
      throw new IOException(
          folder + (Files.exists(folder) ? " is not a folder" : ": there is no such folder"));
    }
    return read(folder, options, true, ofPatients, Set.of(), keeping);
  }

  private static HeapBudget budget(Path place) {
    return new HeapBudget(place, Runtime.getRuntime().maxMemory());
  }

  private static DataSet whole(Reading<Patient> reading) {
    return new DataSet(reading.description(), reading.patients(), reading.problems());
  }

  /**
   * An image, a volume or a folder of them, without masks. A NIfTI file brings the other sequences
   * of its case from its folder; an image comes alone (see {@link ToPredict}).
   *
   * @param without folders that are not looked into, where they are in the one that is read
   */
  static DataSet readImages(Path fileOrFolder, ReadOptions options, Set<Path> without)
      throws IOException {
    if (!Files.exists(fileOrFolder)) {
      throw new IOException(fileOrFolder + ": there is no such file or folder");
    }
    return whole(read(fileOrFolder, options, false, Set.of(), without, budget(fileOrFolder)));
  }

  /** Of no patients means of all. */
  private static <T> Reading<T> read(
      Path place,
      ReadOptions options,
      boolean withMasks,
      Set<String> ofPatients,
      Set<Path> without,
      Keeping<T> keeping)
      throws IOException {
    Predicate<String> wanted = name -> ofPatients.isEmpty() || ofPatients.contains(name);
    Path root = place.toAbsolutePath().normalize();
    ProblemList problems = new ProblemList(options.strict());
    TreeSet<Path> volumes = new TreeSet<>();
    TreeSet<Path> images = new TreeSet<>();
    if (Files.isDirectory(root)) {
      list(root, without, volumes, images, problems);
    } else if (NiftiFile.isNamedLikeOne(root)) {
      volumes.addAll(siblingsOfCase(root));
    } else {
      images.add(root);
    }
    if (volumes.isEmpty() && images.isEmpty()) {
      throw new IOException(
          place
              + " holds no images: expected TIFF, PNG or JPEG files with _mask files beside them,"
              + " or NIfTI volumes");
    }
    List<Kept<T>> patients;
    if (volumes.isEmpty()) {
      Path base = Files.isDirectory(root) ? root : root.getParent();
      patients = new PairedImages(base, options, withMasks, problems).read(images, wanted, keeping);
    } else {
      for (Path image : images) {
        problems.add(image, "is left out: the folder is read as NIfTI volumes");
      }
      patients = new NiftiCases(options, withMasks, problems).read(volumes, wanted, keeping);
    }
    if (patients.isEmpty()) {
      List<Problem> found = problems.list();
      throw new IOException(
          "nothing in "
              + place
              + " can be read"
              + (ofPatients.isEmpty() ? "" : " of " + String.join(", ", new TreeSet<>(ofPatients)))
              + (found.isEmpty()
                  ? ""
                  : "; the first of " + found.size() + " problems: " + found.get(0)));
    }
    return new Reading<>(
        describe(place, patients, !volumes.isEmpty()),
        patients.stream().map(Kept::value).toList(),
        problems.list());
  }

  private static <T> String describe(Path place, List<Kept<T>> patients, boolean nifti) {
    int slices = patients.stream().mapToInt(patient -> patient.sources().size()).sum();
    return place
        + (nifti ? " (NIfTI): " : " (images): ")
        + plural(patients.size(), "patient")
        + ", "
        + plural(slices, "slice");
  }

  private static String plural(int count, String noun) {
    return count + " " + noun + (count == 1 ? "" : "s");
  }

  /** Files of the same case lie in the same folder and differ in the word for the modality. */
  private static List<Path> siblingsOfCase(Path file) throws IOException {
    String name = NiftiCases.caseOf(file);
    try (var siblings = Files.list(file.getParent())) {
      return siblings
          .filter(NiftiFile::isNamedLikeOne)
          .filter(sibling -> NiftiCases.caseOf(sibling).equals(name))
          .toList();
    }
  }

  private static void list(
      Path root, Set<Path> without, Set<Path> volumes, Set<Path> images, ProblemList problems)
      throws IOException {
    Files.walkFileTree(
        root,
        EnumSet.of(FileVisitOption.FOLLOW_LINKS),
        DEEPEST,
        new SimpleFileVisitor<Path>() {
          @Override
          public FileVisitResult preVisitDirectory(Path folder, BasicFileAttributes attributes)
              throws IOException {
            boolean passed = !folder.equals(root) && (isHidden(folder) || isOneOf(without, folder));
            return passed ? FileVisitResult.SKIP_SUBTREE : FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
            if (!isHidden(file) && NiftiFile.isNamedLikeOne(file)) {
              volumes.add(file);
            } else if (!isHidden(file) && ImageFile.isNamedLikeOne(file)) {
              images.add(file);
            }
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult visitFileFailed(Path file, IOException failure)
              throws IOException {
            problems.add(file, "cannot be opened: " + failure);
            return FileVisitResult.CONTINUE;
          }
        });
  }

  private static boolean isOneOf(Set<Path> folders, Path folder) throws IOException {
    for (Path other : folders) {
      if (Files.exists(other) && Files.isSameFile(other, folder)) {
        return true;
      }
    }
    return false;
  }

  /** Such as the {@code ._x.tif} that a Mac leaves beside {@code x.tif}. */
  static boolean isHidden(Path file) {
    return file.getFileName().toString().startsWith(".");
  }
}
