package io.github.glia.unet.train;

import io.github.glia.kernels.loss.Bce;
import io.github.glia.kernels.loss.BceDice;
import io.github.glia.kernels.loss.Dice;
import io.github.glia.kernels.loss.Focal;
import io.github.glia.kernels.loss.Jaccard;
import io.github.glia.kernels.loss.Loss;
import io.github.glia.kernels.loss.Tversky;

/** The losses that {@code --loss} knows. */
public enum LossName {
  DICE,
  BCE,
  BCE_DICE,
  /** Missed tumour counts more than false alarms: most pixels are none. */
  TVERSKY,
  FOCAL,
  JACCARD;

  public Loss loss() {
    return switch (this) {
      case DICE -> new Dice(1);
      case BCE -> new Bce();
      case BCE_DICE -> new BceDice(1);
      case TVERSKY -> new Tversky(0.3f, 0.7f, 1);
      case FOCAL -> new Focal(2);
      case JACCARD -> new Jaccard(1);
    };
  }
}
