package io.github.glia.unet.train;

/** What choices must be, else an error that names the flag. */
final class Require {
  private Require() {}

  static void that(boolean holds, String otherwise) {
    if (!holds) {
      throw new IllegalArgumentException(otherwise);
    }
  }

  static void atLeast(String flag, int value, int least) {
    that(value >= least, "--" + flag + " must be at least " + least + ", but is " + value);
  }
}
