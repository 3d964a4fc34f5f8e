package io.github.glia.kernels.update;

import io.github.glia.kernels.cuda.CudaBackend;
import io.github.glia.kernels.cuda.CudaPlan;
import io.github.glia.kernels.cuda.Kernel;

/** An update of all tensors of a network on a GPU: {@code update.cu}. */
abstract class CudaUpdate extends CudaPlan {
  final CudaTensorLists lists;
  final Kernel kernel;

  CudaUpdate(CudaBackend cuda, String operation, String kernel) {
    super(cuda, operation);
    this.lists = new CudaTensorLists(cuda, operation);
    this.kernel = cuda.kernel("update", kernel);
    chose("step", OWN);
  }

  /** To be called before the launches; returns when they began. */
  final long begin() {
    cuda.refuseRecording(
        "an update cannot be recorded: it is another one in each step, with another learning rate");
    return begins(lists);
  }

  /** To be called after the launches. */
  final void end(long began) {
    lists.done();
    cuda.ended(name(), OWN, began);
  }
}
