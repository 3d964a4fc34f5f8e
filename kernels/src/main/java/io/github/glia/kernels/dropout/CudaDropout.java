package io.github.glia.kernels.dropout;

import io.github.glia.kernels.Check;
import io.github.glia.kernels.cuda.CudaBackend;
import io.github.glia.kernels.cuda.CudaPlan;
import io.github.glia.kernels.cuda.Kernel;
import io.github.glia.kernels.elementwise.MultiplyPlan;
import io.github.glia.tensor.Tensor;

/** Dropout on a GPU: mask and product in one pass ({@code dropout.cu}), and a product. */
final class CudaDropout extends CudaPlan implements DropoutPlan {
  private final Key key;
  private final MultiplyPlan product;
  private final Kernel kernel;
  private final String forwardName;

  CudaDropout(CudaBackend cuda, Key key, MultiplyPlan product) {
    super(cuda, "dropout " + key);
    this.key = key;
    this.product = product;
    this.kernel = cuda.kernel("dropout", "dropout" + CudaBackend.suffix(key.type()));
    this.forwardName = name() + " forward";
    chose("forward", OWN);
  }

  @Override
  public void forward(Tensor x, long seed, long stream, Tensor y, Tensor mask) {
    check("dropout forward", "x", x);
    check("dropout forward", "y", y);
    check("dropout forward", "mask", mask);
    synchronized (cuda) {
      cuda.refuseRecording(
          "dropout cannot be recorded: it draws other random numbers in each step");
      long began = begins();
      long from = x.address();
      long to = y.address();
      long factors = mask.address();
      long count = key.shape().count();
      kernel
          .pointer(from)
          .whole(seed)
          .whole(stream)
          .small(key.firstKept())
          .real(key.kept())
          .pointer(to)
          .pointer(factors)
          .whole(count)
          .launch(cuda.blocks(count), CudaBackend.THREADS);
      mask.changed();
      y.changed();
      cuda.ended(forwardName, OWN, began);
    }
  }

  @Override
  public void backward(Tensor dy, Tensor mask, Tensor dx) {
    check("dropout backward", "dy", dy);
    check("dropout backward", "mask", mask);
    check("dropout backward", "dx", dx);
    product.forward(dy, mask, dx);
  }

  private void check(String operation, String argument, Tensor t) {
    Check.tensor(operation, argument, t, cuda.name(), key.type(), key.shape());
  }
}
