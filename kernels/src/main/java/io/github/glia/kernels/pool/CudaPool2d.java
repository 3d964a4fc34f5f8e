package io.github.glia.kernels.pool;

import io.github.glia.kernels.Check;
import io.github.glia.kernels.cuda.CudaBackend;
import io.github.glia.kernels.cuda.CudaPlan;
import io.github.glia.kernels.cuda.Kernel;
import io.github.glia.tensor.DType;
import io.github.glia.tensor.Shape;
import io.github.glia.tensor.Tensor;

/** What the kernels of {@code pool.cu} need to know of every pooling. */
abstract class CudaPool2d extends CudaPlan {
  private final String operation;
  private final Pool2dShape shape;
  private final DType type;
  protected final Shape input;
  protected final Shape output;

  CudaPool2d(CudaBackend cuda, String operation, Record key, Pool2dShape shape, DType type) {
    super(cuda, operation + " " + key);
    this.operation = operation;
    this.shape = shape;
    this.type = type;
    input = shape.input();
    output = shape.output();
  }

  /** Gives the sizes, in the order of the kernels. */
  final Kernel sizes(Kernel kernel, int packElements) {
    return kernel
        .small(shape.height())
        .small(shape.width())
        .small(shape.outHeight())
        .small(shape.outWidth())
        .small(shape.channels() / packElements)
        .small(shape.kernelHeight())
        .small(shape.kernelWidth())
        .small(shape.strideHeight())
        .small(shape.strideWidth())
        .small(shape.paddingHeight())
        .small(shape.paddingWidth());
  }

  final void check(String direction, String argument, Tensor t, Shape expected) {
    check(direction, argument, t, type, expected);
  }

  final void check(
      String direction, String argument, Tensor t, DType expectedType, Shape expected) {
    Check.tensor(operation, direction, argument, t, cuda.name(), expectedType, expected);
  }
}
