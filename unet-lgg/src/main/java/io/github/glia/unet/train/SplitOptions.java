package io.github.glia.unet.train;

import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;

/**
 * Who trains and who validates.
 *
 * @param split shares of training, validation and perhaps test patients, in percent; or the file of
 *     a split that was made before
 * @param by what belongs together
 * @param folds of a cross-validation; 0 splits by {@code split}
 * @param fold which of them validates, from 1
 */
public record SplitOptions(String split, By by, int folds, int fold) {
  static final SplitOptions DEFAULTS = new SplitOptions("80/20", By.PATIENT, 0, 1);
  private static final int WHOLE = 100;

  /** What belongs together in a split. */
  public enum By {
    PATIENT,
    /** Leaks: neighbouring slices of one brain are nearly the same image. */
    SLICE
  }

  public SplitOptions {
    Require.that(split != null && !split.isBlank(), "--split is empty");
    if (isShares(split)) {
      checkShares(split);
    } else {
      Require.that(
          by == By.PATIENT,
          "--split " + split + " names patients: it contradicts --split-by slice");
    }
    if (folds == 0) {
      Require.that(fold == 1, "--fold needs --folds");
    } else {
      Require.atLeast("folds", folds, 2);
      Require.that(
          fold >= 1 && fold <= folds,
          "--fold must be from 1 to --folds, " + folds + ", but is " + fold);
      Require.that(by == By.PATIENT, "--folds are of patients: they contradict --split-by slice");
      Require.that(
          split.equals("80/20"),
          "--folds and --split contradict: each says who validates; give one of them");
    }
  }

  static SplitOptions of(Flags flags) {
    return new SplitOptions(
        flags.text("split"),
        flags.choice("split-by", By.values()),
        flags.whole("folds"),
        flags.whole("fold"));
  }

  void putInto(Map<String, Object> json) {
    json.put("split", split);
    json.put("split-by", Flags.text(by));
    json.put("folds", folds);
    json.put("fold", fold);
  }

  /** The file of a split that was made before, if one is named. */
  public Optional<Path> file() {
    return isShares(split) ? Optional.empty() : Optional.of(Path.of(split));
  }

  private static boolean isShares(String split) {
    return split.matches("[-0-9/ ]+");
  }

  private static void checkShares(String split) {
    String form =
        "--split must be percents that make 100, like 80/20 or 70/15/15, or a split.json; it is "
            + split;
    Require.that(split.matches("[0-9]{1,3}(/[0-9]{1,3}){1,2}"), form);
    String[] shares = split.split("/", -1);
    int sum = 0;
    for (String share : shares) {
      sum += Integer.parseInt(share);
    }
    Require.that(sum == WHOLE, form);
    Require.that(Integer.parseInt(shares[0]) > 0, "--split leaves nobody to train on: " + split);
  }
}
