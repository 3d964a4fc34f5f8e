package io.github.glia.kernels.loss;

import io.github.glia.kernels.Check;
import io.github.glia.kernels.KernelObserver;
import io.github.glia.kernels.cpu.CpuBackend;
import io.github.glia.kernels.cpu.Parallel;
import io.github.glia.tensor.DType;
import io.github.glia.tensor.Tensor;
import java.util.Map;

/** A loss in plain Java: logits are few, next to the activations of a network. */
abstract class CpuLoss implements LossPlan {
  private static final ThreadLocal<Chunk> CHUNK = ThreadLocal.withInitial(Chunk::new);

  final CpuBackend cpu;
  final Key key;
  final long count;
  private final LossArguments arguments;
  private final String forwardName;
  private final String backwardName;
  private final Truth truth;

  /** Where logits, truth and gradients of the call that runs are. */
  private long x;

  private long t;
  private long dx;

  CpuLoss(CpuBackend cpu, Key key) {
    this.cpu = cpu;
    this.key = key;
    this.count = key.logits().count();
    this.arguments = new LossArguments(cpu.name(), key);
    this.truth = new Truth(cpu, key);
    this.forwardName = "loss " + key + " forward";
    this.backwardName = "loss " + key + " backward";
  }

  static CpuLoss of(CpuBackend cpu, Key key) {
    Loss loss = key.loss();
    if (loss instanceof Dice dice) {
      return new CpuOverlapLoss(cpu, key, Overlap.of(dice), false);
    } else if (loss instanceof Jaccard jaccard) {
      return new CpuOverlapLoss(cpu, key, Overlap.of(jaccard), false);
    } else if (loss instanceof Tversky tversky) {
      return new CpuOverlapLoss(cpu, key, Overlap.of(tversky), false);
    } else if (loss instanceof BceDice both) {
      return new CpuOverlapLoss(cpu, key, Overlap.of(new Dice(both.smooth())), true);
    } else if (loss instanceof Bce) {
      return new CpuBce(cpu, key);
    } else if (loss instanceof Focal focal) {
      return new CpuFocal(cpu, key, focal.gamma());
    }
    return new CpuCrossEntropy(cpu, key);
  }

  /** L of the logits and the truth of the call. */
  abstract double loss();

  /** Writes dLoss · dL/dx of the call. */
  abstract void gradient(float dLoss);

  @Override
  public final void forward(Tensor x, Tensor t, Tensor loss) {
    arguments.checkForward(x, t, loss);
    synchronized (cpu) {
      long began = cpu.kernelBegins();
      at(x, t);
      float value = (float) loss();
      requireTruth(t);
      cpu.window(loss.address()).putFloat(loss.address(), value);
      loss.changed();
      cpu.kernelEnded(forwardName, KernelObserver.PLAIN_JAVA, began);
    }
  }

  @Override
  public final void backward(Tensor x, Tensor t, Tensor dLoss, Tensor dx) {
    arguments.checkBackward(x, t, dLoss, dx);
    synchronized (cpu) {
      long began = cpu.kernelBegins();
      at(x, t);
      this.dx = dx.address();
      gradient(cpu.window(dLoss.address()).getFloat(dLoss.address()));
      requireTruth(t);
      dx.changed();
      cpu.kernelEnded(backwardName, KernelObserver.PLAIN_JAVA, began);
    }
  }

  private void at(Tensor logits, Tensor truths) {
    x = logits.address();
    t = truths.address();
  }

  /** Refuses values that the pass over the truth has met and that are out of range. */
  private void requireTruth(Tensor t) {
    long index = truth.refused();
    if (index == Long.MAX_VALUE) {
      return;
    }
    String found =
        key.truth() == DType.U8
            ? "" + (t.toBytes()[Math.toIntExact(index)] & 0xff)
            : "" + cpu.window(t.address()).getFloat(t.address() + index * Float.BYTES);
    String expected =
        key.truthIsClass()
            ? "the classes are 0 to " + key.largestTruth()
            : "a truth is from 0 to 1; divide a mask of 0 and 255 by 255";
    throw Check.failed(
        "loss " + key.loss(), "element " + index + " of t is " + found + ", but " + expected);
  }

  /** Adds what a chunk of elements contributes to each of the sums. */
  interface Term {
    void add(Chunk chunk, double[] sums);
  }

  /** Computes the gradients of a chunk of elements. */
  interface Slope {
    void compute(Chunk chunk);
  }

  /** Sums over all elements of a call. */
  final Parallel.Sums sums(int sums, Term term) {
    return new Parallel.Sums(
        count,
        sums,
        (from, n, total) -> {
          for (int at = 0; at < n; at += Chunk.SIZE) {
            term.add(read(from + at, Math.min(Chunk.SIZE, n - at)), total);
          }
        });
  }

  /** The writing of the gradients of all elements of a call. */
  final Parallel.Body gradients(Slope slope) {
    return (from, n) -> {
      for (int at = 0; at < n; at += Chunk.SIZE) {
        Chunk chunk = read(from + at, Math.min(Chunk.SIZE, n - at));
        slope.compute(chunk);
        write(chunk.dx, from + at, chunk.n);
      }
    };
  }

  private Chunk read(long from, int n) {
    Chunk chunk = CHUNK.get();
    chunk.n = n;
    readLogits(from, chunk.x, n);
    readTruth(from, chunk.t, n);
    return chunk;
  }

  /** Reads the logits {@code from … from + n − 1} of the call. */
  final void readLogits(long from, float[] logits, int n) {
    long address = x + from * Float.BYTES;
    cpu.window(address).read(address, logits, n);
  }

  /** Reads the truth {@code from … from + n − 1} of the call. */
  final void readTruth(long from, float[] truths, int n) {
    truth.read(t, from, truths, n);
  }

  /** Writes the gradients {@code from … from + n − 1} of the call. */
  final void write(float[] gradients, long from, int n) {
    long address = dx + from * Float.BYTES;
    cpu.window(address).write(address, gradients, n);
  }

  @Override
  public final Map<String, String> implementations() {
    return Map.of();
  }

  @Override
  public final void close() {}
}
