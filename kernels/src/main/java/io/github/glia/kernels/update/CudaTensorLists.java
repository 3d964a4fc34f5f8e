package io.github.glia.kernels.update;

import io.github.glia.kernels.cuda.CudaBackend;
import io.github.glia.kernels.cuda.Kernel;
import io.github.glia.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;

/**
 * Lists of tensors side by side, such as the weights of a network and their gradients, as the
 * kernels of {@code update.cu} take them: all tensors in one launch, or in a few if they are many,
 * with a block for each chunk of a tensor, so that large and small tensors balance.
 *
 * <p>The table of addresses is an argument of the launch: nothing is copied to the device or kept
 * there, whatever lists come.
 *
 * <p>For callers that hold the device's lock. A steady step makes no garbage.
 */
final class CudaTensorLists {
  /** As in {@code update.cu}. */
  private static final int MOST_TENSORS = 80;

  /** Elements that a block works on. */
  private static final int CHUNK = 1 << 13;

  private final String device;
  private final String operation;
  private final List<List<Tensor>> lists = new ArrayList<>();
  private final List<List<Tensor>> written = new ArrayList<>();
  private long elements;
  private int size;

  CudaTensorLists(CudaBackend cuda, String operation) {
    this.device = cuda.name();
    this.operation = operation;
  }

  /** Forgets the lists of the call before. */
  CudaTensorLists clear() {
    lists.clear();
    written.clear();
    return this;
  }

  /** Adds a list that the kernel reads. */
  CudaTensorLists read(String argument, List<Tensor> tensors) {
    UpdateArguments.list(
        operation, argument, tensors, lists.isEmpty() ? null : lists.get(0), device);
    long count = 0;
    for (int i = 0; i < tensors.size(); i++) {
      tensors.get(i).address(); // a closed tensor is found before anything is launched
      count += tensors.get(i).count();
    }
    lists.add(tensors);
    size = tensors.size();
    elements = count;
    return this;
  }

  /** Adds a list that the kernel reads and writes. */
  CudaTensorLists update(String argument, List<Tensor> tensors) {
    read(argument, tensors);
    written.add(tensors);
    return this;
  }

  int launches() {
    return (tensors() + MOST_TENSORS - 1) / MOST_TENSORS;
  }

  /** The blocks of a launch: the chunks of its tensors. */
  long chunks(int launch) {
    long chunks = 0;
    for (int i = first(launch); i < end(launch); i++) {
      chunks += chunks(lists.get(0).get(i));
    }
    return chunks;
  }

  /** Launches a kernel, which has been given its other arguments. */
  void launch(Kernel kernel, int launch) {
    kernel.whole(CHUNK).whole(end(launch) - first(launch));
    long firstChunk = 0;
    for (int i = first(launch); i < end(launch); i++) {
      Tensor tensor = lists.get(0).get(i);
      kernel.whole(firstChunk).whole(tensor.count());
      for (int k = 0; k < lists.size(); k++) {
        kernel.pointer(lists.get(k).get(i).address());
      }
      firstChunk += chunks(tensor);
    }
    kernel.launch(Math.toIntExact(firstChunk), CudaBackend.THREADS);
  }

  /** Says of the lists that are written that they were, and forgets all. */
  void done() {
    for (int k = 0; k < written.size(); k++) {
      List<Tensor> tensors = written.get(k);
      for (int i = 0; i < tensors.size(); i++) {
        tensors.get(i).changed();
      }
    }
    clear();
  }

  /** The operation, and how much it is of, for errors; also when all is forgotten. */
  @Override
  public String toString() {
    return String.format(
        "%s of %d %s, %,d elements", operation, size, size == 1 ? "tensor" : "tensors", elements);
  }

  private static long chunks(Tensor tensor) {
    return (tensor.count() + CHUNK - 1) / CHUNK;
  }

  private int tensors() {
    return lists.get(0).size();
  }

  private static int first(int launch) {
    return launch * MOST_TENSORS;
  }

  private int end(int launch) {
    return Math.min(tensors(), first(launch + 1));
  }
}
