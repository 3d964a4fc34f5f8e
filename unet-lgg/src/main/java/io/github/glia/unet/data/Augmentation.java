package io.github.glia.unet.data;

/**
 * How images are varied.
 *
 * @param flip whether they are mirrored at random
 */
public record Augmentation(boolean flip) {
  public static Augmentation none() {
    return new Augmentation(false);
  }

  public static Augmentation standard() {
    return new Augmentation(true);
  }

  public static Augmentation parse(String text) {
    return switch (text) {
      case "none" -> none();
      case "standard" -> standard();
      default -> throw new IllegalArgumentException("no augmentation is called " + text);
    };
  }
}
