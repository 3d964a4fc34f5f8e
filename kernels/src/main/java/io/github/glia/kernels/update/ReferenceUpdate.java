package io.github.glia.kernels.update;

/** Updates in plain Java, in place: what the plans say, step by step, for one tensor. */
public final class ReferenceUpdate {
  private ReferenceUpdate() {}

  /** {@link SgdPlan}; {@code velocity} may be null without momentum. */
  public static void sgd(
      Sgd sgd,
      double[] w,
      double[] g,
      double[] velocity,
      double learningRate,
      double gradientScale,
      boolean first) {
    for (int i = 0; i < w.length; i++) {
      double gradient = gradientScale * g[i] + sgd.weightDecay() * w[i];
      double direction = gradient;
      if (sgd.hasVelocity()) {
        velocity[i] = first ? gradient : sgd.momentum() * velocity[i] + gradient;
        direction = sgd.nesterov() ? gradient + sgd.momentum() * velocity[i] : velocity[i];
      }
      w[i] -= learningRate * direction;
    }
  }

  /** {@link AdamPlan}. */
  public static void adam(
      Adam adam,
      boolean decoupled,
      double[] w,
      double[] g,
      double[] m,
      double[] v,
      double learningRate,
      double gradientScale,
      long step) {
    double correction1 = 1 - Math.pow(adam.beta1(), (double) step);
    double correction2 = 1 - Math.pow(adam.beta2(), (double) step);
    for (int i = 0; i < w.length; i++) {
      double gradient = gradientScale * g[i];
      if (decoupled) {
        w[i] -= learningRate * adam.weightDecay() * w[i];
      } else {
        gradient += adam.weightDecay() * w[i];
      }
      m[i] = adam.beta1() * m[i] + (1 - adam.beta1()) * gradient;
      v[i] = adam.beta2() * v[i] + (1 - adam.beta2()) * gradient * gradient;
      double mean = m[i] / correction1;
      double square = v[i] / correction2;
      w[i] -= learningRate * mean / (Math.sqrt(square) + adam.epsilon());
    }
  }

  /** {@link NormPlan}. */
  public static double norm(double[]... gradients) {
    double sum = 0;
    for (double[] g : gradients) {
      for (double value : g) {
        sum += value * value;
      }
    }
    return Math.sqrt(sum);
  }

  /** {@link AveragePlan}. */
  public static void average(double[] average, double[] w, double decay) {
    for (int i = 0; i < average.length; i++) {
      average[i] = decay * average[i] + (1 - decay) * w[i];
    }
  }
}
