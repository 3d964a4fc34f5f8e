package io.github.glia.kernels.conv;

import io.github.glia.kernels.cpu.CpuBackend;
import io.github.glia.kernels.cpu.Parallel;
import java.nio.FloatBuffer;

/**
 * {@code G·g·Gᵀ} of each kernel g of 3 × 3 weights, as planes {@code [16, output channels, input
 * channels]}.
 */
final class WinogradWeights {
  private final CpuBackend cpu;
  private final int inChannels;
  private final int outChannels;
  private final boolean flipped;

  /**
   * @param flipped whether kernels are turned by half a turn, as backward-data wants them: since G
   *     is symmetric but for its first and last row, these change places
   */
  WinogradWeights(CpuBackend cpu, int inChannels, int outChannels, boolean flipped) {
    this.cpu = cpu;
    this.inChannels = inChannels;
    this.outChannels = outChannels;
    this.flipped = flipped;
  }

  /** From {@code w[o, u, v, c]} to planes. */
  void transform(long w, long planes) {
    int perPart = Math.max(1, Parallel.PART / (9 * inChannels));
    int parts = (outChannels + perPart - 1) / perPart;
    Parallel.forEach(
        parts, p -> transform(w, planes, p * perPart, Math.min(outChannels, (p + 1) * perPart)));
  }

  private void transform(long w, long planes, int begin, int end) {
    int n = inChannels;
    int length = (end - begin) * n;
    float[][][] g = new float[3][3][length];
    float[][][] rows = new float[3][4][length];
    float[][] u = new float[4][length];
    FloatBuffer from = cpu.floats(w, 0, outChannels * 9 * n);
    for (int o = begin; o < end; o++) {
      for (int i = 0; i < 9; i++) {
        from.get((o * 9 + i) * n, g[i / 3][i % 3], (o - begin) * n, n);
      }
    }
    FloatBuffer to = cpu.floats(planes, 0, WinogradTiles.PLANES * outChannels * n);
    for (int v = 0; v < 3; v++) {
      combine(g[0][v], g[1][v], g[2][v], rows[v]);
    }
    for (int i = 0; i < 4; i++) {
      combine(rows[0][i], rows[1][i], rows[2][i], u);
      for (int j = 0; j < 4; j++) {
        int plane = 4 * place(i) + place(j);
        to.put((plane * outChannels + begin) * n, u[j], 0, length);
      }
    }
  }

  private int place(int i) {
    return flipped && i % 3 == 0 ? 3 - i : i;
  }

  /** G times three arrays. */
  private static void combine(float[] g0, float[] g1, float[] g2, float[][] out) {
    out[0] = g0;
    FloatArrays.halfOfSum(g0, g1, g2, out[1]);
    FloatArrays.halfOfDifference(g0, g1, g2, out[2]);
    out[3] = g2;
  }
}
