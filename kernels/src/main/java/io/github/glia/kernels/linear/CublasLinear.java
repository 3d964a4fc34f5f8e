package io.github.glia.kernels.linear;

import io.github.glia.kernels.Check;
import io.github.glia.kernels.cuda.ColumnBias;
import io.github.glia.kernels.cuda.ColumnSum;
import io.github.glia.kernels.cuda.CudaBackend;
import io.github.glia.kernels.cuda.CudaPlan;
import io.github.glia.kernels.cuda.MatrixProduct;
import io.github.glia.kernels.cuda.Operand;
import io.github.glia.kernels.cuda.StagedProduct;
import io.github.glia.tensor.DType;
import io.github.glia.tensor.Shape;
import io.github.glia.tensor.Tensor;

/**
 * The affine map by cuBLAS: a product of matrices for each direction. The weights are cast to the
 * type of the rows in the workspace; their gradient comes out of cuBLAS in F32.
 */
final class CublasLinear extends CudaPlan implements LinearPlan {
  private final Key key;
  private final LinearShape shape;
  private final StagedProduct stagedForward;
  private final StagedProduct stagedData;
  private final StagedProduct stagedWeights;
  private final MatrixProduct forward;
  private final MatrixProduct backwardData;
  private final MatrixProduct backwardWeights;
  private final ColumnBias addBias;
  private final ColumnSum sumRows;
  private final String forwardName;
  private final String backwardDataName;
  private final String backwardWeightsName;

  CublasLinear(CudaBackend cuda, Key key) {
    super(cuda, "linear " + key);
    this.key = key;
    shape = key.shape();
    forwardName = name() + " forward";
    backwardDataName = name() + " backwardData";
    backwardWeightsName = name() + " backwardWeights";
    DType type = key.type();
    int rows = shape.rows();
    int in = shape.inFeatures();
    int out = shape.outFeatures();
    Operand x = new Operand(cuda, type, type, shape.input().count());
    Operand y = new Operand(cuda, type, type, shape.output().count());
    Operand w = new Operand(cuda, DType.F32, type, shape.weights().count());
    Operand dw = new Operand(cuda, DType.F32, DType.F32, shape.weights().count());
    stagedForward = new StagedProduct(cuda, x, w, y);
    stagedData = new StagedProduct(cuda, y, w, x);
    stagedWeights = new StagedProduct(cuda, y, x, dw);
    forward = new MatrixProduct(cuda, forwardName, type, type, rows, out, in, false, true);
    backwardData =
        new MatrixProduct(cuda, backwardDataName, type, type, rows, in, out, false, false);
    backwardWeights =
        new MatrixProduct(cuda, backwardWeightsName, type, DType.F32, out, in, rows, true, false);
    addBias = key.bias() ? new ColumnBias(cuda, type, rows, out, false) : null;
    sumRows = new ColumnSum(cuda, type, rows, out);
    chose("forward", forward.implementation());
    chose("backwardData", backwardData.implementation());
    chose("backwardWeights", backwardWeights.implementation());
  }

  @Override
  public void forward(Tensor x, Tensor w, Tensor b, Tensor y) {
    check("forward", "x", x, key.type(), shape.input());
    check("forward", "w", w, DType.F32, shape.weights());
    checkBias("forward", "b", b);
    check("forward", "y", y, key.type(), shape.output());
    synchronized (cuda) {
      long began = begins();
      stagedForward.run(
          forward, x.address(), w.address(), y.address(), addBias, key.bias() ? b.address() : 0);
      y.changed();
      cuda.ended(forwardName, forward.implementation(), began);
    }
  }

  @Override
  public void backwardData(Tensor dy, Tensor w, Tensor dx) {
    check("backwardData", "dy", dy, key.type(), shape.output());
    check("backwardData", "w", w, DType.F32, shape.weights());
    check("backwardData", "dx", dx, key.type(), shape.input());
    synchronized (cuda) {
      long began = begins();
      stagedData.run(backwardData, dy.address(), w.address(), dx.address());
      dx.changed();
      cuda.ended(backwardDataName, backwardData.implementation(), began);
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
      stagedWeights.run(backwardWeights, dy.address(), x.address(), dw.address());
      dw.changed();
      if (key.bias()) {
        sumRows.run(dy.address(), db.address(), cuda.workspace(sumRows.bytes()));
        db.changed();
      }
      cuda.ended(backwardWeightsName, backwardWeights.implementation(), began);
    }
  }

  private void check(String direction, String argument, Tensor t, DType dtype, Shape expected) {
    Check.tensor("linear", direction, argument, t, cuda.name(), dtype, expected);
  }

  private void checkBias(String direction, String argument, Tensor b) {
    Check.bias("linear", direction, argument, b, cuda.name(), key.bias(), shape.bias());
  }
}
