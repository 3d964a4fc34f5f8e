package io.github.glia.kernels.loss;

import io.github.glia.kernels.cuda.CudaBackend;
import io.github.glia.kernels.cuda.CudaPlan;
import io.github.glia.kernels.cuda.Kernel;
import io.github.glia.kernels.cuda.Lanes;
import io.github.glia.tensor.Tensor;

/** A loss on a GPU: {@code loss.cu}. */
abstract class CudaLoss extends CudaPlan implements LossPlan {
  private final LossArguments arguments;
  private final String forwardName;
  private final String backwardName;
  private final String truth;

  CudaLoss(CudaBackend cuda, Key key) {
    super(cuda, "loss " + key);
    this.arguments = new LossArguments(cuda.name(), key);
    this.forwardName = name() + " forward";
    this.backwardName = name() + " backward";
    this.truth = CudaBackend.suffix(key.truth());
    chose("forward", OWN);
    chose("backward", OWN);
  }

  static CudaLoss of(CudaBackend cuda, Key key) {
    Loss loss = key.loss();
    if (loss instanceof Dice dice) {
      return new CudaOverlapLoss(cuda, key, Overlap.of(dice), false);
    } else if (loss instanceof Jaccard jaccard) {
      return new CudaOverlapLoss(cuda, key, Overlap.of(jaccard), false);
    } else if (loss instanceof Tversky tversky) {
      return new CudaOverlapLoss(cuda, key, Overlap.of(tversky), false);
    } else if (loss instanceof BceDice both) {
      return new CudaOverlapLoss(cuda, key, Overlap.of(new Dice(both.smooth())), true);
    } else if (loss instanceof Bce) {
      return new CudaMeanLoss(cuda, key, "bce", 1, kernel -> kernel);
    } else if (loss instanceof Focal focal) {
      double gamma = focal.gamma();
      return new CudaMeanLoss(cuda, key, "focal", 1, kernel -> kernel.precise(gamma));
    }
    int channels = key.logits().size(-1);
    int lanes = Lanes.of(channels);
    return new CudaMeanLoss(
        cuda, key, "classes", lanes, kernel -> kernel.small(channels).small(lanes));
  }

  /** A kernel that reads the truth, of the truth's type. */
  final Kernel byTruth(String name) {
    return cuda.kernel("loss", name + truth);
  }

  /** A kernel that reads the sums of blocks. */
  final Kernel bySums(String name) {
    return cuda.kernel("loss", name);
  }

  /** Writes L of the logits and the truth at these addresses. */
  abstract void loss(long x, long t, long loss);

  /** Writes dLoss · dL/dx to dx. */
  abstract void gradient(long x, long t, long dLoss, long dx);

  @Override
  public final void forward(Tensor x, Tensor t, Tensor loss) {
    arguments.checkForward(x, t, loss);
    synchronized (cuda) {
      long began = begins();
      loss(x.address(), t.address(), loss.address());
      loss.changed();
      cuda.ended(forwardName, OWN, began);
    }
  }

  @Override
  public final void backward(Tensor x, Tensor t, Tensor dLoss, Tensor dx) {
    arguments.checkBackward(x, t, dLoss, dx);
    synchronized (cuda) {
      long began = begins();
      gradient(x.address(), t.address(), dLoss.address(), dx.address());
      dx.changed();
      cuda.ended(backwardName, OWN, began);
    }
  }
}
