package io.github.glia.unet.data;

/** Which slices an epoch shows. */
public enum Sampling {
  NATURAL;

  public static Sampling parse(String text) {
    if (!text.equals("natural")) {
      throw new IllegalArgumentException("no sampling is called " + text);
    }
    return NATURAL;
  }
}
