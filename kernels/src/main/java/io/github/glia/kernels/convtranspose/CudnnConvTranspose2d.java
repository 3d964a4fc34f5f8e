package io.github.glia.kernels.convtranspose;

import io.github.glia.kernels.Check;
import io.github.glia.kernels.cuda.ColumnBias;
import io.github.glia.kernels.cuda.ColumnSum;
import io.github.glia.kernels.cuda.ConvolutionGeometry;
import io.github.glia.kernels.cuda.CudaBackend;
import io.github.glia.kernels.cuda.CudaPlan;
import io.github.glia.kernels.cuda.CudnnConvolution;
import io.github.glia.kernels.cuda.Operand;
import io.github.glia.kernels.cuda.Product;
import io.github.glia.kernels.cuda.StagedProduct;
import io.github.glia.kernels.cuda.TypeCast;
import io.github.glia.tensor.DType;
import io.github.glia.tensor.Shape;
import io.github.glia.tensor.Tensor;

/**
 * Transposed convolution by cuDNN: the gradients of the convolution that leads from our y to our x.
 *
 * <pre>
 *   y  is that convolution's dx, of our x in the place of its dy
 *   dx is that convolution's y, of our dy in the place of its x
 *   dw is that convolution's dw, of the same two
 * </pre>
 */
final class CudnnConvTranspose2d extends CudaPlan implements ConvTranspose2dPlan {
  private final Key key;
  private final ConvTranspose2dShape shape;
  private final CudnnConvolution convolution;
  private final Shape packedShape;
  private final TypeCast packing;
  private final StagedProduct forward;
  private final StagedProduct forwardPacked;
  private final StagedProduct backwardData;
  private final StagedProduct backwardWeights;
  private final ColumnBias addBias;
  private final ColumnSum sumRows;
  private final String forwardName;
  private final String packName;
  private final String backwardDataName;
  private final String backwardWeightsName;

  CudnnConvTranspose2d(CudaBackend cuda, Key key) {
    super(cuda, "convTranspose2d " + key);
    this.key = key;
    shape = key.shape();
    forwardName = name() + " forward";
    packName = name() + " pack";
    backwardDataName = name() + " backwardData";
    backwardWeightsName = name() + " backwardWeights";
    DType type = key.type();
    convolution = new CudnnConvolution(this, geometry(shape), type, true);
    Operand x = new Operand(cuda, type, type, shape.input().count());
    Operand y = new Operand(cuda, type, type, shape.output().count());
    Operand w = new Operand(cuda, DType.F32, type, shape.weights().count());
    long weights = shape.weights().count();
    packedShape = Shape.of(Math.toIntExact(weights * type.bytes()));
    packing = new TypeCast(cuda, DType.F32, type);
    forward = new StagedProduct(cuda, x, w, y);
    forwardPacked = new StagedProduct(cuda, x, new Operand(cuda, type, type, weights), y);
    backwardData = new StagedProduct(cuda, y, w, x);
    backwardWeights = new StagedProduct(cuda, x, y, w);
    int channels = shape.outChannels();
    long pixels = shape.output().count() / channels;
    addBias = key.bias() ? new ColumnBias(cuda, type, pixels, channels, false) : null;
    sumRows = new ColumnSum(cuda, type, pixels, channels);
    if (key.bias()) {
      chose("bias", OWN);
    }
  }

  /** The convolution that leads from our y to our x. */
  private static ConvolutionGeometry geometry(ConvTranspose2dShape s) {
    return new ConvolutionGeometry(
        s.output(),
        s.weights(),
        s.input(),
        s.strideHeight(),
        s.strideWidth(),
        s.paddingHeight(),
        s.paddingWidth(),
        1,
        1,
        1);
  }

  @Override
  public void forward(Tensor x, Tensor w, Tensor b, Tensor y) {
    check("forward", "w", w, DType.F32, shape.weights());
    convolve(forward, x, w, b, y);
  }

  @Override
  public void forwardPacked(Tensor x, Tensor packed, Tensor b, Tensor y) {
    check("forward", "packed", packed, DType.U8, packedShape);
    convolve(forwardPacked, x, packed, b, y);
  }

  private void convolve(StagedProduct staged, Tensor x, Tensor w, Tensor b, Tensor y) {
    check("forward", "x", x, key.type(), shape.input());
    checkBias("forward", "b", b);
    check("forward", "y", y, key.type(), shape.output());
    synchronized (cuda) {
      long began = begins();
      Product product = convolution.data();
      staged.run(
          product, x.address(), w.address(), y.address(), addBias, key.bias() ? b.address() : 0);
      y.changed();
      cuda.ended(forwardName, product.implementation(), began);
    }
  }

  @Override
  public long packedBytes() {
    return packedShape.count();
  }

  @Override
  public void pack(Tensor w, Tensor packed) {
    check("pack", "w", w, DType.F32, shape.weights());
    check("pack", "packed", packed, DType.U8, packedShape);
    synchronized (cuda) {
      long began = begins();
      packing.run(w.address(), packed.address(), shape.weights().count());
      packed.changed();
      cuda.ended(packName, OWN, began);
    }
  }

  @Override
  public void backwardData(Tensor dy, Tensor w, Tensor dx) {
    check("backwardData", "dy", dy, key.type(), shape.output());
    check("backwardData", "w", w, DType.F32, shape.weights());
    check("backwardData", "dx", dx, key.type(), shape.input());
    synchronized (cuda) {
      long began = begins();
      Product product = convolution.forward();
      backwardData.run(product, dy.address(), w.address(), dx.address());
      dx.changed();
      cuda.ended(backwardDataName, product.implementation(), began);
    }
  }

  @Override
  public void backwardWeights(Tensor x, Tensor dy, Tensor dw, Tensor db) {
    check("backwardWeights", "x", x, key.type(), shape.input());
    check("backwardWeights", "dy", dy, key.type(), shape.output());
    check("backwardWeights", "dw", dw, DType.F32, shape.weights());
    checkBias("backwardWeights", "db", db);
    synchronized (cuda) {
      long began = begins();
      Product product = convolution.weights();
      backwardWeights.run(product, x.address(), dy.address(), dw.address());
      dw.changed();
      if (key.bias()) {
        sumRows.run(dy.address(), db.address(), cuda.workspace(sumRows.bytes()));
        db.changed();
      }
      cuda.ended(backwardWeightsName, product.implementation(), began);
    }
  }

  private void check(String direction, String argument, Tensor t, DType dtype, Shape expected) {
    Check.tensor("convTranspose2d", direction, argument, t, cuda.name(), dtype, expected);
  }

  private void checkBias(String direction, String argument, Tensor b) {
    Check.bias("convTranspose2d", direction, argument, b, cuda.name(), key.bias(), shape.bias());
  }
}
