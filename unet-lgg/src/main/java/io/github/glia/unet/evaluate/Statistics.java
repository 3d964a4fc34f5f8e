package io.github.glia.unet.evaluate;

import io.github.glia.tensor.Philox;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;

/**
 * What many values have in common. Values that are not numbers are counted and otherwise left out.
 *
 * @param count of the values that are numbers
 * @param undefined how many are not
 * @param deviation of the sample, divided by count - 1; not a number for fewer than two values
 * @param meanInterval where the mean would be 19 times of 20 with other patients
 * @param medianInterval the same of the median
 */
public record Statistics(
    int count,
    int undefined,
    double mean,
    double median,
    double deviation,
    double min,
    double max,
    Interval meanInterval,
    Interval medianInterval) {
  private static final int RESAMPLES = 2000;
  private static final long SEED = 95;
  private static final Statistics NOTHING =
      new Statistics(
          0,
          0,
          Double.NaN,
          Double.NaN,
          Double.NaN,
          Double.NaN,
          Double.NaN,
          Interval.UNKNOWN,
          Interval.UNKNOWN);

  /** From low to high. */
  public record Interval(double low, double high) {
    static final Interval UNKNOWN = new Interval(Double.NaN, Double.NaN);

    private static Interval middle95(double[] values) {
      Arrays.sort(values);
      return new Interval(quantile(values, 0.025), quantile(values, 0.975));
    }
  }

  private record Value(double value, int patient) {}

  /**
   * Statistics of values that come in groups, one for each patient. The intervals are of the
   * bootstrap over patients: slices of one patient resemble each other, so that drawing slices
   * would promise too much. Of fewer than two patients nothing can be said about others.
   */
  static Statistics of(List<double[]> patients) {
    List<Value> sorted =
        IntStream.range(0, patients.size())
            .boxed()
            .flatMap(i -> Arrays.stream(patients.get(i)).mapToObj(value -> new Value(value, i)))
            .filter(value -> !Double.isNaN(value.value))
            .sorted(Comparator.comparingDouble(Value::value))
            .toList();
    int undefined = patients.stream().mapToInt(group -> group.length).sum() - sorted.size();
    if (sorted.isEmpty()) {
      return NOTHING.withUndefined(undefined);
    }
    double[] values = sorted.stream().mapToDouble(Value::value).toArray();
    double mean = Arrays.stream(values).sum() / values.length;
    double squares = Arrays.stream(values).map(v -> (v - mean) * (v - mean)).sum();
    double deviation = values.length < 2 ? Double.NaN : Math.sqrt(squares / (values.length - 1));

    Interval[] intervals = bootstrap(sorted, patients.size());
    return new Statistics(
        values.length,
        undefined,
        mean,
        quantile(values, 0.5),
        deviation,
        values[0],
        values[values.length - 1],
        intervals[0],
        intervals[1]);
  }

  /** The intervals of mean and median. */
  private static Interval[] bootstrap(List<Value> sorted, int patients) {
    if (sorted.stream().mapToInt(Value::patient).distinct().count() < 2) {
      return new Interval[] {Interval.UNKNOWN, Interval.UNKNOWN};
    }
    double[] means = new double[RESAMPLES];
    double[] medians = new double[RESAMPLES];
    int[] drawn = new int[patients];
    Philox random = new Philox(SEED, 0);
    for (int i = 0; i < RESAMPLES; i++) {
      do {
        Arrays.fill(drawn, 0);
        for (int j = 0; j < patients; j++) {
          drawn[random.nextInt(patients)]++;
        }
      } while (sorted.stream().noneMatch(value -> drawn[value.patient] > 0));
      means[i] = weightedMean(sorted, drawn);
      medians[i] = weightedMedian(sorted, drawn);
    }
    return new Interval[] {Interval.middle95(means), Interval.middle95(medians)};
  }

  /**
   * The value below which that share of the values lies, between two neighbours in proportion.
   *
   * @param sorted ascending, at least one
   */
  static double quantile(double[] sorted, double share) {
    double place = share * (sorted.length - 1);
    int below = (int) Math.floor(place);
    int above = Math.min(below + 1, sorted.length - 1);
    return sorted[below] + (place - below) * (sorted[above] - sorted[below]);
  }

  private static double weightedMean(List<Value> values, int[] drawn) {
    double sum = 0;
    long count = 0;
    for (Value value : values) {
      sum += value.value * drawn[value.patient];
      count += drawn[value.patient];
    }
    return sum / count;
  }

  private static double weightedMedian(List<Value> sorted, int[] drawn) {
    long count = 0;
    for (Value value : sorted) {
      count += drawn[value.patient];
    }
    double lower = at(sorted, drawn, (count - 1) / 2);
    return count % 2 == 1 ? lower : (lower + at(sorted, drawn, count / 2)) / 2;
  }

  /** The value at a place, where each stands as often as its patient was drawn. */
  private static double at(List<Value> sorted, int[] drawn, long place) {
    long passed = 0;
    for (Value value : sorted) {
      passed += drawn[value.patient];
      if (passed > place) {
        return value.value;
      }
    }
    throw new IllegalStateException("place " + place + " of " + passed + " values");
  }

  private Statistics withUndefined(int number) {
    return new Statistics(
        count, number, mean, median, deviation, min, max, meanInterval, medianInterval);
  }
}
