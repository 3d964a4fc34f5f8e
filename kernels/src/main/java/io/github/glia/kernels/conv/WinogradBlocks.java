package io.github.glia.kernels.conv;

import java.util.List;
import java.util.function.Predicate;
import java.util.stream.Stream;

/**
 * Planes of weights {@code [out, in]} in blocks, of which all stay in the caches of a core while
 * they are transformed. They have channels as oneDNN's matrix products take them together; where
 * channels are no multiple of those, a block is a whole plane.
 */
record WinogradBlocks(int out, int in, int outOfABlock, int inOfABlock) {
  private static final List<Integer> CHANNELS_OF_A_BLOCK = List.of(64, 48, 32, 16);

  /** Of a block of all planes in F32. */
  private static final long MOST_BYTES = 640 << 10;

  static WinogradBlocks of(int out, int in, int planes) {
    return of(out, in, planes, blocks -> true);
  }

  /** The largest that are of use. */
  static WinogradBlocks of(int out, int in, int planes, Predicate<WinogradBlocks> use) {
    return CHANNELS_OF_A_BLOCK.stream()
        .filter(channels -> out % channels == 0 && in % channels == 0)
        .flatMap(
            channels ->
                Stream.of(2 * channels, channels)
                    .map(ofIn -> new WinogradBlocks(out, in, channels, ofIn)))
        .filter(blocks -> in % blocks.inOfABlock == 0 && planes * blocks.bytes() <= MOST_BYTES)
        .filter(use)
        .findFirst()
        .orElse(new WinogradBlocks(out, in, out, in));
  }

  int count() {
    return out / outOfABlock * blocksInARow();
  }

  private int blocksInARow() {
    return in / inOfABlock;
  }

  /** The first output channel of a block. */
  int firstOut(int block) {
    return block / blocksInARow() * outOfABlock;
  }

  /** The first input channel of a block. */
  int firstIn(int block) {
    return block % blocksInARow() * inOfABlock;
  }

  /** The size of a block of one plane in F32. */
  long bytes() {
    return (long) outOfABlock * inOfABlock * Float.BYTES;
  }
}
