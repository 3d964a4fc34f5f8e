package io.github.glia.kernels.conv;

import io.github.glia.kernels.cpu.CpuBackend;
import io.github.glia.kernels.cpu.OneDnnPlan;
import io.github.glia.tensor.Tensor;

/**
 * Convolution of two images by oneDNN: the second one's adds to what the first one's wrote. Weights
 * are copied to the layout of either, and gradients back, from where they lie among the others.
 */
final class OneDnnJoinedConv2d extends OneDnnPlan implements JoinedConv2dPlan {
  private final Key key;
  private final JoinedConv2dArguments arguments;
  private final OneDnnConvolution ofA;
  private final OneDnnConvolution ofB;

  OneDnnJoinedConv2d(CpuBackend cpu, Key key) {
    super(cpu, "conv2d " + key);
    this.key = key;
    arguments = new JoinedConv2dArguments(key, cpu.name());
    int first = key.shape().firstChannels();
    ofA = part(convolution(0, first), " of a");
    ofB = part(convolution(first, key.shape().secondChannels()), " of b");
  }

  private OneDnnConvolution convolution(int firstChannel, int channels) {
    Conv2dShape whole = key.shape().whole();
    boolean isFirst = firstChannel == 0;
    Conv2dPlan.Key part =
        new Conv2dPlan.Key(
            whole.ofChannels(channels),
            key.type(),
            key.type(),
            key.bias() && isFirst,
            key.relu() && !isFirst);
    return new OneDnnConvolution(
        cpu,
        "conv2d " + key,
        part,
        !isFirst,
        ConvolvedRows.all(whole).plainWeights(firstChannel, channels));
  }

  @Override
  public boolean wantsOneImage() {
    return false;
  }

  @Override
  public void forward(Tensor a, Tensor b, Tensor w, Tensor bias, Tensor y) {
    arguments.forward(a, b, w, bias, y);
    synchronized (cpu) {
      long packed = cpu.workspace(Math.max(ofA.packedBytes(), ofB.packedBytes()));
      ofA.pack(w, packed);
      ofA.forward(a, packed, bias, y);
      ofB.pack(w, packed);
      ofB.forward(b, packed, null, y);
      y.changed();
    }
  }

  @Override
  public void backwardData(Tensor dy, Tensor w, Tensor da, Tensor db) {
    arguments.backwardData(dy, w, da, db);
    synchronized (cpu) {
      if (da != null) {
        backwardData(ofA, dy, w, da);
      }
      if (db != null) {
        backwardData(ofB, dy, w, db);
      }
    }
  }

  private void backwardData(OneDnnConvolution part, Tensor dy, Tensor w, Tensor dx) {
    part.backwardData(dy.address(), w, dx, cpu.workspace(part.backwardDataBytes()));
    dx.changed();
  }

  @Override
  public void backwardWeights(Tensor a, Tensor b, Tensor dy, Tensor dw, Tensor dbias) {
    arguments.backwardWeights(a, b, dy, dw, dbias);
    synchronized (cpu) {
      backwardWeights(ofA, a, dy, dw, dbias);
      backwardWeights(ofB, b, dy, dw, null);
      dw.changed();
      if (key.bias()) {
        dbias.changed();
      }
    }
  }

  private void backwardWeights(
      OneDnnConvolution part, Tensor x, Tensor dy, Tensor dw, Tensor dbias) {
    long scratch = cpu.workspace(part.backwardWeightsBytes());
    part.backwardWeights(x, dy.address(), dw, dbias, scratch);
  }

  @Override
  public long packedBytes() {
    synchronized (cpu) {
      return ofA.packedBytes() + ofB.packedBytes();
    }
  }

  @Override
  public void pack(Tensor w, Tensor packed) {
    synchronized (cpu) {
      arguments.pack(w, packed, packedBytes());
      ofA.pack(w, packed.address());
      ofB.pack(w, packed.address() + ofA.packedBytes());
      packed.changed();
    }
  }

  @Override
  public void forwardPacked(Tensor a, Tensor b, Tensor packed, Tensor bias, Tensor y) {
    synchronized (cpu) {
      arguments.forwardPacked(a, b, packed, packedBytes(), bias, y);
      ofA.forward(a, packed.address(), bias, y);
      ofB.forward(b, packed.address() + ofA.packedBytes(), null, y);
      y.changed();
    }
  }
}
