package io.github.glia.kernels.update;

import io.github.glia.kernels.cuda.CudaBackend;
import io.github.glia.kernels.cuda.CudaPlan;
import io.github.glia.kernels.cuda.Kernel;
import io.github.glia.kernels.cuda.Scalars;

/** An update of all tensors of a network on a GPU: {@code update.cu}. */
abstract class CudaUpdate extends CudaPlan {
  final CudaTensorLists lists;

  /** What changes from step to step. */
  final Scalars scalars;

  private final Kernel kernel;

  CudaUpdate(CudaBackend cuda, String operation, String kernel) {
    super(cuda, operation);
    this.lists = new CudaTensorLists(cuda, operation);
    this.kernel = cuda.kernel("update", kernel);
    this.scalars = new Scalars(cuda);
    onClose(scalars::free);
    chose("step", OWN);
  }

  /** Gives the kernel what comes between the scalars and the tensors. */
  abstract void giveParameters(Kernel kernel);

  /** Runs the kernel on the lists, with the scalars that were set. */
  final void run(long began) {
    for (int i = 0; i < lists.launches(); i++) {
      kernel.pointer(scalars.address());
      giveParameters(kernel);
      lists.launch(kernel, i);
    }
    lists.done();
    cuda.ended(name(), OWN, began);
  }
}
