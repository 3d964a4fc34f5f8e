package io.github.glia.kernels.conv;

import io.github.glia.kernels.concat.ReferenceConcat;
import java.util.List;

/** What {@link JoinedConv2dPlan} computes, in plain Java: images joined, and then convolved. */
public final class ReferenceJoinedConv2d {
  private ReferenceJoinedConv2d() {}

  /** {@code bias} may be null. */
  public static double[] forward(
      JoinedConv2dShape s, double[] a, double[] b, double[] w, double[] bias) {
    return ReferenceConv2d.forward(s.whole(), join(s, a, b), w, bias);
  }

  /** The gradients of a and of b. */
  public static List<double[]> backwardData(JoinedConv2dShape s, double[] dy, double[] w) {
    return ReferenceConcat.backward(s.images(), ReferenceConv2d.backwardData(s.whole(), dy, w));
  }

  public static double[] backwardWeights(JoinedConv2dShape s, double[] a, double[] b, double[] dy) {
    return ReferenceConv2d.backwardWeights(s.whole(), join(s, a, b), dy);
  }

  private static double[] join(JoinedConv2dShape s, double[] a, double[] b) {
    return ReferenceConcat.forward(s.images(), List.of(a, b));
  }
}
