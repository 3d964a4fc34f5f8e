package io.github.glia.kernels.conv;

import io.github.glia.kernels.Check;
import io.github.glia.kernels.cuda.ColumnBias;
import io.github.glia.kernels.cuda.ColumnSum;
import io.github.glia.kernels.cuda.CudaBackend;
import io.github.glia.kernels.cuda.CudaPlan;
import io.github.glia.kernels.cuda.Operand;
import io.github.glia.kernels.cuda.Product;
import io.github.glia.kernels.cuda.StagedProduct;
import io.github.glia.kernels.cuda.TypeCast;
import io.github.glia.tensor.DType;
import io.github.glia.tensor.Shape;
import io.github.glia.tensor.Tensor;

/**
 * Convolution on a GPU, whatever multiplies. Operands in other types than the library computes in
 * are cast in the workspace.
 *
 * <p>Bias and ReLU are a kernel of our own after the product, in place. cuDNN's fused form takes a
 * bias in the type of y, so that a 16-bit one would be rounded, and a ReLU only where NaN need not
 * come out as NaN.
 */
abstract class CudaConv2d extends CudaPlan implements Conv2dPlan {
  private final Key key;
  private final Conv2dShape shape;
  private final DType computed;
  private final StagedProduct forward;
  private final StagedProduct forwardPacked;
  private final StagedProduct backwardData;
  private final StagedProduct backwardWeights;
  private final TypeCast packing;
  private final ColumnBias finish;
  private final ColumnSum sumRows;
  private final String forwardName;
  private final String packName;
  private final String backwardDataName;
  private final String backwardWeightsName;

  /**
   * @param computed the type of operands, and of dx as the library writes it
   * @param written the type of y as the library writes it
   * @param gradient the type of dw as the library writes it
   */
  CudaConv2d(CudaBackend cuda, Key key, DType computed, DType written, DType gradient) {
    super(cuda, "conv2d " + key);
    this.key = key;
    this.computed = computed;
    shape = key.shape();
    forwardName = name() + " forward";
    packName = name() + " pack";
    backwardDataName = name() + " backwardData";
    backwardWeightsName = name() + " backwardWeights";
    long inputs = shape.input().count();
    long outputs = shape.output().count();
    long weights = shape.weights().count();
    Operand x = new Operand(cuda, key.input(), computed, inputs);
    Operand w = new Operand(cuda, DType.F32, computed, weights);
    Operand packed = new Operand(cuda, computed, computed, weights);
    Operand y = new Operand(cuda, key.output(), written, outputs);
    Operand dy = new Operand(cuda, key.output(), computed, outputs);
    Operand dw = new Operand(cuda, DType.F32, gradient, weights);
    forward = new StagedProduct(cuda, x, w, y);
    forwardPacked = new StagedProduct(cuda, x, packed, y);
    backwardData = new StagedProduct(cuda, dy, w, x);
    backwardWeights = new StagedProduct(cuda, dy, x, dw);
    packing = new TypeCast(cuda, DType.F32, computed);
    int channels = shape.outChannels();
    long pixels = outputs / channels;
    sumRows = new ColumnSum(cuda, key.output(), pixels, channels);
    finish =
        key.bias() || key.relu()
            ? new ColumnBias(cuda, written, pixels, channels, key.relu())
            : null;
    if (finish != null) {
      chose("bias and ReLU", OWN);
    }
  }

  /** Of x and w: y. */
  abstract Product forward();

  /** Of dy and w: dx. */
  abstract Product backwardData();

  /** Of dy and x: dw. */
  abstract Product backwardWeights();

  @Override
  public final void forward(Tensor x, Tensor w, Tensor b, Tensor y) {
    check("forward", "w", w, DType.F32, shape.weights());
    convolve(forward, x, w, b, y);
  }

  @Override
  public final void forwardPacked(Tensor x, Tensor packed, Tensor b, Tensor y) {
    checkPacked("forward", packed);
    convolve(forwardPacked, x, packed, b, y);
  }

  private void convolve(StagedProduct staged, Tensor x, Tensor w, Tensor b, Tensor y) {
    check("forward", "x", x, key.input(), shape.input());
    check("forward", "y", y, key.output(), shape.output());
    checkBias("forward", "b", b);
    synchronized (cuda) {
      long began = begins();
      Product product = forward();
      staged.run(
          product, x.address(), w.address(), y.address(), finish, key.bias() ? b.address() : 0);
      y.changed();
      cuda.ended(forwardName, product.implementation(), began);
    }
  }

  @Override
  public final long packedBytes() {
    return shape.weights().count() * computed.bytes();
  }

  @Override
  public final void pack(Tensor w, Tensor packed) {
    check("pack", "w", w, DType.F32, shape.weights());
    checkPacked("pack", packed);
    synchronized (cuda) {
      long began = begins();
      packing.run(w.address(), packed.address(), shape.weights().count());
      packed.changed();
      cuda.ended(packName, OWN, began);
    }
  }

  @Override
  public final void backwardData(Tensor dy, Tensor w, Tensor dx) {
    check("backwardData", "dy", dy, key.output(), shape.output());
    check("backwardData", "w", w, DType.F32, shape.weights());
    check("backwardData", "dx", dx, key.input(), shape.input());
    synchronized (cuda) {
      long began = begins();
      Product product = backwardData();
      backwardData.run(product, dy.address(), w.address(), dx.address());
      dx.changed();
      cuda.ended(backwardDataName, product.implementation(), began);
    }
  }

  @Override
  public final void backwardWeights(Tensor x, Tensor dy, Tensor dw, Tensor db) {
    check("backwardWeights", "x", x, key.input(), shape.input());
    check("backwardWeights", "dy", dy, key.output(), shape.output());
    check("backwardWeights", "dw", dw, DType.F32, shape.weights());
    checkBias("backwardWeights", "db", db);
    synchronized (cuda) {
      long began = begins();
      Product product = backwardWeights();
      backwardWeights.run(product, dy.address(), x.address(), dw.address());
      dw.changed();
      if (key.bias()) {
        sumRows.run(dy.address(), db.address(), cuda.workspace(sumRows.bytes()));
        db.changed();
      }
      cuda.ended(backwardWeightsName, product.implementation(), began);
    }
  }

  private void check(String direction, String argument, Tensor t, DType dtype, Shape expected) {
    Check.tensor("conv2d " + direction, argument, t, cuda.name(), dtype, expected);
  }

  private void checkPacked(String direction, Tensor packed) {
    check(direction, "packed", packed, DType.U8, Shape.of((int) packedBytes()));
    Check.holds("conv2d " + direction, "packed", packed, computed.bytes());
  }

  private void checkBias(String direction, String argument, Tensor b) {
    Check.bias("conv2d " + direction, argument, b, cuda.name(), key.bias(), shape.bias());
  }
}
