package io.github.glia.unet.data;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * Images {@code X.tif} with masks {@code X_mask.tif} beside them. They belong together by their
 * names, never by their places in a sorted list, where {@code _1.tif} comes before {@code _10.tif}
 * but {@code _1_mask.tif} after {@code _10_mask.tif}.
 *
 * <p>Images of one folder are of one patient, as in the LGG set; where all lie in one folder, a
 * patient is what comes before the number at the end of the name. No patient is read from two
 * folders: of two copies of a set under one root, the first is.
 */
final class PairedImages {
  private static final Pattern MASK = Pattern.compile("(.+)_mask", Pattern.CASE_INSENSITIVE);
  private static final Pattern NUMBERED = Pattern.compile("(.*?)[_\\- .]?(\\d{1,9})");
  private static final Pattern LGG = Pattern.compile("(TCGA_\\w+_\\d{8})_\\d+");

  /** About the bytes that a hundred slices take while they are normalised. */
  private static final long PATIENT = 128L << 20;

  /** An image and its mask; either may be missing. */
  private static final class Pair {
    Path image;
    Path mask;
  }

  private final Path root;
  private final ReadOptions options;
  private final boolean withMasks;
  private final ProblemList problems;

  PairedImages(Path root, ReadOptions options, boolean withMasks, ProblemList problems) {
    this.root = root;
    this.options = options;
    this.withMasks = withMasks;
    this.problems = problems;
  }

  static boolean isMask(Path file) {
    return MASK.matcher(stem(file)).matches();
  }

  <T> List<Kept<T>> read(Collection<Path> files, Predicate<String> wanted, Keeping<T> keeping)
      throws IOException {
    Map<String, List<Path>> images = new TreeMap<>();
    Map<String, Set<Path>> folders = new TreeMap<>();
    Map<Path, Pair> pairs = pairs(files);
    boolean flat = files.stream().map(Path::getParent).distinct().count() == 1;
    for (Pair pair : pairs.values()) {
      if (pair.image != null && belongsHere(pair.image)) {
        String patient = patientOf(pair.image, flat);
        if (wanted.test(patient) && isInFirstFolder(patient, pair.image.getParent(), folders)) {
          images.computeIfAbsent(patient, key -> new ArrayList<>()).add(pair.image);
        }
      }
    }
    int all = images.values().stream().mapToInt(List::size).sum();
    int done = 0;
    List<Supplier<ReadPatient>> tasks = new ArrayList<>();
    images.forEach((patient, its) -> tasks.add(() -> read(patient, its, pairs)));
    List<Kept<T>> patients = new ArrayList<>();
    int threads = HeapBudget.threads(options.threads(), PATIENT);
    try (Ahead<ReadPatient> ahead = new Ahead<>(tasks, threads, 2 * threads)) {
      while (ahead.hasNext()) {
        ReadPatient read = ahead.next();
        problems.addAll(read.problems);
        done += read.files;
        if (read.patient.isPresent()) {
          patients.add(Kept.of(read.patient.get(), (double) done / all, keeping));
        }
      }
    }
    return withoutOtherChannels(patients);
  }

  /** What became of the files of a patient. */
  private record ReadPatient(int files, Optional<Patient> patient, List<Problem> problems) {}

  private ReadPatient read(String patient, List<Path> files, Map<Path, Pair> pairs) {
    List<Problem> found = new ArrayList<>();
    List<RawSlice> slices = new ArrayList<>();
    for (Path image : files) {
      read(image, pairs.get(withoutEnding(image)).mask, slices, found);
    }
    refuseOtherChannels(slices, found);
    slices.sort(Comparator.comparingInt(RawSlice::number).thenComparing(RawSlice::source));
    return new ReadPatient(
        files.size(),
        slices.isEmpty()
            ? Optional.empty()
            : Optional.of(Intensity.normalise(patient, slices, options)),
        found);
  }

  /** Images and masks by the name that they share. */
  private Map<Path, Pair> pairs(Collection<Path> files) throws IOException {
    Map<Path, Pair> pairs = new TreeMap<>();
    for (Path file : files) {
      Matcher mask = MASK.matcher(stem(file));
      boolean isMask = mask.matches();
      if (isMask && !withMasks) {
        continue;
      }
      Path key = isMask ? file.resolveSibling(mask.group(1)) : withoutEnding(file);
      Pair pair = pairs.computeIfAbsent(key, name -> new Pair());
      Path earlier = isMask ? pair.mask : pair.image;
      if (earlier != null) {
        problems.add(file, "has the name of " + earlier.getFileName() + "; only that one is used");
      } else if (isMask) {
        pair.mask = file;
      } else {
        pair.image = file;
      }
    }
    if (withMasks) {
      for (Pair pair : pairs.values()) {
        if (pair.image == null) {
          problems.add(pair.mask, "mask without an image (a TIFF, PNG or JPEG file)");
        } else if (pair.mask == null) {
          problems.add(pair.image, "image without a mask (" + stem(pair.image) + "_mask)");
          pair.image = null;
        }
      }
    }
    return pairs;
  }

  /** Refuses a slice of the LGG set in the folder of another patient. */
  private boolean belongsHere(Path image) throws IOException {
    Matcher lgg = LGG.matcher(stem(image));
    String folder = image.getParent().getFileName().toString();
    if (lgg.matches() && folder.startsWith("TCGA_") && !folder.equals(lgg.group(1))) {
      problems.add(image, "is in the folder of patient " + folder + ", but named as another's");
      return false;
    }
    return true;
  }

  /** Refuses the other folders of a patient, which are as likely copies of the first. */
  private boolean isInFirstFolder(String patient, Path folder, Map<String, Set<Path>> folders)
      throws IOException {
    Set<Path> its = folders.computeIfAbsent(patient, key -> new LinkedHashSet<>());
    boolean isNew = its.add(folder);
    Path first = its.iterator().next();
    if (isNew && !folder.equals(first)) {
      problems.add(
          folder,
          "is a second folder of patient "
              + patient
              + ", beside "
              + first
              + "; only that one is used: name the folder of one copy of the data, or put the"
              + " slices of a patient into one folder");
    }
    return folder.equals(first);
  }

  /** Whose image it is, among others of one folder. */
  static String patientOf(Path image) {
    Matcher numbered = NUMBERED.matcher(stem(image));
    if (!numbered.matches()) {
      return stem(image);
    }
    return numbered.group(1).isEmpty()
        ? image.getParent().getFileName().toString()
        : numbered.group(1);
  }

  private String patientOf(Path image, boolean flat) {
    Path folder = image.getParent();
    if (!flat && !folder.equals(root)) {
      Path relative = root.relativize(folder);
      boolean single =
          relative.getNameCount() == 1 || folder.getFileName().toString().startsWith("TCGA_");
      return single ? folder.getFileName().toString() : relative.toString().replace('\\', '/');
    }
    return patientOf(image);
  }

  private void read(Path image, Path mask, List<RawSlice> slices, List<Problem> found) {
    Matcher numbered = NUMBERED.matcher(stem(image));
    int number = numbered.matches() ? Integer.parseInt(numbered.group(2)) : 0;
    Path reading = image;
    try {
      Pixels pixels = ImageFile.read(image);
      reading = mask;
      byte[] tumour = mask == null ? null : MaskFile.read(mask, pixels);
      slices.add(new RawSlice(number, image, pixels, tumour).resized(options.size()));
    } catch (IOException failure) {
      found.add(Problem.of(reading, failure));
    }
  }

  /** A volume has as many channels in each slice. */
  private static void refuseOtherChannels(List<RawSlice> slices, List<Problem> found) {
    int usual = mostCommon(slices.stream().map(slice -> slice.image().channels()).toList());
    for (RawSlice slice : List.copyOf(slices)) {
      if (slice.image().channels() != usual) {
        found.add(new Problem(slice.source(), otherChannels(slice.image().channels(), usual)));
        slices.remove(slice);
      }
    }
  }

  private <T> List<Kept<T>> withoutOtherChannels(List<Kept<T>> patients) throws IOException {
    int usual = mostCommon(patients.stream().map(Kept::channels).toList());
    List<Kept<T>> kept = new ArrayList<>();
    for (Kept<T> patient : patients) {
      if (patient.channels() == usual) {
        kept.add(patient);
      } else {
        for (Path source : patient.sources()) {
          problems.add(source, otherChannels(patient.channels(), usual));
        }
      }
    }
    return kept;
  }

  private static String otherChannels(int channels, int usual) {
    return "has " + channels + " channels; the other images have " + usual;
  }

  private static int mostCommon(List<Integer> numbers) {
    return numbers.stream()
        .collect(Collectors.groupingBy(number -> number, TreeMap::new, Collectors.counting()))
        .entrySet()
        .stream()
        .max(Map.Entry.comparingByValue())
        .map(Map.Entry::getKey)
        .orElse(0);
  }

  private static Path withoutEnding(Path file) {
    return file.resolveSibling(stem(file));
  }

  /** The name without its ending, if it has one. */
  static String stem(Path file) {
    String name = file.getFileName().toString();
    int dot = name.lastIndexOf('.');
    return dot < 0 ? name : name.substring(0, dot);
  }
}
