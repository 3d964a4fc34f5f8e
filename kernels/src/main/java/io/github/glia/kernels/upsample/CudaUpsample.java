package io.github.glia.kernels.upsample;

import io.github.glia.kernels.Check;
import io.github.glia.kernels.cuda.CudaBackend;
import io.github.glia.kernels.cuda.CudaPlan;
import io.github.glia.kernels.cuda.PackedKernel;
import io.github.glia.tensor.Shape;
import io.github.glia.tensor.Tensor;
import java.util.Locale;

/** Upsampling on a GPU: {@code upsample.cu}. */
final class CudaUpsample extends CudaPlan implements UpsamplePlan {
  private final Key key;
  private final UpsampleShape shape;
  private final Shape input;
  private final Shape output;
  private final PackedKernel forward;
  private final PackedKernel backward;
  private final String forwardName = name() + " forward";
  private final String backwardName = name() + " backward";

  CudaUpsample(CudaBackend cuda, Key key) {
    super(cuda, "upsample " + key);
    this.key = key;
    shape = key.shape();
    input = shape.input();
    output = shape.output();
    forward = kernel("forward");
    backward = kernel("backward");
  }

  private PackedKernel kernel(String direction) {
    String interpolation = key.interpolation().name().toLowerCase(Locale.ROOT);
    return new PackedKernel(
        cuda, "upsample", interpolation + "_" + direction, key.type(), shape.channels());
  }

  @Override
  public void forward(Tensor x, Tensor y) {
    check("forward", "x", x, input);
    check("forward", "y", y, output);
    synchronized (cuda) {
      run(forward, x, y, forwardName);
    }
  }

  @Override
  public void backward(Tensor dy, Tensor dx) {
    check("backward", "dy", dy, output);
    check("backward", "dx", dx, input);
    synchronized (cuda) {
      run(backward, dy, dx, backwardName);
    }
  }

  private void run(PackedKernel kernel, Tensor from, Tensor to, String use) {
    long began = begins();
    int elements = kernel.elements(from.address(), to.address());
    long packs = to.shape().count() / elements;
    kernel
        .taking(elements)
        .pointer(from.address())
        .pointer(to.address())
        .small(shape.height())
        .small(shape.width())
        .small(shape.scaleHeight())
        .small(shape.scaleWidth())
        .small(shape.channels() / elements)
        .whole(packs)
        .launch(cuda.blocks(packs), CudaBackend.THREADS);
    to.changed();
    cuda.ended(use, OWN, began);
  }

  private void check(String direction, String argument, Tensor t, Shape expected) {
    Check.tensor("upsample", direction, argument, t, cuda.name(), key.type(), expected);
  }
}
