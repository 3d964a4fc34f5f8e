package io.github.glia.unet.inspect;

import io.github.glia.unet.data.DataSet;
import io.github.glia.unet.data.Patient;
import io.github.glia.unet.data.Problem;
import io.github.glia.unet.data.Slice;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * What is in a data set: how much of it, how much tumour, what is missing, and how bright it is.
 * Intensities are those after normalisation; read with {@code PLAIN} for those of the files.
 */
public final class Inspection {
  private static final int LGG_CHANNELS = 3;
  private static final int LGG_FLAIR = 1;

  /**
   * A patient's figures.
   *
   * @param missing the sequences that are copies of another
   */
  public record PatientSummary(
      String name,
      int slices,
      int positive,
      long tumourPixels,
      String size,
      List<String> missing) {}

  private final DataSet data;
  private final List<PatientSummary> patients;
  private final List<ChannelRange> ranges = new ArrayList<>();

  private Inspection(DataSet data) {
    this.data = data;
    patients = data.patients().stream().map(Inspection::summary).toList();
    int channels = data.patients().isEmpty() ? 0 : first(data).channels();
    for (int c = 0; c < channels; c++) {
      ranges.add(ChannelRange.of(data, c));
    }
  }

  public static Inspection of(DataSet data) {
    return new Inspection(data);
  }

  public List<PatientSummary> patients() {
    return patients;
  }

  public int slices() {
    return patients.stream().mapToInt(PatientSummary::slices).sum();
  }

  /** Slices with tumour. */
  public int positive() {
    return patients.stream().mapToInt(PatientSummary::positive).sum();
  }

  /** The share of all pixels that are tumour. */
  public double tumourShare() {
    long pixels =
        data.patients().stream()
            .flatMap(patient -> patient.slices().stream())
            .mapToLong(slice -> (long) slice.height() * slice.width())
            .sum();
    long tumour = patients.stream().mapToLong(PatientSummary::tumourPixels).sum();
    return pixels == 0 ? 0 : (double) tumour / pixels;
  }

  public Map<String, Object> toJson() {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("description", data.description());
    Map<String, Object> totals = new LinkedHashMap<>();
    totals.put("patients", patients.size());
    totals.put("slices", slices());
    totals.put("positive", positive());
    totals.put("negative", slices() - positive());
    totals.put("tumourShare", tumourShare());
    json.put("totals", totals);
    json.put("channels", ranges.stream().map(ChannelRange::toJson).toList());
    json.put("patients", patients.stream().map(Inspection::toJson).toList());
    json.put("skipped", data.problems().stream().map(Inspection::toJson).toList());
    return json;
  }

  public String toText() {
    StringBuilder text = new StringBuilder();
    line(text, "%s", data.description());
    line(
        text,
        "%d patients, %d slices: %d with tumour, %d without; tumour is %.2f %% of the pixels",
        patients.size(),
        slices(),
        positive(),
        slices() - positive(),
        100 * tumourShare());
    line(text, "%nchannel   min    1%%  median   99%%   max   mean   (0 to 255)");
    for (int c = 0; c < ranges.size(); c++) {
      ChannelRange range = ranges.get(c);
      line(
          text,
          "%7d %5d %5d %7d %5d %5d %6.1f",
          c,
          range.smallest(),
          range.onePercent(),
          range.median(),
          range.ninetyNinePercent(),
          range.largest(),
          range.mean());
    }
    int width = patients.stream().mapToInt(patient -> patient.name().length()).max().orElse(7);
    String row = "%-" + Math.max(7, width) + "s %7s %9s %11s  %s";
    line(text, "%n" + row, "patient", "slices", "positive", "size", "missing");
    for (PatientSummary patient : patients) {
      line(
          text,
          row,
          patient.name(),
          patient.slices(),
          patient.positive(),
          patient.size(),
          String.join(", ", patient.missing()));
    }
    if (!data.problems().isEmpty()) {
      line(text, "%n%d files are left out:", data.problems().size());
      data.problems().forEach(problem -> line(text, "  %s", problem));
    }
    return text.toString();
  }

  /** Draws for each patient the slice with the most tumour. */
  public void writeContactSheet(Path png) throws IOException {
    ContactSheet.write(data, png);
  }

  private static void line(StringBuilder text, String format, Object... values) {
    text.append(String.format(Locale.ROOT, format, values)).append(System.lineSeparator());
  }

  private static Slice first(DataSet data) {
    return data.patients().get(0).slices().get(0);
  }

  private static PatientSummary summary(Patient patient) {
    Slice first = patient.slices().get(0);
    boolean oneSize =
        patient.slices().stream()
            .allMatch(slice -> slice.height() == first.height() && slice.width() == first.width());
    return new PatientSummary(
        patient.name(),
        patient.slices().size(),
        (int) patient.slices().stream().filter(Slice::isPositive).count(),
        patient.slices().stream().mapToLong(Slice::tumourPixels).sum(),
        oneSize ? first.width() + "×" + first.height() + "×" + first.channels() : "mixed",
        missing(patient));
  }

  /** A sequence that is missing has another's picture: in the LGG set, that of FLAIR. */
  private static List<String> missing(Patient patient) {
    int channels = patient.slices().get(0).channels();
    List<String> missing = new ArrayList<>();
    if (channels == LGG_CHANNELS) {
      for (int c : new int[] {0, 2}) {
        if (equalChannels(patient, c, LGG_FLAIR)) {
          missing.add(c == 0 ? "pre-contrast (is FLAIR)" : "post-contrast (is FLAIR)");
        }
      }
      return missing;
    }
    for (int c = 1; c < channels; c++) {
      for (int other = 0; other < c; other++) {
        if (equalChannels(patient, c, other)) {
          missing.add("channel " + c + " (is channel " + other + ")");
        }
      }
    }
    return missing;
  }

  private static boolean equalChannels(Patient patient, int a, int b) {
    for (Slice slice : patient.slices()) {
      byte[] image = slice.image();
      for (int i = 0; i < image.length; i += slice.channels()) {
        if (image[i + a] != image[i + b]) {
          return false;
        }
      }
    }
    return true;
  }

  private static Map<String, Object> toJson(PatientSummary patient) {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("name", patient.name());
    json.put("slices", patient.slices());
    json.put("positive", patient.positive());
    json.put("tumourPixels", patient.tumourPixels());
    json.put("size", patient.size());
    json.put("missing", patient.missing());
    return json;
  }

  private static Map<String, Object> toJson(Problem problem) {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("file", problem.file().toString());
    json.put("reason", problem.reason());
    return json;
  }
}
