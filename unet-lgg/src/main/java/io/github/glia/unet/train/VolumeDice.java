package io.github.glia.unet.train;

/**
 * Dice of a whole volume at a probability of ½: 2·|P ∩ T| / (|P| + |T|), and 1 if both are empty.
 */
final class VolumeDice {
  private long both;
  private long either;

  /** Adds a pixel; a logit above 0 is a probability above ½. */
  private void add(float logit, byte truth) {
    boolean predicted = logit > 0;
    boolean tumour = truth != 0;
    both += predicted && tumour ? 1 : 0;
    either += (predicted ? 1 : 0) + (tumour ? 1 : 0);
  }

  /** Adds pixels side by side. */
  void add(float[] logits, byte[] truth) {
    for (int i = 0; i < logits.length; i++) {
      add(logits[i], truth[i]);
    }
  }

  double value() {
    return either == 0 ? 1 : 2.0 * both / either;
  }
}
