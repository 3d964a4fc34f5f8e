package io.github.glia.nn;

import io.github.glia.kernels.Check;
import io.github.glia.kernels.loss.Loss;
import io.github.glia.kernels.loss.LossPlan;
import io.github.glia.tensor.DType;
import io.github.glia.tensor.Shape;
import io.github.glia.tensor.Tensor;

/** What training makes small: a {@link Loss} of logits and truth. */
public record Objective(Loss loss) {
  private static final Shape ONE = Shape.of(1);

  public Objective {
    if (loss == null) {
      throw Check.failed("objective", "the loss is null");
    }
  }

  /** The loss, one F32 number. */
  public Tensor forward(Tape tape, Tensor logits, Tensor truth) {
    Check.present("objective", "the tape", tape);
    if (logits == null || truth == null) {
      throw Check.failed("objective", logits == null ? "the logits are null" : "the truth is null");
    }
    LossPlan plan =
        LossPlan.on(logits.device(), new LossPlan.Key(logits.shape(), truth.dtype(), loss));
    Tensor value = Tensor.empty(logits.device(), DType.F32, ONE);
    plan.forward(logits, truth, value);
    if (!tape.wants(logits)) {
      return value;
    }
    tape.record(
        value,
        dLoss -> {
          Tensor dLogits = logits.emptyLike();
          plan.backward(logits, truth, dLoss, dLogits);
          tape.add(logits, dLogits);
        },
        logits,
        truth);
    return value;
  }
}
