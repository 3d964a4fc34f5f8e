package io.github.glia.kernels.loss;

import io.github.glia.kernels.Check;
import io.github.glia.kernels.KernelObserver;
import io.github.glia.kernels.cpu.CpuBackend;
import io.github.glia.kernels.cpu.Parallel;
import io.github.glia.tensor.DType;
import io.github.glia.tensor.Tensor;
import java.nio.FloatBuffer;
import java.util.Map;
import java.util.concurrent.atomic.LongAccumulator;

/** A loss in plain Java: logits are few, next to the activations of a network. */
abstract class CpuLoss implements LossPlan {
  private static final ThreadLocal<Chunk> CHUNK = ThreadLocal.withInitial(Chunk::new);

  final CpuBackend cpu;
  final Key key;
  final long count;
  private final LossArguments arguments;
  private final String forwardName;
  private final String backwardName;
  private final LongAccumulator firstRefused = new LongAccumulator(Math::min, Long.MAX_VALUE);

  CpuLoss(CpuBackend cpu, Key key) {
    this.cpu = cpu;
    this.key = key;
    this.count = key.logits().count();
    this.arguments = new LossArguments(cpu.name(), key);
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

  /** L of the logits and the truth at these addresses. */
  abstract double loss(long x, long t);

  /** Writes dLoss · dL/dx to dx. */
  abstract void gradient(long x, long t, float dLoss, long dx);

  @Override
  public final void forward(Tensor x, Tensor t, Tensor loss) {
    arguments.checkForward(x, t, loss);
    synchronized (cpu) {
      long began = cpu.kernelBegins();
      FloatBuffer result = cpu.floats(loss.address(), 0, 1);
      float value = (float) loss(x.address(), t.address());
      requireTruth(t);
      result.put(0, value);
      loss.changed();
      cpu.kernelEnded(forwardName, KernelObserver.PLAIN_JAVA, began);
    }
  }

  @Override
  public final void backward(Tensor x, Tensor t, Tensor dLoss, Tensor dx) {
    arguments.checkBackward(x, t, dLoss, dx);
    synchronized (cpu) {
      long began = cpu.kernelBegins();
      float factor = cpu.floats(dLoss.address(), 0, 1).get(0);
      gradient(x.address(), t.address(), factor, dx.address());
      requireTruth(t);
      dx.changed();
      cpu.kernelEnded(backwardName, KernelObserver.PLAIN_JAVA, began);
    }
  }

  final Truth truth(long address, long from, int n) {
    return new Truth(cpu, key, address, from, n, firstRefused);
  }

  /** Refuses values that the pass over the truth has met and that are out of range. */
  private void requireTruth(Tensor t) {
    long index = firstRefused.getThenReset();
    if (index == Long.MAX_VALUE) {
      return;
    }
    String found =
        key.truth() == DType.U8
            ? "" + (cpu.view(t.address() + index, 1).get(0) & 0xff)
            : "" + cpu.floats(t.address(), index, 1).get(0);
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

  /** Sums over all elements. */
  final double[] sum(long x, long t, int sums, Term term) {
    return Parallel.sum(
        count,
        sums,
        (from, n, total) -> {
          FloatBuffer logits = cpu.floats(x, from, n);
          Truth truth = truth(t, from, n);
          for (int at = 0; at < n; at += Chunk.SIZE) {
            term.add(read(logits, truth, at, n), total);
          }
        });
  }

  /** Writes the gradients of all elements. */
  final void write(long x, long t, long dx, Slope slope) {
    Parallel.forEachPart(
        count,
        (from, n) -> {
          FloatBuffer logits = cpu.floats(x, from, n);
          FloatBuffer gradients = cpu.floats(dx, from, n);
          Truth truth = truth(t, from, n);
          for (int at = 0; at < n; at += Chunk.SIZE) {
            Chunk chunk = read(logits, truth, at, n);
            slope.compute(chunk);
            gradients.put(at, chunk.dx, 0, chunk.n);
          }
        });
  }

  private static Chunk read(FloatBuffer logits, Truth truth, int at, int n) {
    Chunk chunk = CHUNK.get();
    chunk.n = Math.min(Chunk.SIZE, n - at);
    logits.get(at, chunk.x, 0, chunk.n);
    truth.read(at, chunk.t, chunk.n);
    return chunk;
  }

  @Override
  public final Map<String, String> implementations() {
    return Map.of();
  }

  @Override
  public final void close() {}
}
