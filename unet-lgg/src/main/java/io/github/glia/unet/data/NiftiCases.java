package io.github.glia.unet.data;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Predicate;
import java.util.function.Supplier;

/**
 * BraTS cases: {@code CASE_t1.nii.gz}, {@code CASE_t1ce}, {@code CASE_t2}, {@code CASE_flair} and
 * {@code CASE_seg}, under the names that the editions of BraTS gave them.
 */
final class NiftiCases {
  /** About the bytes that reading a case of five volumes takes. */
  private static final long CASE = 600L << 20;

  /** The files of a case. */
  private static final class Case {
    final Map<Modality, Path> volumes = new EnumMap<>(Modality.class);
    Path segmentation;
    Path anyFile;
  }

  private final ReadOptions options;
  private final boolean withMasks;
  private final ProblemList problems;

  NiftiCases(ReadOptions options, boolean withMasks, ProblemList problems) {
    this.options = options;
    this.withMasks = withMasks;
    this.problems = problems;
  }

  <T> List<Kept<T>> read(Collection<Path> files, Predicate<String> wanted, Keeping<T> keeping)
      throws IOException {
    Map<String, Case> cases = new TreeMap<>();
    for (Path file : files) {
      sortIn(file, cases);
    }
    cases.keySet().removeIf(wanted.negate());
    List<Supplier<ReadCase>> tasks = new ArrayList<>();
    cases.forEach((name, found) -> tasks.add(() -> readOrRefuse(name, found)));
    List<Kept<T>> patients = new ArrayList<>();
    int done = 0;
    int threads = HeapBudget.threads(options.threads(), CASE);
    try (Ahead<ReadCase> ahead = new Ahead<>(tasks, threads, threads)) {
      while (ahead.hasNext()) {
        ReadCase read = ahead.next();
        done++;
        if (read.patient == null) {
          problems.addAll(List.of(read.problem));
        } else {
          patients.add(Kept.of(read.patient, (double) done / cases.size(), keeping));
        }
      }
    }
    return patients;
  }

  /** A case, or why there is none; one of the two is null. */
  private record ReadCase(Patient patient, Problem problem) {}

  private ReadCase readOrRefuse(String name, Case files) {
    try {
      return new ReadCase(read(name, files), null);
    } catch (CaseProblem problem) {
      return new ReadCase(null, Problem.of(problem.file, problem));
    }
  }

  /** What a file of a case is called, and for what. */
  private record Name(String caseName, String role) {
    static Optional<Name> of(Path file) {
      String stem = file.getFileName().toString().replaceFirst("(?i)\\.nii(\\.gz)?$", "");
      List<String> words = Arrays.asList(stem.split("[_\\-. ]"));
      for (int i = words.size() - 1; i >= 0; i--) {
        String word = words.get(i);
        if (Modality.named(word).isPresent() || Modality.isSegmentation(word)) {
          int end = words.subList(0, i).stream().mapToInt(before -> before.length() + 1).sum();
          String folder = String.valueOf(file.toAbsolutePath().getParent().getFileName());
          return Optional.of(new Name(end == 0 ? folder : stem.substring(0, end - 1), word));
        }
      }
      return Optional.empty();
    }
  }

  /** The case that a file is of; a file whose name says no modality is its own. */
  static String caseOf(Path file) {
    return Name.of(file).map(Name::caseName).orElse(file.getFileName().toString());
  }

  private void sortIn(Path file, Map<String, Case> cases) throws IOException {
    Optional<Name> name = Name.of(file);
    if (name.isEmpty()) {
      problems.add(file, "its name says no modality: expected …_t1, _t1ce, _t2, _flair or _seg");
      return;
    }
    Case found = cases.computeIfAbsent(name.get().caseName, key -> new Case());
    found.anyFile = file;
    Optional<Modality> modality = Modality.named(name.get().role);
    Path earlier =
        modality.isPresent() ? found.volumes.putIfAbsent(modality.get(), file) : found.segmentation;
    if (earlier != null) {
      problems.add(file, "is a second " + name.get().role + " of its case, beside " + earlier);
    } else if (modality.isEmpty()) {
      found.segmentation = file;
    }
  }

  private Patient read(String name, Case files) throws CaseProblem {
    List<Modality> wanted =
        options.modalities().isEmpty()
            ? List.of(Modality.values())
            : options.modalities().stream().map(Modality::parse).toList();
    NiftiFile mask = null;
    if (withMasks) {
      if (files.segmentation == null) {
        throw new CaseProblem(files.anyFile, "case " + name + " has no segmentation (_seg)");
      }
      mask = volume(files.segmentation);
    }
    List<NiftiFile> volumes = new ArrayList<>();
    for (Modality modality : wanted) {
      Path file = files.volumes.get(modality);
      if (file == null) {
        throw new CaseProblem(
            files.anyFile, "case " + name + " has no " + modality + ", and takes: " + wanted);
      }
      volumes.add(volume(file));
      refuseOtherSize(file, volumes.get(volumes.size() - 1), volumes.get(0));
    }
    if (mask != null) {
      refuseOtherSize(files.segmentation, mask, volumes.get(0));
      refuseOtherLabels(files.segmentation, mask);
    }
    Path source = files.volumes.get(wanted.get(wanted.size() - 1));
    return Intensity.normalise(name, slices(volumes, mask, source), options);
  }

  private static NiftiFile volume(Path file) throws CaseProblem {
    try {
      return NiftiFile.read(file);
    } catch (IOException failure) {
      throw new CaseProblem(file, failure.getMessage());
    }
  }

  private static void refuseOtherSize(Path file, NiftiFile volume, NiftiFile first)
      throws CaseProblem {
    if (volume.depth() != first.depth()
        || volume.height() != first.height()
        || volume.width() != first.width()) {
      throw new CaseProblem(
          file, "is " + sizeOf(volume) + " voxels, but others of its case are " + sizeOf(first));
    }
  }

  private static String sizeOf(NiftiFile volume) {
    return volume.width() + "×" + volume.height() + "×" + volume.depth();
  }

  /** Labels are 1 (core), 2 (oedema) and 4 or, in newer editions, 3 (enhancing tumour). */
  private static void refuseOtherLabels(Path file, NiftiFile mask) throws CaseProblem {
    for (float label : mask.values()) {
      if (label < 0 || label > 4 || label != (int) label) {
        throw new CaseProblem(file, "holds the label " + label + "; expected 0, 1, 2, 3 or 4");
      }
    }
  }

  private List<RawSlice> slices(List<NiftiFile> volumes, NiftiFile mask, Path source) {
    NiftiFile first = volumes.get(0);
    int channels = volumes.size();
    int area = first.height() * first.width();
    List<RawSlice> slices = new ArrayList<>();
    for (int z = 0; z < first.depth(); z++) {
      float[] values = new float[area * channels];
      byte[] labels = mask == null ? null : new byte[area];
      for (int i = 0; i < area; i++) {
        for (int c = 0; c < channels; c++) {
          values[i * channels + c] = volumes.get(c).values()[z * area + i];
        }
        if (labels != null && mask.values()[z * area + i] != 0) {
          labels[i] = 1;
        }
      }
      Pixels image = new Pixels(first.height(), first.width(), channels, values, Float.NaN);
      slices.add(new RawSlice(z, source, image, labels).resized(options.size()));
    }
    return slices;
  }

  /** What is wrong with a case, and with which of its files. */
  private static final class CaseProblem extends IOException {
    private static final long serialVersionUID = 1;
    final transient Path file;

    CaseProblem(Path file, String message) {
      super(message);
      this.file = file;
    }
  }
}
