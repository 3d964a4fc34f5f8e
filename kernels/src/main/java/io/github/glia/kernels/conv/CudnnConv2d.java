package io.github.glia.kernels.conv;

import io.github.glia.kernels.cuda.ConvolutionGeometry;
import io.github.glia.kernels.cuda.CudaBackend;
import io.github.glia.kernels.cuda.CudnnConvolution;
import io.github.glia.kernels.cuda.Product;
import io.github.glia.tensor.DType;

/**
 * Convolution by cuDNN, which takes our weights as they lie in memory. It wants all tensors in one
 * type: where input and output differ it computes in F32, of casts and into what is cast, which is
 * precise, and slow where it is large.
 */
final class CudnnConv2d extends CudaConv2d {
  private final CudnnConvolution convolution;

  CudnnConv2d(CudaBackend cuda, Key key) {
    this(cuda, key, key.input() == key.output() ? key.input() : DType.F32);
  }

  private CudnnConv2d(CudaBackend cuda, Key key, DType computed) {
    super(cuda, key, computed, computed, computed);
    convolution = new CudnnConvolution(this, geometry(key.shape()), computed, false);
  }

  private static ConvolutionGeometry geometry(Conv2dShape s) {
    return new ConvolutionGeometry(
        s.input(),
        s.weights(),
        s.output(),
        s.strideHeight(),
        s.strideWidth(),
        s.paddingHeight(),
        s.paddingWidth(),
        s.dilationHeight(),
        s.dilationWidth(),
        s.groups());
  }

  @Override
  Product forward() {
    return convolution.forward();
  }

  @Override
  Product backwardData() {
    return convolution.data();
  }

  @Override
  Product backwardWeights() {
    return convolution.weights();
  }
}
