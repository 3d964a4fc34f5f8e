package io.github.glia.unet.train;

import io.github.glia.nn.ReduceOnPlateau;
import io.github.glia.nn.Schedule;
import java.util.Locale;

/**
 * How the learning rate goes, in epochs.
 *
 * @param kind the curve
 * @param every step: epochs between drops; plateau: epochs to wait for a lower validation loss
 * @param factor step and plateau: what a drop multiplies by; poly: the power
 */
public record Scheduling(Kind kind, int every, double factor) {
  private static final double LOWEST_SHARE = 1e-3;

  /** The curves. */
  public enum Kind {
    CONSTANT,
    STEP,
    COSINE,
    POLY,
    PLATEAU;

    /** Whether the rate falls towards the last epoch, so that the number of epochs shapes it. */
    boolean endsWithTheRun() {
      return this == COSINE || this == POLY;
    }
  }

  /**
   * {@code constant}, {@code cosine}, {@code poly[:power]}, {@code step[:epochs[:factor]]} or
   * {@code plateau[:epochs[:factor]]}.
   */
  public static Scheduling parse(String text) {
    String[] parts = text.split(":", -1);
    try {
      Kind kind = Kind.valueOf(parts[0].toUpperCase(Locale.ROOT));
      int most =
          switch (kind) {
            case CONSTANT, COSINE -> 1;
            case POLY -> 2;
            case STEP, PLATEAU -> 3;
          };
      if (parts.length <= most) {
        return kind == Kind.POLY ? ofPower(parts) : ofDrops(kind, parts).checked();
      }
    } catch (IllegalArgumentException e) {
      throw wrong(text, e);
    }
    throw wrong(text, null);
  }

  private static Scheduling ofPower(String[] parts) {
    double power = parts.length > 1 ? Double.parseDouble(parts[1]) : 0.9;
    if (!(power >= 0 && power < Double.POSITIVE_INFINITY)) {
      throw new IllegalArgumentException("the power must be 0 or more, and finite");
    }
    return new Scheduling(Kind.POLY, 0, power);
  }

  private static Scheduling ofDrops(Kind kind, String[] parts) {
    int every = kind == Kind.PLATEAU ? 5 : 20;
    double factor = kind == Kind.PLATEAU ? 0.5 : 0.1;
    return new Scheduling(
        kind,
        parts.length > 1 ? Integer.parseInt(parts[1]) : every,
        parts.length > 2 ? Double.parseDouble(parts[2]) : factor);
  }

  private Scheduling checked() {
    if (every < 1 || !(factor > 0 && factor < 1)) {
      throw new IllegalArgumentException("epochs must be 1 or more and the factor in (0, 1)");
    }
    return this;
  }

  private static IllegalArgumentException wrong(String text, Exception cause) {
    return new IllegalArgumentException(
        "--schedule expects constant, cosine, poly[:power], step[:epochs[:factor]] or"
            + " plateau[:epochs[:factor]], but is "
            + text
            + (cause instanceof NumberFormatException || cause == null
                ? ""
                : " (" + cause.getMessage() + ")"),
        cause);
  }

  /** The schedule after the warm-up, of a run with so many steps an epoch. */
  Schedule make(TrainOptions options, long stepsPerEpoch) {
    float rate = (float) options.optimizer().learningRate();
    int epochs = options.learning().epochs() - options.optimizer().warmUp();
    long falling = Math.max(1, epochs * stepsPerEpoch);
    return switch (kind) {
      case CONSTANT -> Schedule.constant(rate);
      case STEP -> Schedule.step(rate, every * stepsPerEpoch, (float) factor);
      case COSINE -> Schedule.cosine(rate, falling, 0);
      case POLY -> Schedule.polynomial(rate, falling, factor);
      case PLATEAU ->
          new ReduceOnPlateau(rate, (float) factor, every, (float) (rate * LOWEST_SHARE));
    };
  }
}
