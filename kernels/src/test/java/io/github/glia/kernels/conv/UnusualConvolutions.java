package io.github.glia.kernels.conv;

import io.github.glia.kernels.Case;

/** Convolutions that {@link SoundConvolution} was written for, and their neighbours. */
final class UnusualConvolutions {
  private UnusualConvolutions() {}

  static Conv2dShape draw(Case c) {
    return switch (c.between(0, 4)) {
      case 0 -> madeOfPaddingAlone(c);
      case 1 -> ofOneColumn(c);
      case 2 -> leapingOverRows(c);
      case 3 -> wide(c);
      default -> ofOneChannelInEachGroup(c);
    };
  }

  /** The only column lies between two elements of the kernel, or between two outputs. */
  private static Conv2dShape madeOfPaddingAlone(Case c) {
    int kernel = c.between(1, 2);
    int padding = kernel == 1 ? 1 : 3;
    return new Conv2dShape(
        c.between(1, 3),
        c.between(1, 13),
        1,
        channels(c),
        channels(c),
        c.between(1, 2),
        kernel,
        c.between(1, 3),
        2,
        c.between(1, 3),
        padding,
        1,
        2,
        1);
  }

  private static Conv2dShape ofOneColumn(Case c) {
    int kernel = c.between(2, 4);
    int stride = c.between(2, 3);
    int padding = c.between(0, 1);
    int width = Math.max(1, kernel - 2 * padding + c.between(0, stride - 1));
    return new Conv2dShape(
        c.between(1, 3),
        c.between(4, 40),
        width,
        channels(c),
        channels(c),
        c.between(1, 4),
        kernel,
        c.between(1, 3),
        stride,
        c.between(0, 3),
        padding,
        1,
        1,
        1);
  }

  private static Conv2dShape leapingOverRows(Case c) {
    int kernel = c.between(1, 2);
    return new Conv2dShape(
        c.between(1, 3),
        c.between(30, 60),
        c.between(3, 40),
        channels(c),
        channels(c),
        kernel,
        c.between(1, 3),
        c.between(kernel + 1, 5),
        c.between(1, 4),
        c.between(0, 2),
        c.between(0, 3),
        c.between(1, 2),
        1,
        1);
  }

  private static Conv2dShape wide(Case c) {
    return new Conv2dShape(
        1,
        c.between(5, 20),
        c.between(12, 40),
        c.oneOf(8, 12, 16, 24),
        channels(c),
        c.between(1, 5),
        c.oneOf(8, 12),
        c.between(1, 3),
        c.between(1, 3),
        c.between(0, 3),
        c.between(0, 7),
        1,
        1,
        1);
  }

  private static Conv2dShape ofOneChannelInEachGroup(Case c) {
    int groups = c.between(1, 3);
    return new Conv2dShape(
        c.between(1, 3),
        c.between(15, 36),
        c.between(13, 28),
        groups,
        groups * c.oneOf(15, 24, 96),
        3,
        c.between(1, 2),
        c.oneOf(1, 5),
        c.oneOf(1, 3),
        c.oneOf(0, 2),
        c.between(0, 8),
        1,
        1,
        groups);
  }

  private static int channels(Case c) {
    return c.oneOf(1, 2, 5, 8, 16, 31, 32, 48);
  }
}
