package io.github.glia.benchmarks.gpu;

import java.util.Locale;

/**
 * What was measured of one algorithm.
 *
 * @param work a convolution, or the sizes of a product of matrices
 * @param direction of the convolution, or {@code product}
 * @param chosen the implementation that Glia computes this by
 * @param gigaflop 10⁹ multiplications and additions of the formula
 * @param milliseconds NaN where the algorithm refuses
 * @param workspace in bytes; 0 where the algorithm cannot compute this at all
 */
record Trial(
    String precision,
    String work,
    String direction,
    String algorithm,
    String chosen,
    double gigaflop,
    double milliseconds,
    long workspace) {
  static final String CSV_HEADER =
      "precision,work,direction,algorithm,chosen,gigaflop,ms,tflops,workspace_bytes";

  private static final int COLUMNS = 9;

  boolean ran() {
    return !Double.isNaN(milliseconds);
  }

  boolean isChosen() {
    return chosen.startsWith("cuDNN " + algorithm + " in ");
  }

  /** Whether it multiplies and adds as the formula says, so that its speed is the hardware's. */
  boolean countsAsFormula() {
    return !algorithm.contains("WINOGRAD") && !algorithm.contains("FFT");
  }

  /** 10¹² multiplications and additions of the formula a second. */
  double teraflops() {
    return gigaflop / milliseconds;
  }

  String toCsv() {
    return String.join(
        ",",
        precision,
        work,
        direction,
        algorithm,
        chosen,
        String.valueOf(gigaflop),
        ran() ? String.valueOf(milliseconds) : "",
        ran() ? String.format(Locale.ROOT, "%.3f", teraflops()) : "",
        String.valueOf(workspace));
  }

  static Trial fromCsv(String line) {
    String[] column = line.split(",", -1);
    if (column.length != COLUMNS) {
      throw new IllegalArgumentException(
          "expected " + COLUMNS + " columns, " + CSV_HEADER + ", but found: " + line);
    }
    return new Trial(
        column[0],
        column[1],
        column[2],
        column[3],
        column[4],
        Double.parseDouble(column[5]),
        column[6].isEmpty() ? Double.NaN : Double.parseDouble(column[6]),
        Long.parseLong(column[8]));
  }
}
