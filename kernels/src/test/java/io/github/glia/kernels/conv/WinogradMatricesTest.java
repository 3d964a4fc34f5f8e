package io.github.glia.kernels.conv;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Random;
import java.util.function.DoubleUnaryOperator;
import org.junit.jupiter.api.Test;

/** Tiles computed in F32 straight from the matrices, next to the formula in double. */
final class WinogradMatricesTest {
  private static final int CHANNELS = 128;
  private static final int TILES = 64;

  @Test
  void roundingMakesALittleMoreThanInADirectConvolution() {
    double direct = error(WinogradMatricesTest::direct, 4);
    assertTrue(direct > 3e-7 && direct < 9e-7, "direct: " + direct);
    double small = error(WinogradMatrices.OF_2_PIXELS);
    assertTrue(small < 6e-7, "tiles of 2 × 2: " + small);
    double large = error(WinogradMatrices.OF_4_PIXELS);
    assertTrue(large < 1.5e-6, "tiles of 4 × 4: " + large);
  }

  /** What is multiplied is rounded to BF16, x and weights before or sums of them. */
  @Test
  void inBf16TheSmallerTilesOnlyKeepToTheTolerance() {
    double small = error(WinogradMatrices.OF_2_PIXELS, WinogradMatricesTest::bf16);
    assertTrue(small < 6e-3, "tiles of 2 × 2: " + small);
    double large = error(WinogradMatrices.OF_4_PIXELS, WinogradMatricesTest::bf16);
    assertTrue(large > 6e-3, "tiles of 4 × 4: " + large);
  }

  private static double bf16(double value) {
    int bits = Float.floatToRawIntBits((float) value);
    return Float.intBitsToFloat(bits + 0x7fff + (bits >> 16 & 1) & 0xffff0000);
  }

  @Test
  void theChosenPointsRoundLessThanTheUsualOnes() {
    double chosen = error(WinogradMatrices.OF_4_PIXELS);
    double usual = error(new WinogradMatrices(0, 1, -1, 2, -2));
    assertTrue(chosen < .6 * usual, chosen + " is not much less than " + usual);
  }

  /** Makes m × m pixels of (m + 2) × (m + 2) of each channel, and of 3 × 3 weights of each. */
  private interface Tile {
    float[][] pixels(float[][][] d, float[][][] g, int m);
  }

  private static double error(WinogradMatrices matrices) {
    return error(matrices, value -> value);
  }

  /** {@code rounded} is done to what is multiplied. */
  private static double error(WinogradMatrices matrices, DoubleUnaryOperator rounded) {
    return error((d, g, m) -> winograd(matrices, d, g, rounded), matrices.pixels());
  }

  /** Relative, L2. */
  private static double error(Tile tile, int m) {
    Random random = new Random(1);
    double wrong = 0;
    double all = 0;
    for (int t = 0; t < TILES; t++) {
      float[][][] d = gaussian(random, m + 2);
      float[][][] g = gaussian(random, 3);
      float[][] y = tile.pixels(d, g, m);
      for (int i = 0; i < m; i++) {
        for (int j = 0; j < m; j++) {
          double expected = formula(d, g, i, j);
          wrong += Math.pow(y[i][j] - expected, 2);
          all += expected * expected;
        }
      }
    }
    return Math.sqrt(wrong / all);
  }

  private static float[][][] gaussian(Random random, int side) {
    float[][][] values = new float[CHANNELS][side][side];
    for (float[][] channel : values) {
      for (float[] row : channel) {
        for (int i = 0; i < side; i++) {
          row[i] = (float) random.nextGaussian();
        }
      }
    }
    return values;
  }

  private static double formula(float[][][] d, float[][][] g, int i, int j) {
    double sum = 0;
    for (int c = 0; c < CHANNELS; c++) {
      for (int k = 0; k < 9; k++) {
        sum += (double) d[c][i + k / 3][j + k % 3] * g[c][k / 3][k % 3];
      }
    }
    return sum;
  }

  private static float[][] direct(float[][][] d, float[][][] g, int m) {
    float[][] y = new float[m][m];
    for (int i = 0; i < m; i++) {
      for (int j = 0; j < m; j++) {
        for (int c = 0; c < CHANNELS; c++) {
          for (int k = 0; k < 9; k++) {
            y[i][j] += d[c][i + k / 3][j + k % 3] * g[c][k / 3][k % 3];
          }
        }
      }
    }
    return y;
  }

  private static float[][] winograd(
      WinogradMatrices matrices, float[][][] d, float[][][] g, DoubleUnaryOperator rounded) {
    int places = matrices.places();
    float[][] products = new float[places][places];
    for (int c = 0; c < CHANNELS; c++) {
      float[][] v = transformed(matrices.input(), 1, d[c]);
      for (int plane = 0; plane < matrices.planes(); plane++) {
        float u = 0;
        for (int k = 0; k < 9; k++) {
          u += matrices.ofWeight(plane, k / 3, k % 3) * g[c][k / 3][k % 3];
        }
        double product =
            rounded.applyAsDouble(u) * rounded.applyAsDouble(v[plane / places][plane % places]);
        products[plane / places][plane % places] += (float) product;
      }
    }
    return transformed(matrices.output(), 0, products);
  }

  /** The sums of rows, and of them those of columns. */
  private static float[][] transformed(List<WinogradTaps> taps, int origin, float[][] of) {
    return transposed(sums(taps, origin, transposed(sums(taps, origin, of))));
  }

  private static float[][] sums(List<WinogradTaps> taps, int origin, float[][] of) {
    float[][] sums = new float[taps.size()][of[0].length];
    for (int u = 0; u < sums.length; u++) {
      for (int k = 0; k < taps.get(u).count(); k++) {
        float[] row = of[origin + taps.get(u).first() + k * taps.get(u).distance()];
        for (int j = 0; j < row.length; j++) {
          sums[u][j] += taps.get(u).factors().get(k) * row[j];
        }
      }
    }
    return sums;
  }

  private static float[][] transposed(float[][] of) {
    float[][] transposed = new float[of[0].length][of.length];
    for (int i = 0; i < of.length; i++) {
      for (int j = 0; j < of[0].length; j++) {
        transposed[j][i] = of[i][j];
      }
    }
    return transposed;
  }
}
