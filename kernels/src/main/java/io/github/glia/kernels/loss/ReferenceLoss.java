package io.github.glia.kernels.loss;

/** Losses in plain Java: what each {@link Loss} says, loop by loop. */
public final class ReferenceLoss {
  private ReferenceLoss() {}

  /**
   * @param channels the classes of {@link CrossEntropy}; the other losses do not ask
   */
  public static double forward(Loss loss, int channels, double[] x, double[] t) {
    if (loss instanceof Dice dice) {
      return dice(x, t, dice.smooth());
    } else if (loss instanceof Jaccard jaccard) {
      return jaccard(x, t, jaccard.smooth());
    } else if (loss instanceof Tversky tversky) {
      return tversky(x, t, tversky.alpha(), tversky.beta(), tversky.smooth());
    } else if (loss instanceof Bce) {
      return bce(x, t);
    } else if (loss instanceof BceDice both) {
      return bce(x, t) + dice(x, t, both.smooth());
    } else if (loss instanceof Focal focal) {
      return focal(x, t, focal.gamma());
    }
    return crossEntropy(channels, x, t);
  }

  /** The gradient by x, times the gradient {@code dLoss} of the loss. */
  public static double[] backward(Loss loss, int channels, double[] x, double[] t, double dLoss) {
    double[] dx = gradient(loss, channels, x, t);
    for (int i = 0; i < dx.length; i++) {
      dx[i] *= dLoss;
    }
    return dx;
  }

  private static double[] gradient(Loss loss, int channels, double[] x, double[] t) {
    if (loss instanceof Dice dice) {
      return diceGradient(x, t, dice.smooth());
    } else if (loss instanceof Jaccard jaccard) {
      return jaccardGradient(x, t, jaccard.smooth());
    } else if (loss instanceof Tversky tversky) {
      return tverskyGradient(x, t, tversky.alpha(), tversky.beta(), tversky.smooth());
    } else if (loss instanceof Bce) {
      return bceGradient(x, t);
    } else if (loss instanceof BceDice both) {
      return sum(bceGradient(x, t), diceGradient(x, t, both.smooth()));
    } else if (loss instanceof Focal focal) {
      return focalGradient(x, t, focal.gamma());
    }
    return crossEntropyGradient(channels, x, t);
  }

  private static double dice(double[] x, double[] t, double s) {
    double intersection = 0;
    double sizes = 0;
    for (int i = 0; i < x.length; i++) {
      intersection += sigmoid(x[i]) * t[i];
      sizes += sigmoid(x[i]) + t[i];
    }
    return 1 - (2 * intersection + s) / (sizes + s);
  }

  private static double[] diceGradient(double[] x, double[] t, double s) {
    double intersection = 0;
    double sizes = 0;
    for (int i = 0; i < x.length; i++) {
      intersection += sigmoid(x[i]) * t[i];
      sizes += sigmoid(x[i]) + t[i];
    }
    double numerator = 2 * intersection + s;
    double denominator = sizes + s;
    double[] dx = new double[x.length];
    for (int i = 0; i < x.length; i++) {
      double dp = numerator / (denominator * denominator) - 2 * t[i] / denominator;
      dx[i] = dp * sigmoidSlope(x[i]);
    }
    return dx;
  }

  private static double jaccard(double[] x, double[] t, double s) {
    double intersection = 0;
    double union = s;
    for (int i = 0; i < x.length; i++) {
      double p = sigmoid(x[i]);
      intersection += p * t[i];
      union += p + t[i] - p * t[i];
    }
    return 1 - (intersection + s) / union;
  }

  private static double[] jaccardGradient(double[] x, double[] t, double s) {
    double intersection = 0;
    double union = s;
    for (int i = 0; i < x.length; i++) {
      double p = sigmoid(x[i]);
      intersection += p * t[i];
      union += p + t[i] - p * t[i];
    }
    double[] dx = new double[x.length];
    for (int i = 0; i < x.length; i++) {
      double dp = (intersection + s) * (1 - t[i]) / (union * union) - t[i] / union;
      dx[i] = dp * sigmoidSlope(x[i]);
    }
    return dx;
  }

  private static double tversky(double[] x, double[] t, double alpha, double beta, double s) {
    double truePositives = 0;
    double falsePositives = 0;
    double falseNegatives = 0;
    for (int i = 0; i < x.length; i++) {
      double p = sigmoid(x[i]);
      truePositives += p * t[i];
      falsePositives += p * (1 - t[i]);
      falseNegatives += (1 - p) * t[i];
    }
    return 1
        - (truePositives + s)
            / (truePositives + alpha * falsePositives + beta * falseNegatives + s);
  }

  private static double[] tverskyGradient(
      double[] x, double[] t, double alpha, double beta, double s) {
    double numerator = s;
    double denominator = s;
    for (int i = 0; i < x.length; i++) {
      double p = sigmoid(x[i]);
      numerator += p * t[i];
      denominator += p * t[i] + alpha * p * (1 - t[i]) + beta * (1 - p) * t[i];
    }
    double[] dx = new double[x.length];
    for (int i = 0; i < x.length; i++) {
      double denominatorByP = t[i] + alpha * (1 - t[i]) - beta * t[i];
      double dp = numerator * denominatorByP / (denominator * denominator) - t[i] / denominator;
      dx[i] = dp * sigmoidSlope(x[i]);
    }
    return dx;
  }

  private static double bce(double[] x, double[] t) {
    double sum = 0;
    for (int i = 0; i < x.length; i++) {
      sum += bce(x[i], t[i]);
    }
    return sum / x.length;
  }

  private static double bce(double x, double t) {
    return Math.max(x, 0) - x * t + Math.log1p(Math.exp(-Math.abs(x)));
  }

  private static double[] bceGradient(double[] x, double[] t) {
    double[] dx = new double[x.length];
    for (int i = 0; i < x.length; i++) {
      dx[i] = bceSlope(x[i], t[i]) / x.length;
    }
    return dx;
  }

  /** p − t, without the digits that the subtraction loses where p is near t. */
  private static double bceSlope(double x, double t) {
    return (1 - t) * sigmoid(x) - t * sigmoid(-x);
  }

  private static double focal(double[] x, double[] t, double gamma) {
    double sum = 0;
    for (int i = 0; i < x.length; i++) {
      double wrong = t[i] * sigmoid(-x[i]) + (1 - t[i]) * sigmoid(x[i]);
      sum += Math.pow(wrong, gamma) * bce(x[i], t[i]);
    }
    return sum / x.length;
  }

  private static double[] focalGradient(double[] x, double[] t, double gamma) {
    double[] dx = new double[x.length];
    for (int i = 0; i < x.length; i++) {
      double wrong = t[i] * sigmoid(-x[i]) + (1 - t[i]) * sigmoid(x[i]);
      double wrongSlope = (1 - 2 * t[i]) * sigmoidSlope(x[i]);
      double weight = Math.pow(wrong, gamma);
      double weightSlope = gamma * weight / wrong * wrongSlope;
      dx[i] = (weightSlope * bce(x[i], t[i]) + weight * bceSlope(x[i], t[i])) / x.length;
    }
    return dx;
  }

  private static double crossEntropy(int channels, double[] x, double[] t) {
    double sum = 0;
    for (int n = 0; n < t.length; n++) {
      sum -= Math.log(softmax(x, n * channels, channels)[(int) t[n]]);
    }
    return sum / t.length;
  }

  private static double[] crossEntropyGradient(int channels, double[] x, double[] t) {
    double[] dx = new double[x.length];
    for (int n = 0; n < t.length; n++) {
      double[] p = softmax(x, n * channels, channels);
      for (int k = 0; k < channels; k++) {
        dx[n * channels + k] = (p[k] - (k == (int) t[n] ? 1 : 0)) / t.length;
      }
    }
    return dx;
  }

  /** eˣ / Σ eˣ of the elements from there; taking the largest from all of them changes nothing. */
  private static double[] softmax(double[] x, int from, int channels) {
    double largest = Double.NEGATIVE_INFINITY;
    for (int k = 0; k < channels; k++) {
      largest = Math.max(largest, x[from + k]);
    }
    double[] p = new double[channels];
    double sum = 0;
    for (int k = 0; k < channels; k++) {
      p[k] = Math.exp(x[from + k] - largest);
      sum += p[k];
    }
    for (int k = 0; k < channels; k++) {
      p[k] /= sum;
    }
    return p;
  }

  private static double sigmoid(double x) {
    return 1 / (1 + Math.exp(-x));
  }

  private static double sigmoidSlope(double x) {
    return sigmoid(x) * sigmoid(-x);
  }

  private static double[] sum(double[] a, double[] b) {
    double[] sum = new double[a.length];
    for (int i = 0; i < a.length; i++) {
      sum[i] = a[i] + b[i];
    }
    return sum;
  }
}
