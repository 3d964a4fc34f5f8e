package io.github.glia.unet.data;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * What a network is to look at: slices without masks.
 *
 * <p>A slice is normalised by the intensities of its whole volume, as in training. So an image file
 * that is given alone brings the other slices of its volume from its folder: those whose names
 * differ in the number alone. The answer for a slice is then the same as for its folder.
 *
 * @param notes what a user should know of how they were read, a line each
 * @param problems the files of a folder that were left out
 */
public record ToPredict(List<Slice> slices, List<String> notes, List<Problem> problems) {
  private static final int MOST_NEIGHBOURS = 512;
  private static final long MOST_NEIGHBOUR_BYTES = 64L << 20;

  public ToPredict {
    slices = List.copyOf(slices);
    notes = List.copyOf(notes);
    problems = List.copyOf(problems);
  }

  /**
   * What of the user's inputs is read together: image files of one folder; any other input is by
   * itself.
   */
  public static List<List<Path>> together(Collection<Path> inputs) {
    Map<Path, List<Path>> groups = new LinkedHashMap<>();
    for (Path input : inputs) {
      Path place = input.toAbsolutePath().normalize();
      Path key = isImage(place) ? place.getParent() : place;
      groups.computeIfAbsent(key, path -> new ArrayList<>()).add(input);
    }
    return List.copyOf(groups.values());
  }

  /**
   * Reads inputs that belong {@link #together}: a folder, a NIfTI volume with the other sequences
   * of its case, or image files of one folder.
   *
   * @param out where predictions are written: in a folder that is read, no slices
   * @throws IOException if a file that was named cannot be read, or nothing of a folder, or, where
   *     options are strict, any file of it
   */
  public static ToPredict read(List<Path> inputs, ReadOptions options, Path out)
      throws IOException {
    Path first = inputs.get(0);
    if (isImage(first.toAbsolutePath().normalize())) {
      return files(inputs, options);
    }
    DataSet found =
        DataFolder.readImages(
            first, Files.isDirectory(first) ? options : options.strictly(), Set.of(out));
    List<Slice> slices =
        found.patients().stream().flatMap(patient -> patient.slices().stream()).toList();
    boolean ofVolumes = NiftiFile.isNamedLikeOne(slices.get(0).source());
    return new ToPredict(
        slices,
        ofVolumes && !options.modalities().isEmpty()
            ? List.of("sequences that are taken: " + String.join(", ", options.modalities()))
            : List.of(),
        found.problems());
  }

  private static boolean isImage(Path file) {
    return Files.isRegularFile(file) && !NiftiFile.isNamedLikeOne(file);
  }

  private static ToPredict files(List<Path> inputs, ReadOptions options) throws IOException {
    List<String> notes = new ArrayList<>();
    TreeSet<Path> asked = new TreeSet<>();
    inputs.forEach(input -> asked.add(input.toAbsolutePath().normalize()));
    List<Path> masks = asked.stream().filter(PairedImages::isMask).toList();
    asked.removeAll(masks);
    if (asked.isEmpty()) {
      throw new IOException(inputs.get(0) + " is a mask, by its name; give the image");
    }
    if (!masks.isEmpty()) {
      notes.add("left out: files that are masks by their names (" + masks.size() + ")");
    }
    TreeSet<Path> all = new TreeSet<>(asked);
    List<Path> neighbours = neighbours(asked);
    if (areOneVolume(neighbours)) {
      all.addAll(neighbours);
    }
    ProblemList problems = new ProblemList(false);
    Path folder = asked.first().getParent();
    List<Kept<Patient>> read =
        new PairedImages(folder, options, false, problems)
            .read(all, patient -> true, new HeapBudget(folder, Runtime.getRuntime().maxMemory()));
    for (Problem problem : problems.list()) {
      if (asked.contains(problem.file())) {
        throw new IOException(problem.toString());
      }
      notes.add("not used to normalise the others: " + problem);
    }
    List<Slice> slices = new ArrayList<>();
    for (Kept<Patient> kept : read) {
      Patient patient = kept.value();
      List<Slice> wanted =
          patient.slices().stream().filter(slice -> asked.contains(slice.source())).toList();
      slices.addAll(wanted);
      if (patient.slices().size() == 1 && options.normalization() == Normalization.PERCENTILE) {
        notes.add(
            wanted.get(0).source().getFileName()
                + ": normalised by its own intensities alone, because no other slice of its volume"
                + " was found beside it; in its volume the answer may differ");
      }
    }
    return new ToPredict(slices, notes, List.of());
  }

  /** The other slices of the volumes that these images are of. */
  private static List<Path> neighbours(Set<Path> images) throws IOException {
    Path folder = images.iterator().next().getParent();
    Set<String> patients = images.stream().map(PairedImages::patientOf).collect(Collectors.toSet());
    Set<String> stems = images.stream().map(PairedImages::stem).collect(Collectors.toSet());
    Set<String> endings = images.stream().map(ToPredict::ending).collect(Collectors.toSet());
    try (Stream<Path> files = Files.list(folder)) {
      return files
          .filter(file -> ImageFile.isNamedLikeOne(file) && Files.isRegularFile(file))
          .filter(file -> !DataFolder.isHidden(file) && !PairedImages.isMask(file))
          .filter(file -> endings.contains(ending(file)))
          .filter(file -> !stems.contains(PairedImages.stem(file)))
          .filter(file -> patients.contains(PairedImages.patientOf(file)))
          .toList();
    }
  }

  /** A folder of a thousand photographs holds no volume. */
  private static boolean areOneVolume(List<Path> files) throws IOException {
    long bytes = 0;
    for (Path file : files) {
      bytes += Files.size(file);
    }
    return files.size() <= MOST_NEIGHBOURS && bytes <= MOST_NEIGHBOUR_BYTES;
  }

  private static String ending(Path file) {
    String name = file.getFileName().toString();
    return name.substring(PairedImages.stem(file).length()).toLowerCase(Locale.ROOT);
  }
}
