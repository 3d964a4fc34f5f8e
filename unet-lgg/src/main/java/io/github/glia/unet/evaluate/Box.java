package io.github.glia.unet.evaluate;

/** The smallest box around what a mask holds; every end is one past the last. */
record Box(int fromZ, int toZ, int fromY, int toY, int fromX, int toX) {

  static Box of(Mask mask) {
    int[] low = {mask.depth(), mask.height(), mask.width()};
    int[] high = {0, 0, 0};
    for (int i = mask.bits().nextSetBit(0); i >= 0; i = mask.bits().nextSetBit(i + 1)) {
      int[] at = {
        i / mask.width() / mask.height(), i / mask.width() % mask.height(), i % mask.width()
      };
      for (int axis = 0; axis < 3; axis++) {
        low[axis] = Math.min(low[axis], at[axis]);
        high[axis] = Math.max(high[axis], at[axis] + 1);
      }
    }
    return new Box(low[0], high[0], low[1], high[1], low[2], high[2]);
  }

  Box union(Box other) {
    return new Box(
        Math.min(fromZ, other.fromZ),
        Math.max(toZ, other.toZ),
        Math.min(fromY, other.fromY),
        Math.max(toY, other.toY),
        Math.min(fromX, other.fromX),
        Math.max(toX, other.toX));
  }

  int depth() {
    return toZ - fromZ;
  }

  int height() {
    return toY - fromY;
  }

  int width() {
    return toX - fromX;
  }
}
