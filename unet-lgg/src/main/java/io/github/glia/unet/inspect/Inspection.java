package io.github.glia.unet.inspect;

import io.github.glia.unet.data.DataFolder;
import io.github.glia.unet.data.DataSet;
import io.github.glia.unet.data.Problem;
import io.github.glia.unet.data.ReadOptions;
import io.github.glia.unet.data.StoredRange;
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

  private final String description;
  private final List<PatientFigures> figures;
  private final List<Problem> problems;
  private final List<ChannelRange> ranges = new ArrayList<>();

  private Inspection(String description, List<PatientFigures> figures, List<Problem> problems) {
    this.description = description;
    this.figures = figures;
    this.problems = problems;
    int channels = figures.isEmpty() ? 0 : figures.get(0).channels().size();
    for (int c = 0; c < channels; c++) {
      int channel = c;
      figures.stream()
          .map(patient -> patient.channels().get(channel))
          .reduce(ChannelCounts::plus)
          .map(ChannelRange::of)
          .ifPresent(ranges::add);
    }
  }

  public static Inspection of(DataSet data) {
    return new Inspection(
        data.description(),
        data.patients().stream().map(PatientFigures::of).toList(),
        data.problems());
  }

  /** The same of a folder, one patient in memory at a time. */
  public static Inspection of(Path folder, ReadOptions options) throws IOException {
    var reading = DataFolder.read(folder, options, PatientFigures::of);
    return new Inspection(reading.description(), reading.patients(), reading.problems());
  }

  public List<PatientSummary> patients() {
    return figures.stream().map(PatientFigures::summary).toList();
  }

  public int slices() {
    return patients().stream().mapToInt(PatientSummary::slices).sum();
  }

  /** Slices with tumour. */
  public int positive() {
    return patients().stream().mapToInt(PatientSummary::positive).sum();
  }

  /** The share of all pixels that are tumour. */
  public double tumourShare() {
    long pixels = figures.stream().mapToLong(PatientFigures::pixels).sum();
    long tumour = patients().stream().mapToLong(PatientSummary::tumourPixels).sum();
    return pixels == 0 ? 0 : (double) tumour / pixels;
  }

  public Map<String, Object> toJson() {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("description", description);
    Map<String, Object> totals = new LinkedHashMap<>();
    totals.put("patients", figures.size());
    totals.put("slices", slices());
    totals.put("positive", positive());
    totals.put("negative", slices() - positive());
    totals.put("tumourShare", tumourShare());
    json.put("totals", totals);
    json.put("channels", ranges.stream().map(ChannelRange::toJson).toList());
    json.put("patients", patients().stream().map(Inspection::toJson).toList());
    json.put("skipped", problems.stream().map(Inspection::toJson).toList());
    return json;
  }

  public String toText() {
    StringBuilder text = new StringBuilder();
    line(text, "%s", description);
    line(
        text,
        "%d with tumour, %d without; tumour is %.2f %% of the pixels",
        positive(),
        slices() - positive(),
        100 * tumourShare());
    line(text, "%nchannel   min    1%%  median   99%%   max   mean   of 0 to 255 (in the files)");
    for (int c = 0; c < ranges.size(); c++) {
      ChannelRange range = ranges.get(c);
      line(
          text,
          "%7d %5d %5d %7d %5d %5d %6.1f   %s",
          c,
          range.smallest(),
          range.onePercent(),
          range.median(),
          range.ninetyNinePercent(),
          range.largest(),
          range.mean(),
          range.stored().isKnown() ? words(range.stored()) : "");
    }
    int width = patients().stream().mapToInt(patient -> patient.name().length()).max().orElse(7);
    String row = "%-" + Math.max(7, width) + "s %7s %9s %11s  %s";
    line(text, "%n" + row, "patient", "slices", "positive", "size", "missing");
    for (PatientSummary patient : patients()) {
      line(
          text,
          row,
          patient.name(),
          patient.slices(),
          patient.positive(),
          patient.size(),
          String.join(", ", patient.missing()));
    }
    if (!problems.isEmpty()) {
      line(
          text,
          problems.size() == 1 ? "%n%d file is left out:" : "%n%d files are left out:",
          problems.size());
      problems.forEach(problem -> line(text, "  %s", problem));
    }
    return text.toString();
  }

  /** Draws for each patient the slice with the most tumour. */
  public void writeContactSheet(Path png) throws IOException {
    ContactSheet.write(figures, png);
  }

  private static void line(StringBuilder text, String format, Object... values) {
    text.append(String.format(Locale.ROOT, format, values)).append(System.lineSeparator());
  }

  private static String words(StoredRange range) {
    return "(" + number(range.low()) + " to " + number(range.high()) + ")";
  }

  /** As few digits as it takes. */
  private static String number(float value) {
    return value == (long) value ? Long.toString((long) value) : Float.toString(value);
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
