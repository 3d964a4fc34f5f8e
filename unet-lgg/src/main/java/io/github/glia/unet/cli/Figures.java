package io.github.glia.unet.cli;

import io.github.glia.nn.WholeFile;
import io.github.glia.unet.evaluate.Evaluation;
import io.github.glia.unet.evaluate.Metric;
import io.github.glia.unet.evaluate.Scope;
import io.github.glia.unet.evaluate.Statistics;
import io.github.glia.unet.json.Json;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;

/** The figures of an evaluation: in a line for people, in a file for machines. */
final class Figures {
  private Figures() {}

  static String of(Evaluation evaluation, int patients) {
    Statistics dice = evaluation.statistics(Scope.VOLUME, Metric.DICE);
    return String.format(
        Locale.ROOT,
        "Dice per volume: mean %.3f, median %.3f over %d patients",
        dice.mean(),
        dice.median(),
        patients);
  }

  /** Writes nothing where no file is named. */
  static void write(Path file, Map<String, Object> figures) throws IOException {
    if (file != null) {
      WholeFile.write(file, Json.write(figures));
    }
  }
}
