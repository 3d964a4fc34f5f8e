package io.github.glia.kernels.activation;

/** Activations in plain Java: what {@link ActivationPlan} says. */
public final class ReferenceActivation {
  private ReferenceActivation() {}

  public static double[] forward(Activation activation, double[] x) {
    double[] y = new double[x.length];
    for (int i = 0; i < x.length; i++) {
      y[i] =
          switch (activation.kind()) {
            case RELU -> Math.max(0, x[i]);
            case LEAKY_RELU -> x[i] > 0 ? x[i] : activation.slope() * x[i];
            case SIGMOID -> 1 / (1 + Math.exp(-x[i]));
          };
    }
    return y;
  }

  public static double[] backward(Activation activation, double[] y, double[] dy) {
    double[] dx = new double[y.length];
    for (int i = 0; i < y.length; i++) {
      dx[i] =
          switch (activation.kind()) {
            case RELU, LEAKY_RELU -> dy[i] * (y[i] <= 0 ? activation.slope() : 1);
            case SIGMOID -> dy[i] * y[i] * (1 - y[i]);
          };
    }
    return dx;
  }
}
