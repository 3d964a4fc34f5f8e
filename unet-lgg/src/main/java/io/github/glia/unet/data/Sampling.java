package io.github.glia.unet.data;

import io.github.glia.tensor.Philox;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/**
 * Which slices an epoch shows, and in which order. Either way it shows as many as there are.
 *
 * <p>As text: {@code natural}, {@code balanced}, {@code balanced:0.4}, or with the chance of tumour
 * in patches {@code balanced:0.4:0.9}.
 *
 * @param positiveShare the share of slices with tumour, drawn as often as that needs; 0 leaves the
 *     slices as they are: each once, shuffled
 * @param tumourChance where patches are cut, the chance that one of a slice with tumour is laid so
 *     that it shows some; otherwise it lies anywhere
 */
public record Sampling(double positiveShare, double tumourChance) {
  public static final Sampling NATURAL = new Sampling(0, 0);
  public static final Sampling BALANCED = new Sampling(0.5, 0.9);

  /** Keeps these random numbers apart from those of others who were given the same seed. */
  private static final long PURPOSE = 0x5348_5546_464CL;

  public Sampling {
    check("share of positive slices", positiveShare);
    check("chance of tumour in a patch", tumourChance);
  }

  private static void check(String name, double value) {
    if (!(value >= 0 && value <= 1)) {
      throw new IllegalArgumentException(name + " is " + value + ": expected 0 to 1");
    }
  }

  public static Sampling parse(String text) {
    String[] parts = text.strip().toLowerCase(Locale.ROOT).split(":", -1);
    if (parts[0].equals("natural") && parts.length == 1) {
      return NATURAL;
    }
    if (parts[0].equals("balanced") && parts.length <= 3) {
      try {
        double share = parts.length > 1 ? Double.parseDouble(parts[1]) : BALANCED.positiveShare;
        double chance = parts.length > 2 ? Double.parseDouble(parts[2]) : BALANCED.tumourChance;
        if (share == 0) {
          throw new IllegalArgumentException(
              "sampling \"" + text + "\" shows no slice with tumour: choose a share above 0");
        }
        return new Sampling(share, chance);
      } catch (NumberFormatException e) {
        throw new IllegalArgumentException("sampling \"" + text + "\" holds no number", e);
      }
    }
    throw new IllegalArgumentException(
        "sampling \"" + text + "\" is not known; expected natural, balanced or balanced:0.4");
  }

  public boolean isBalanced() {
    return positiveShare > 0;
  }

  @Override
  public String toString() {
    return isBalanced() ? "balanced:" + positiveShare + ":" + tumourChance : "natural";
  }

  /** The indices of an epoch's slices: a function of the seed and the epoch alone. */
  int[] order(List<Slice> slices, long seed, long epoch) {
    Philox random = new Philox(seed ^ PURPOSE, epoch);
    int[] all = new int[slices.size()];
    Arrays.setAll(all, i -> i);
    if (!isBalanced()) {
      return shuffle(all, random);
    }
    int[] positive = Arrays.stream(all).filter(i -> slices.get(i).isPositive()).toArray();
    int[] negative = Arrays.stream(all).filter(i -> !slices.get(i).isPositive()).toArray();
    int wanted = (int) Math.round(positiveShare * all.length);
    check(positive, wanted, "with");
    check(negative, all.length - wanted, "without");
    shuffle(positive, random);
    shuffle(negative, random);
    for (int i = 0; i < all.length; i++) {
      all[i] =
          i < wanted ? positive[i % positive.length] : negative[(i - wanted) % negative.length];
    }
    return shuffle(all, random);
  }

  private static void check(int[] found, int wanted, String kind) {
    if (found.length == 0 && wanted > 0) {
      throw new IllegalArgumentException(
          "no slice is " + kind + " tumour: use natural sampling, for there is nothing to balance");
    }
  }

  private static int[] shuffle(int[] values, Philox random) {
    for (int i = values.length - 1; i > 0; i--) {
      int other = random.nextInt(i + 1);
      int value = values[i];
      values[i] = values[other];
      values[other] = value;
    }
    return values;
  }
}
