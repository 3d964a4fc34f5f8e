package io.github.glia.unet.train;

import io.github.glia.nn.WholeFile;
import io.github.glia.unet.evaluate.Epoch;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * The figures of each epoch in {@code metrics.csv} and for TensorBoard. Both are written from the
 * history, so that after a resume nothing is there twice and nothing that did not come to be.
 */
final class Metrics implements AutoCloseable {
  private static final String HEADER =
      "epoch,train_loss,validation_loss,validation_dice,learning_rate,seconds\n";

  private final Path csv;
  private final EventFile events;
  private double wallTime;

  Metrics(Path out, double startedAt, List<Epoch> history) throws IOException {
    csv = out.resolve("metrics.csv");
    wallTime = startedAt;
    Path folder = Files.createDirectories(out.resolve("tensorboard"));
    // The start in its name: the same file in each process that works on a run.
    events =
        new EventFile(
            folder.resolve("events.out.tfevents." + (long) startedAt + ".glia"), wallTime);
    for (Epoch epoch : history) {
      addEvent(epoch);
    }
    writeCsv(history);
  }

  /** Adds the last epoch of the history. */
  void add(List<Epoch> history) throws IOException {
    addEvent(history.get(history.size() - 1));
    writeCsv(history);
  }

  private void addEvent(Epoch epoch) throws IOException {
    wallTime += epoch.seconds();
    Map<String, Double> values = new LinkedHashMap<>();
    values.put("loss/train", epoch.trainLoss());
    if (!Double.isNaN(epoch.validationLoss())) {
      values.put("loss/validation", epoch.validationLoss());
      values.put("dice/validation", epoch.validationDice());
    }
    values.put("learning rate", epoch.learningRate());
    values.put("seconds", epoch.seconds());
    events.write(wallTime, epoch.number(), values);
  }

  private void writeCsv(List<Epoch> history) throws IOException {
    StringBuilder text = new StringBuilder(HEADER);
    for (Epoch e : history) {
      text.append(
          String.format(
              Locale.ROOT,
              "%d,%s,%s,%s,%s,%.3f\n",
              e.number(),
              cell(e.trainLoss()),
              cell(e.validationLoss()),
              cell(e.validationDice()),
              cell(e.learningRate()),
              e.seconds()));
    }
    WholeFile.write(csv, text.toString());
  }

  /** Empty where there is no number: without validation patients there is no validation. */
  private static String cell(double value) {
    return Double.isNaN(value) ? "" : String.format(Locale.ROOT, "%.6g", value);
  }

  @Override
  public void close() throws IOException {
    events.close();
  }
}
