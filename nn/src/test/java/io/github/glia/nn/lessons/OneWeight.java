package io.github.glia.nn.lessons;

import java.util.Locale;

/** A gradient by hand and by differences. */
public final class OneWeight {
  private static final float X = 2;
  private static final float TARGET = 10;

  private OneWeight() {}

  static float loss(float w) {
    float y = w * X;
    return (y - TARGET) * (y - TARGET);
  }

  static float gradient(float w) {
    float y = w * X;
    float dy = 2 * (y - TARGET); // of the square
    return dy * X; // of the product
  }

  static float oneSided(float w, float h) {
    return (loss(w + h) - loss(w)) / h;
  }

  static float central(float w, float h) {
    return (loss(w + h) - loss(w - h)) / (2 * h);
  }

  public static void main(String[] args) {
    float w = 3;
    print("by hand", gradient(w));
    print("one-sided difference, h = 0.125", oneSided(w, 0.125f));
    print("one-sided difference, h = 1e-8", oneSided(w, 1e-8f));
    print("central difference, h = 0.125", central(w, 0.125f));
    for (int step = 0; step < 4; step++) {
      System.out.printf(Locale.ROOT, "w = %.4f, loss %8.4f%n", w, loss(w));
      w -= 0.1f * gradient(w);
    }
  }

  private static void print(String what, float value) {
    System.out.printf(Locale.ROOT, "%-34s %8.3f%n", what, value);
  }
}
