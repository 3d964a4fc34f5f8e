package io.github.glia.kernels.conv;

import io.github.glia.kernels.cuda.CudaBackend;
import io.github.glia.kernels.cuda.MatrixProduct;
import io.github.glia.kernels.cuda.Product;
import io.github.glia.tensor.DType;

/**
 * Convolution of pixels one by one, from 16-bit images to F32: the last layer of a network. With a
 * pixel in each row it is a product of matrices, and cuBLAS writes F32 where cuDNN would not:
 *
 * <pre>
 *   y  = x wᵀ
 *   dx = dy w
 *   dw = dyᵀ x
 * </pre>
 *
 * <p>cuBLAS wants both operands in one type, so dy is rounded to that of x, as on the CPU.
 */
final class CublasPointwiseConv2d extends CudaConv2d {
  private final MatrixProduct forward;
  private final MatrixProduct backwardData;
  private final MatrixProduct backwardWeights;

  CublasPointwiseConv2d(CudaBackend cuda, Key key) {
    super(cuda, key, key.input(), DType.F32, DType.F32);
    DType type = key.input();
    Conv2dShape s = key.shape();
    int in = s.inChannels();
    int out = s.outChannels();
    long pixels = s.input().count() / in;
    forward =
        new MatrixProduct(cuda, name() + " forward", type, DType.F32, pixels, out, in, false, true);
    backwardData =
        new MatrixProduct(
            cuda, name() + " backwardData", type, type, pixels, in, out, false, false);
    backwardWeights =
        new MatrixProduct(
            cuda, name() + " backwardWeights", type, DType.F32, out, in, pixels, true, false);
    chose("forward", forward.implementation());
    chose("backwardData", backwardData.implementation());
    chose("backwardWeights", backwardWeights.implementation());
  }

  static boolean computes(Key key) {
    Conv2dShape s = key.shape();
    return key.input() != DType.F32
        && key.output() == DType.F32
        && s.groups() == 1
        && s.kernelHeight() == 1
        && s.kernelWidth() == 1
        && s.strideHeight() == 1
        && s.strideWidth() == 1
        && s.paddingHeight() == 0
        && s.paddingWidth() == 0;
  }

  @Override
  Product forward() {
    return forward;
  }

  @Override
  Product backwardData() {
    return backwardData;
  }

  @Override
  Product backwardWeights() {
    return backwardWeights;
  }
}
