package io.github.glia.kernels.update;

import io.github.glia.kernels.KernelObserver;
import io.github.glia.kernels.cpu.CpuBackend;
import io.github.glia.kernels.cpu.Parallel;
import io.github.glia.kernels.cpu.Window;
import io.github.glia.tensor.Tensor;
import java.util.Arrays;
import java.util.List;

/**
 * Lists of tensors side by side, such as the weights of a network and their gradients: tensor i of
 * each list has the same shape. A loop runs over the elements of all of them, in parts of a fixed
 * size on all cores, however large or small the single tensors are.
 *
 * <p>A plan keeps one and fills it at each call, holding the lock of the device, so that a call
 * allocates nothing.
 */
final class TensorLists {
  /**
   * Elements that are copied, worked on, and copied back at once: Adam on 7.6 million weights took
   * 5.5 ms by 256, and 8.4 ms by 1024.
   */
  private static final int CHUNK = 1 << 8;

  private static final int MOST_LISTS = 4;
  private static final ThreadLocal<Chunk> OF_THREAD = ThreadLocal.withInitial(Chunk::new);

  /** What is done to the next n elements, {@code chunk[k]} being those of list k. */
  interface Body {
    void chunk(float[][] chunk, int n);
  }

  /** What the next n elements add to a sum. */
  interface Term {
    double of(float[] chunk, int n);
  }

  /** What a thread works on. */
  private static final class Chunk {
    final float[][] values = new float[MOST_LISTS][CHUNK];
    final Window[] memory = new Window[MOST_LISTS];
    final long[] addresses = new long[MOST_LISTS];
  }

  private static final class Column {
    List<Tensor> tensors;
    long[] addresses = {};
    boolean written;

    void fill(List<Tensor> with, boolean isWritten) {
      tensors = with;
      written = isWritten;
      if (addresses.length != with.size()) {
        addresses = new long[with.size()];
      }
      for (int i = 0; i < addresses.length; i++) {
        addresses[i] = with.get(i).address();
      }
    }
  }

  private final CpuBackend cpu;
  private final String operation;
  private final Column[] columns = new Column[MOST_LISTS];
  private final Parallel.Body loop = this::loop;
  private final Parallel.Body sumLoop = this::sumLoop;
  private int filled;
  private int[] firstPart = {};
  private double[] sums = {};
  private Body body;
  private Term term;

  TensorLists(CpuBackend cpu, String operation) {
    this.cpu = cpu;
    this.operation = operation;
    Arrays.setAll(columns, k -> new Column());
  }

  /** Forgets the lists of the call before. */
  TensorLists clear() {
    for (Column column : columns) {
      column.tensors = null;
    }
    filled = 0;
    return this;
  }

  /** Adds a list that the loop reads. */
  TensorLists read(String argument, List<Tensor> tensors) {
    return add(argument, tensors, false);
  }

  /** Adds a list that the loop reads and writes. */
  TensorLists update(String argument, List<Tensor> tensors) {
    return add(argument, tensors, true);
  }

  private TensorLists add(String argument, List<Tensor> tensors, boolean written) {
    UpdateArguments.list(operation, argument, tensors, columns[0].tensors, cpu.name());
    columns[filled++].fill(tensors, written);
    return this;
  }

  void forEach(Body each) {
    long began = cpu.kernelBegins();
    body = each;
    Parallel.forEachPart(countParts(), 1, loop);
    cpu.kernelEnded(operation, KernelObserver.PLAIN_JAVA, began);
    for (int k = 0; k < filled; k++) {
      changed(columns[k]);
    }
    clear();
  }

  private static void changed(Column column) {
    for (int i = 0; column.written && i < column.tensors.size(); i++) {
      column.tensors.get(i).changed();
    }
  }

  /** The sum over the first list; its parts are added in their order. */
  double sum(Term each) {
    long began = cpu.kernelBegins();
    term = each;
    int parts = countParts();
    if (sums.length != parts) {
      sums = new double[parts];
    }
    Arrays.fill(sums, 0);
    Parallel.forEachPart(parts, 1, sumLoop);
    double total = 0;
    for (double sum : sums) {
      total += sum;
    }
    cpu.kernelEnded(operation, KernelObserver.PLAIN_JAVA, began);
    clear();
    return total;
  }

  private int countParts() {
    List<Tensor> tensors = columns[0].tensors;
    if (firstPart.length != tensors.size() + 1) {
      firstPart = new int[tensors.size() + 1];
    }
    for (int i = 0; i < tensors.size(); i++) {
      long parts = (tensors.get(i).count() + Parallel.PART - 1) / Parallel.PART;
      firstPart[i + 1] = Math.addExact(firstPart[i], Math.toIntExact(parts));
    }
    return firstPart[tensors.size()];
  }

  private void loop(long part, int one) {
    Chunk chunk = open((int) part);
    int size = size((int) part);
    for (int at = 0; at < size; at += CHUNK) {
      int n = Math.min(CHUNK, size - at);
      read(chunk, at, n);
      body.chunk(chunk.values, n);
      write(chunk, at, n);
    }
  }

  private void sumLoop(long part, int one) {
    Chunk chunk = open((int) part);
    int size = size((int) part);
    for (int at = 0; at < size; at += CHUNK) {
      int n = Math.min(CHUNK, size - at);
      read(chunk, at, n);
      sums[(int) part] += term.of(chunk.values[0], n);
    }
  }

  private Chunk open(int part) {
    Chunk chunk = OF_THREAD.get();
    int tensor = tensorOf(part);
    for (int k = 0; k < filled; k++) {
      long address = columns[k].addresses[tensor] + from(part, tensor) * Float.BYTES;
      chunk.addresses[k] = address;
      chunk.memory[k] = cpu.window(address);
    }
    return chunk;
  }

  private void read(Chunk chunk, int at, int n) {
    for (int k = 0; k < filled; k++) {
      chunk.memory[k].read(chunk.addresses[k] + (long) at * Float.BYTES, chunk.values[k], n);
    }
  }

  private void write(Chunk chunk, int at, int n) {
    for (int k = 0; k < filled; k++) {
      if (columns[k].written) {
        chunk.memory[k].write(chunk.addresses[k] + (long) at * Float.BYTES, chunk.values[k], n);
      }
    }
  }

  private int size(int part) {
    int tensor = tensorOf(part);
    long left = columns[0].tensors.get(tensor).count() - from(part, tensor);
    return (int) Math.min(Parallel.PART, left);
  }

  private long from(int part, int tensor) {
    return (long) (part - firstPart[tensor]) * Parallel.PART;
  }

  private int tensorOf(int part) {
    int found = Arrays.binarySearch(firstPart, part);
    return found >= 0 ? found : -found - 2;
  }
}
