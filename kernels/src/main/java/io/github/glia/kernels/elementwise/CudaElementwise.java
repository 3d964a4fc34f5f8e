package io.github.glia.kernels.elementwise;

import io.github.glia.kernels.Check;
import io.github.glia.kernels.cuda.CudaBackend;
import io.github.glia.kernels.cuda.CudaPlan;
import io.github.glia.kernels.cuda.Kernel;
import io.github.glia.tensor.DType;
import io.github.glia.tensor.Shape;
import io.github.glia.tensor.Tensor;

/** An operation on elements in a row: {@code elementwise.cu}. */
abstract class CudaElementwise extends CudaPlan {
  private final String operation;
  private final Shape shape;
  private final DType type;
  private final Kernel kernel;

  CudaElementwise(CudaBackend cuda, String operation, Shape shape, DType type) {
    super(cuda, operation + " " + shape + " " + type);
    this.operation = operation;
    this.shape = shape;
    this.type = type;
    this.kernel = cuda.kernel("elementwise", operation + CudaBackend.suffix(type));
    chose("forward", OWN);
  }

  /** For callers that hold the lock. */
  final void compute(Tensor a, Tensor b, Tensor y) {
    long began = begins();
    run(kernel.pointer(a.address()).pointer(b.address()), y, began);
  }

  /** For callers that hold the lock. */
  final void compute(Tensor x, float factor, Tensor y) {
    long began = begins();
    run(kernel.pointer(x.address()).real(factor), y, began);
  }

  private void run(Kernel withOperands, Tensor y, long began) {
    long count = shape.count();
    withOperands.pointer(y.address()).whole(count).launch(cuda.blocks(count), CudaBackend.THREADS);
    y.changed();
    cuda.ended(name(), OWN, began);
  }

  final void check(String direction, String argument, Tensor t) {
    Check.tensor(operation, direction, argument, t, cuda.name(), type, shape);
  }
}
