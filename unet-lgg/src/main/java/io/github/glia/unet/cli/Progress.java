package io.github.glia.unet.cli;

import io.github.glia.unet.evaluate.Epoch;
import io.github.glia.unet.train.Listener;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.Locale;

/** A bar that moves on a terminal, and a line per epoch elsewhere. */
final class Progress implements Listener {
  private static final int WIDTH = 24;
  private static final long REDRAW_NANOS = 100_000_000;

  private final PrintWriter out;

  /** The launcher knows; Java's console says the same of a terminal and a file since JDK 22. */
  private final boolean terminal = Boolean.getBoolean("glia.terminal");

  private long drawnAt;
  private int drawnLength;

  Progress(PrintWriter out) {
    this.out = out;
  }

  @Override
  public void stepped(Step s) {
    long now = System.nanoTime();
    if (!terminal || (now - drawnAt < REDRAW_NANOS && s.step() < s.steps())) {
      return;
    }
    drawnAt = now;
    int filled = WIDTH * s.step() / s.steps();
    String line =
        String.format(
            Locale.ROOT,
            "epoch %d/%d [%s%s] %d/%d  %.1f slices/s  loss %.4f  Dice %s  %s left",
            s.epoch(),
            s.epochs(),
            "#".repeat(filled),
            ".".repeat(WIDTH - filled),
            s.step(),
            s.steps(),
            s.slicesPerSecond(),
            s.loss(),
            Double.isNaN(s.dice()) ? "-" : String.format(Locale.ROOT, "%.3f", s.dice()),
            duration(s.secondsLeft()));
    out.print("\r" + line + " ".repeat(Math.max(0, drawnLength - line.length())));
    out.flush();
    drawnLength = line.length();
  }

  @Override
  public void epochEnded(Epoch e, boolean best) {
    end();
    String validation =
        Double.isNaN(e.validationDice())
            ? ""
            : String.format(
                Locale.ROOT,
                ", validation loss %.4f, Dice per volume %.4f%s",
                e.validationLoss(),
                e.validationDice(),
                best ? " (best)" : "");
    out.printf(
        Locale.ROOT,
        "epoch %d: loss %.4f%s, %s%n",
        e.number(),
        e.trainLoss(),
        validation,
        duration(e.seconds()));
    out.flush();
  }

  @Override
  public void note(String message) {
    end();
    out.println(message);
    out.flush();
  }

  /** Clears the bar. */
  void end() {
    if (drawnLength > 0) {
      out.print("\r" + " ".repeat(drawnLength) + "\r");
      drawnLength = 0;
    }
  }

  private static String duration(double seconds) {
    if (!Double.isFinite(seconds)) {
      return "?";
    }
    Duration d = Duration.ofSeconds(Math.round(seconds));
    return d.toHours() > 0
        ? String.format(
            Locale.ROOT, "%d:%02d:%02d", d.toHours(), d.toMinutesPart(), d.toSecondsPart())
        : String.format(Locale.ROOT, "%d:%02d", d.toMinutes(), d.toSecondsPart());
  }
}
