package io.github.glia.kernels.softmax;

import io.github.glia.kernels.Check;
import io.github.glia.kernels.cuda.CudaBackend;
import io.github.glia.kernels.cuda.CudaPlan;
import io.github.glia.kernels.cuda.Kernel;
import io.github.glia.kernels.cuda.Lanes;
import io.github.glia.tensor.Tensor;

/** Softmax on a GPU: {@code softmax.cu}. */
final class CudaSoftmax extends CudaPlan implements SoftmaxPlan {
  private final Key key;
  private final int channels;
  private final long rows;
  private final int lanes;
  private final Kernel forward;
  private final Kernel backward;
  private final String forwardName;
  private final String backwardName;

  CudaSoftmax(CudaBackend cuda, Key key) {
    super(cuda, "softmax " + key);
    this.key = key;
    this.channels = key.shape().size(-1);
    this.rows = key.shape().count() / channels;
    this.lanes = Lanes.of(channels);
    String type = CudaBackend.suffix(key.type());
    this.forward = cuda.kernel("softmax", "softmax" + type);
    this.backward = cuda.kernel("softmax", "softmax_backward" + type);
    this.forwardName = name() + " forward";
    this.backwardName = name() + " backward";
    chose("forward", OWN);
    chose("backward", OWN);
  }

  @Override
  public void forward(Tensor x, Tensor y) {
    check("softmax forward", "x", x);
    check("softmax forward", "y", y);
    synchronized (cuda) {
      long began = begins();
      long from = x.address();
      long to = y.address();
      launch(forward.pointer(from), to);
      y.changed();
      cuda.ended(forwardName, OWN, began);
    }
  }

  @Override
  public void backward(Tensor y, Tensor dy, Tensor dx) {
    check("softmax backward", "y", y);
    check("softmax backward", "dy", dy);
    check("softmax backward", "dx", dx);
    synchronized (cuda) {
      long began = begins();
      long of = y.address();
      long from = dy.address();
      long to = dx.address();
      launch(backward.pointer(of).pointer(from), to);
      dx.changed();
      cuda.ended(backwardName, OWN, began);
    }
  }

  private void launch(Kernel withInputs, long output) {
    withInputs
        .pointer(output)
        .whole(rows)
        .small(channels)
        .small(lanes)
        .launch(cuda.blocks(rows * lanes), CudaBackend.THREADS);
  }

  private void check(String operation, String argument, Tensor t) {
    Check.tensor(operation, argument, t, cuda.name(), key.type(), key.shape());
  }
}
