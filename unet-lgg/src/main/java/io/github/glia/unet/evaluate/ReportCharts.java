package io.github.glia.unet.evaluate;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.function.ToDoubleFunction;
import java.util.stream.DoubleStream;

/** The diagrams of the report. */
final class ReportCharts {
  private static final int BINS = 20;

  private ReportCharts() {}

  static String training(TrainingHistory history) {
    List<Epoch> epochs = history.epochs();
    Epoch last = epochs.get(epochs.size() - 1);
    Axis numbers = Axis.whole("epoch", epochs.get(0).number(), last.number());
    String course =
        Text.of(
            "learning rate %s at first and %s at last; %s.",
            rate(epochs.get(0).learningRate()),
            rate(last.learningRate()),
            duration(epochs.stream().mapToDouble(Epoch::seconds).filter(s -> s > 0).sum()));
    return epochs.stream()
        .filter(epoch -> !Double.isNaN(epoch.validationDice()))
        .max(Comparator.comparingDouble(Epoch::validationDice))
        .map(best -> charts(losses(epochs, numbers), dice(epochs, best, numbers, course)))
        .orElseGet(() -> charts(trainingLoss(epochs, numbers, course)));
  }

  private static String losses(List<Epoch> epochs, Axis numbers) {
    Epoch last = epochs.get(epochs.size() - 1);
    DoubleStream losses =
        epochs.stream().flatMapToDouble(e -> DoubleStream.of(e.trainLoss(), e.validationLoss()));
    return figure(
        "Loss",
        legend("blue", "training", "orange", "validation"),
        new Chart(numbers, Axis.upTo("loss", losses))
            .line("blue", points(epochs, Epoch::trainLoss))
            .line("orange", points(epochs, Epoch::validationLoss))
            .svg(
                Text.of(
                    "Loss over %d epochs: training ends at %s, validation at %s.",
                    epochs.size(),
                    Text.ratio(last.trainLoss()),
                    Text.ratio(last.validationLoss()))));
  }

  private static String dice(List<Epoch> epochs, Epoch best, Axis numbers, String course) {
    Epoch last = epochs.get(epochs.size() - 1);
    return figure(
        "Dice on validation",
        Text.of("Best in epoch %d of %d; %s", best.number(), last.number(), course),
        new Chart(numbers, Axis.ratio("Dice"))
            .line("orange", points(epochs, Epoch::validationDice))
            .mark(best.number(), Text.of("best: %s", Text.ratio(best.validationDice())))
            .svg(
                Text.of(
                    "Dice on the validation patients: best %s in epoch %d, last %s.",
                    Text.ratio(best.validationDice()),
                    best.number(),
                    Text.ratio(last.validationDice()))));
  }

  private static String trainingLoss(List<Epoch> epochs, Axis numbers, String course) {
    Epoch last = epochs.get(epochs.size() - 1);
    return figure(
        "Loss on training",
        Text.of("Of %s; %s", Text.plural(epochs.size(), "epoch"), course),
        new Chart(numbers, Axis.upTo("loss", epochs.stream().mapToDouble(Epoch::trainLoss)))
            .line("blue", points(epochs, Epoch::trainLoss))
            .svg(
                Text.of(
                    "Loss over %d epochs: training ends at %s.",
                    epochs.size(), Text.ratio(last.trainLoss()))));
  }

  private static List<Chart.Point> points(List<Epoch> epochs, ToDoubleFunction<Epoch> value) {
    return epochs.stream()
        .map(epoch -> new Chart.Point(epoch.number(), value.applyAsDouble(epoch), ""))
        .toList();
  }

  private static String rate(double learningRate) {
    return Double.isNaN(learningRate)
        ? "unknown"
        : Text.of(learningRate == 0 ? "%.0f" : "%.2g", learningRate);
  }

  private static String duration(double seconds) {
    if (seconds < 120) {
      return Text.of("%.0f seconds", seconds);
    }
    return seconds < 7200
        ? Text.of("%.0f minutes", seconds / 60)
        : Text.of("%.1f hours", seconds / 3600);
  }

  static String distribution(Evaluation evaluation) {
    return charts(histogram(evaluation, Metric.DICE), histogram(evaluation, Metric.IOU));
  }

  private static String histogram(Evaluation evaluation, Metric metric) {
    double[] slices =
        Scope.TUMOUR_SLICE.values(evaluation.patients(), metric).stream()
            .flatMapToDouble(Arrays::stream)
            .toArray();
    int[] bins = new int[BINS];
    for (double value : slices) {
      bins[Math.min((int) (value * BINS), BINS - 1)]++;
    }
    Chart chart =
        new Chart(
            Axis.ratio(metric.label()),
            Axis.upTo("slices with tumour", Arrays.stream(bins).asDoubleStream()));
    for (int i = 0; i < BINS; i++) {
      double from = (double) i / BINS;
      double to = (i + 1.0) / BINS;
      if (bins[i] > 0) {
        chart.bar(
            "blue",
            from,
            to,
            bins[i],
            Text.of("%s from %.2f to %.2f: %s", metric.label(), from, to, slices(bins[i])));
      }
    }
    chart.dots(
        "orange",
        evaluation.patients().stream()
            .map(
                patient -> {
                  double value = metric.of(patient.scores());
                  return new Chart.Point(value, 0, patient.name() + ": " + Text.ratio(value));
                })
            .toList());
    Statistics ofSlices = evaluation.statistics(Scope.TUMOUR_SLICE, metric);
    return figure(
        metric.label(),
        legend("blue", slices(slices.length) + " with tumour", "orange", "patients, per volume"),
        chart.svg(
            Text.of(
                "Histogram of %s over %s with tumour: mean %s, median %s.",
                metric.label(),
                slices(slices.length),
                Text.ratio(ofSlices.mean()),
                Text.ratio(ofSlices.median()))));
  }

  private static String slices(int count) {
    return Text.plural(count, "slice");
  }

  static String thresholdAndSize(Evaluation evaluation) {
    List<ThresholdCurve.Point> points = evaluation.thresholdCurve().points();
    ThresholdCurve.Point best =
        points.stream().max(Comparator.comparingDouble(ThresholdCurve.Point::dice)).orElseThrow();
    String thresholds =
        new Chart(Axis.ratio("threshold"), Axis.ratio("mean over volumes"))
            .line("blue", curve(points, ThresholdCurve.Point::dice))
            .line("orange", curve(points, ThresholdCurve.Point::iou))
            .line("violet", curve(points, ThresholdCurve.Point::precision))
            .line("green", curve(points, ThresholdCurve.Point::recall))
            .mark(evaluation.threshold(), "used")
            .svg(
                Text.of(
                    "Dice, IoU, precision and recall at thresholds from 0.02 to 0.98; the mean Dice"
                        + " per volume is highest, %s, at %.2f.",
                    Text.ratio(best.dice()), best.threshold()));
    return charts(
        figure(
            "Threshold",
            legend("blue", "Dice", "orange", "IoU", "violet", "precision", "green", "recall"),
            thresholds,
            Text.of(
                "The mean Dice per volume is highest, %s, at threshold %.2f. To choose a threshold"
                    + " by these patients would be to test on what was tuned.",
                Text.ratio(best.dice()), best.threshold())),
        bySize(evaluation));
  }

  private static List<Chart.Point> curve(
      List<ThresholdCurve.Point> points, ToDoubleFunction<ThresholdCurve.Point> value) {
    return points.stream()
        .map(point -> new Chart.Point(point.threshold(), value.applyAsDouble(point), ""))
        .toList();
  }

  private static String bySize(Evaluation evaluation) {
    List<Chart.Point> slices = new ArrayList<>();
    for (PatientResult patient : evaluation.patients()) {
      for (SliceResult slice : patient.slices()) {
        long size = slice.scores().counts().truth();
        if (size > 0) {
          double dice = slice.scores().dice();
          slices.add(
              new Chart.Point(
                  size,
                  dice,
                  Text.of(
                      "%s, slice %d: %s pixels, Dice %s",
                      patient.name(), slice.number(), Text.count(size), Text.ratio(dice))));
        }
      }
    }
    Axis sizes =
        Axis.powers("tumour in the slice, pixels", slices.stream().mapToDouble(Chart.Point::x));
    return figure(
        "Dice by tumour size",
        "Each dot is a slice with tumour.",
        new Chart(sizes, Axis.ratio("Dice"))
            .dots("blue faint", slices)
            .svg("Dice of each slice with tumour against the size of the tumour in it."));
  }

  private static String charts(String... figures) {
    return "<div class=\"charts\">\n" + String.join("", figures) + "</div>\n";
  }

  private static String figure(String title, String caption, String svg) {
    return figure(title, caption, svg, "");
  }

  private static String figure(String title, String caption, String svg, String remark) {
    return "<figure class=\"card\">\n<figcaption><h3>%s</h3><p>%s</p></figcaption>\n%s%s</figure>\n"
        .formatted(title, caption, svg, remark.isEmpty() ? "" : "<p>" + remark + "</p>\n");
  }

  private static String legend(String... coloursAndNames) {
    StringBuilder legend = new StringBuilder();
    for (int i = 0; i < coloursAndNames.length; i += 2) {
      legend.append(
          "<span class=\"key %s\">%s</span> "
              .formatted(coloursAndNames[i], coloursAndNames[i + 1]));
    }
    return legend.toString().stripTrailing();
  }
}
