package io.github.glia.unet.data;

import io.github.glia.nn.WholeFile;
import io.github.glia.tensor.Philox;
import io.github.glia.unet.json.Json;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;

/** Divides data into what trains, what chooses the model and what tests it. */
public final class Splits {
  private static final long PATIENT_STREAM = 0x53_504c_4954L;

  private Splits() {}

  /**
   * Puts each patient, with all slices, into one part.
   *
   * @param proportions per cent for training, validation and, if given, test: "80/20" or "70/15/15"
   */
  public static Split byPatient(DataSet data, String proportions, long seed) {
    List<String> names = shuffled(namesOf(data), seed);
    int[] counts = counts(names.size(), proportions, "patients");
    int validation = counts[0] + counts[1];
    return new Split(
        names.subList(0, counts[0]),
        names.subList(counts[0], validation),
        names.subList(validation, names.size()));
  }

  /**
   * The patients in equal parts, of which one validates and the others train; over all folds, each
   * patient validates once.
   *
   * @param fold 1 to folds
   */
  public static Split fold(DataSet data, int folds, int fold, long seed) {
    List<String> names = shuffled(namesOf(data), seed);
    if (folds < 2 || folds > names.size()) {
      throw new IllegalArgumentException(
          folds + " folds of " + names.size() + " patients: expected 2 to as many as patients");
    }
    if (fold < 1 || fold > folds) {
      throw new IllegalArgumentException("fold " + fold + ": expected 1 to " + folds);
    }
    int first = (fold - 1) * names.size() / folds;
    int end = fold * names.size() / folds;
    List<String> train = new ArrayList<>(names.subList(0, first));
    train.addAll(names.subList(end, names.size()));
    return new Split(train, names.subList(first, end), List.of());
  }

  /**
   * Deals out slices, whoever they are of. This leaks: neighbouring slices of a tumour look alike,
   * so that a network is tested on what it has all but seen, and figures come out far too good. It
   * is here to compare with those who did it.
   *
   * @return training, validation and test; the last may be without patients
   */
  public static List<DataSet> bySlice(DataSet data, String proportions, long seed) {
    List<Slice> slices =
        shuffled(
            data.patients().stream().flatMap(patient -> patient.slices().stream()).toList(), seed);
    int[] counts = counts(slices.size(), proportions, "slices");
    List<DataSet> parts = new ArrayList<>();
    int start = 0;
    for (int count : counts) {
      Set<Slice> chosen = new HashSet<>(slices.subList(start, start + count));
      List<Patient> patients = new ArrayList<>();
      for (Patient patient : data.patients()) {
        List<Slice> kept = patient.slices().stream().filter(chosen::contains).toList();
        if (!kept.isEmpty()) {
          patients.add(new Patient(patient.name(), kept));
        }
      }
      parts.add(new DataSet(data.description() + ", split by slice", patients, data.problems()));
      start += count;
    }
    return parts;
  }

  /** Writes a split as JSON, so that a result can be repeated. */
  public static void write(Split split, Path file) throws IOException {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("train", split.train());
    json.put("validation", split.validation());
    json.put("test", split.test());
    WholeFile.write(file, Json.write(json));
  }

  /**
   * Reads a split that was written.
   *
   * @throws IOException if there is none, or a patient is in two parts of it; the message names it
   */
  public static Split read(Path file) throws IOException {
    try {
      if (!(Json.parse(Files.readString(file)) instanceof Map<?, ?> json)) {
        throw new IllegalArgumentException("expected an object with train, validation and test");
      }
      return new Split(names(json, "train"), names(json, "validation"), names(json, "test"));
    } catch (CharacterCodingException wrong) {
      throw new IOException(file + ": is no split: it is no text in UTF-8", wrong);
    } catch (IllegalArgumentException wrong) {
      throw new IOException(file + ": is no split: " + wrong.getMessage(), wrong);
    }
  }

  /** Refuses a split that names patients whom the data does not have. */
  public static void check(Split split, DataSet data) throws IOException {
    Set<String> unknown = split.patients();
    namesOf(data).forEach(unknown::remove);
    if (!unknown.isEmpty()) {
      throw new IOException(
          "the split names patients who are not in "
              + data.description()
              + ": "
              + String.join(", ", unknown));
    }
  }

  private static List<String> names(Map<?, ?> json, String part) {
    if (!(json.get(part) instanceof List<?> list)) {
      throw new IllegalArgumentException("expected a list of patients under \"" + part + "\"");
    }
    List<String> names = new ArrayList<>();
    for (Object name : list) {
      if (!(name instanceof String text)) {
        throw new IllegalArgumentException("\"" + part + "\" holds " + name + ", which is no name");
      }
      names.add(text);
    }
    return names;
  }

  private static List<String> namesOf(DataSet data) {
    return data.patients().stream().map(Patient::name).sorted().toList();
  }

  /** Fisher and Yates. */
  private static <T> List<T> shuffled(List<T> items, long seed) {
    Philox random = new Philox(seed, PATIENT_STREAM);
    List<T> order = new ArrayList<>(items);
    for (int last = order.size() - 1; last > 0; last--) {
      int other = random.nextInt(last + 1);
      T moved = order.set(last, order.get(other));
      order.set(other, moved);
    }
    return order;
  }

  /**
   * How many go into each of three parts: in proportion, but none left empty that was asked for.
   */
  private static int[] counts(int total, String proportions, String what) {
    int[] percent = percentages(proportions);
    int parts = (int) Arrays.stream(percent).filter(share -> share > 0).count();
    if (total < parts) {
      throw new IllegalArgumentException(
          "split "
              + proportions
              + " needs at least "
              + parts
              + " "
              + what
              + "; there are "
              + total);
    }
    int[] counts = new int[3];
    for (int i = 0; i < 3; i++) {
      counts[i] = percent[i] == 0 ? 0 : Math.max(1, Math.round(total * percent[i] / 100f));
    }
    int largest = IntStream.range(0, 3).reduce(0, (best, i) -> counts[i] > counts[best] ? i : best);
    counts[largest] += total - Arrays.stream(counts).sum();
    return counts;
  }

  private static int[] percentages(String proportions) {
    String[] parts = proportions.trim().split("/", -1);
    int[] percent = new int[3];
    int sum = 0;
    for (int i = 0; i < parts.length; i++) {
      if (parts.length > 3 || parts.length < 2 || !parts[i].trim().matches("\\d{1,3}")) {
        throw new IllegalArgumentException(
            "split " + proportions + ": expected per cents such as 80/20 or 70/15/15");
      }
      percent[i] = Integer.parseInt(parts[i].trim());
      sum += percent[i];
    }
    if (sum != 100 || percent[0] == 0) {
      throw new IllegalArgumentException(
          "split " + proportions + ": expected a sum of 100, and something to train with");
    }
    return percent;
  }
}
