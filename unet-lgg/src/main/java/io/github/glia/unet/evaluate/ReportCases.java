package io.github.glia.unet.evaluate;

import io.github.glia.unet.data.Slice;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Base64;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import javax.imageio.ImageIO;

/** The pictures of the report. */
final class ReportCases {
  private static final String LEGEND =
      "<p class=\"legend\"><span class=\"patch truth\">truth only (not found)</span> "
          + "<span class=\"patch prediction\">prediction only (no tumour)</span> "
          + "<span class=\"patch both\">agreement</span></p>\n";

  private ReportCases() {}

  /** Of the best, the median and the worst patient the slice with the most tumour. */
  static String ranked(Evaluation evaluation, List<List<Case>> cases, OriginalSize original)
      throws IOException {
    List<PatientResult> results = evaluation.patients();
    List<List<Case>> ascending =
        cases.stream()
            .sorted(Comparator.comparingDouble(c -> results.get(cases.indexOf(c)).scores().dice()))
            .toList();
    Map<List<Case>, String> chosen = new LinkedHashMap<>();
    int last = ascending.size() - 1;
    chosen.put(ascending.get(last), last == 0 ? "The only patient" : "Best");
    chosen.putIfAbsent(ascending.get(last / 2), last == 1 ? "Worst" : "Median");
    chosen.putIfAbsent(ascending.get(0), "Worst");
    StringBuilder html = new StringBuilder();
    html.append(
        "<p>By Dice per volume; of each patient the slice with the most tumour, in FLAIR where the"
            + " data has it.</p>\n");
    html.append(LEGEND).append("<div class=\"cases\">\n");
    for (Map.Entry<List<Case>, String> ranked : chosen.entrySet()) {
      List<Case> patient = ranked.getKey();
      double dice = results.get(cases.indexOf(patient)).scores().dice();
      Case most =
          patient.stream()
              .max(Comparator.comparingInt(ReportCases::tumourThenPrediction))
              .orElseThrow();
      String title = Text.of("%s: Dice %s", ranked.getValue(), Text.ratio(dice));
      html.append(card(title, most.at(original), ""));
    }
    return html.append("</div>\n").toString();
  }

  private static int tumourThenPrediction(Case slice) {
    int truth = slice.result().truth().count();
    return truth > 0
        ? truth + slice.result().truth().height() * slice.result().truth().width()
        : slice.result().prediction().count();
  }

  static String failures(List<List<Case>> cases, OriginalSize original) throws IOException {
    List<Failure> failures = Failure.worst(cases.stream().flatMap(List::stream).toList());
    if (failures.isEmpty()) {
      return "<p>Nothing: in every slice every pixel is right.</p>\n";
    }
    StringBuilder html = new StringBuilder();
    html.append(
        "<p>The slice with the most wrong pixels of each kind of failure, where there is one.</p>\n");
    html.append(LEGEND).append("<div class=\"cases\">\n");
    for (Failure failure : failures) {
      Case slice = failure.slice().at(original);
      html.append(card(failure.kind().label(), slice, failure.explanation()));
    }
    return html.append("</div>\n").toString();
  }

  private static String card(String title, Case slice, String explanation) {
    Slice pixels = slice.slice();
    SliceResult result = slice.result();
    Counts counts = result.scores().counts();
    String name = Text.escape(slice.patient());
    String facts =
        counts.truth() == 0
            ? "no tumour in this slice"
            : Text.of(
                "tumour %s, %s of the slice",
                Text.plural(counts.truth(), "pixel"),
                Text.percent((double) counts.truth() / (pixels.height() * pixels.width())));
    String where = slice.where();
    Frame frame = Frame.around(slice.head(), pixels.height(), pixels.width());
    return Text.of(
        """
        <article class="card">
        <h3>%s</h3>
        <div class="pair">
        <img src="%s" width="%d" height="%d" alt="%s"/>
        <img src="%s" width="%d" height="%d" alt="%s"/>
        </div>
        %s<p class="facts"><b>%s</b>, %s<br/>%s%s; Dice of the slice %s</p>
        </article>
        """,
        title,
        dataUri(frame.cut(Overlay.plain(pixels))),
        frame.width(),
        frame.height(),
        Text.of("Slice %d of %s without colours", result.number(), name),
        dataUri(frame.cut(Overlay.of(pixels, result.prediction()))),
        frame.width(),
        frame.height(),
        Text.of(
            "The same slice: %s pixels agree (yellow), %s only in the truth (red), %s only in the"
                + " prediction (green)",
            Text.count(counts.truePositive()),
            Text.count(counts.falseNegative()),
            Text.count(counts.falsePositive())),
        explanation.isEmpty() ? "" : "<p>" + explanation + "</p>\n",
        name,
        slice.whichOfVolume(),
        facts,
        where.isEmpty() ? "" : ", " + where + " of the image",
        Text.ratio(result.scores().dice()));
  }

  private static String dataUri(BufferedImage image) {
    ByteArrayOutputStream png = new ByteArrayOutputStream();
    try {
      if (!ImageIO.write(image, "png", png)) {
        throw new IllegalStateException("this Java cannot write PNG");
      }
    } catch (IOException e) {
      throw new UncheckedIOException("a picture of the report cannot be written as PNG", e);
    }
    return "data:image/png;base64," + Base64.getEncoder().encodeToString(png.toByteArray());
  }
}
