package io.github.glia.unet.phantom;

import io.github.glia.tensor.Philox;
import io.github.glia.unet.data.RoughNormal;

/** How one sequence is received: a gain, a field that is brighter on one side, and noise. */
final class Coil {
  private final double gain;
  private final double[] field = new double[5];
  private final double noise;

  Coil(Philox random, double noise) {
    this.noise = noise;
    gain = Scanner.between(random, 0.8, 1.3);
    for (int i = 0; i < field.length; i++) {
      field[i] = Scanner.between(random, -0.16, 0.16);
    }
  }

  /** A scanner shows the length of a signal that has noise in two directions. */
  int receive(double signal, Place place, Philox random) {
    double u = place.x / 100;
    double v = place.y / 100;
    double w = place.z / 100;
    double brightness =
        1
            + field[0] * u
            + field[1] * v
            + field[2] * w
            + field[3] * u * v
            + field[4] * (u * u + v * v);
    double real = gain * brightness * signal + noise * RoughNormal.of(random.nextInt());
    double imaginary = noise * RoughNormal.of(random.nextInt());
    return (int) (Math.sqrt(real * real + imaginary * imaginary) + 0.5);
  }
}
