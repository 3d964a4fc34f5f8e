package io.github.glia.kernels.cuda;

import io.github.glia.tensor.DType;
import java.util.List;
import jcuda.Pointer;
import jcuda.jcudnn.JCudnn;
import jcuda.jcudnn.cudnnConvolutionFwdAlgo;

/** Of x and w: y. */
final class ForwardDirection extends ConvolutionDirection {
  private static final List<Algorithm> ALGORITHMS =
      List.of(
          new Algorithm(
              cudnnConvolutionFwdAlgo.CUDNN_CONVOLUTION_FWD_ALGO_IMPLICIT_PRECOMP_GEMM,
              "IMPLICIT_PRECOMP_GEMM",
              true),
          new Algorithm(
              cudnnConvolutionFwdAlgo.CUDNN_CONVOLUTION_FWD_ALGO_IMPLICIT_GEMM,
              "IMPLICIT_GEMM",
              true));

  ForwardDirection(CudaPlan owner, String use, ConvolutionGeometry geometry, DType type) {
    super(owner, "forward", use, geometry, type, ALGORITHMS);
  }

  @Override
  int askWorkspace(int number, long[] bytes) {
    ConvolutionDescriptors d = descriptors;
    return JCudnn.cudnnGetConvolutionForwardWorkspaceSize(
        cuda.cudnn(), d.x(), d.w(), d.convolution(), d.y(), number, bytes);
  }

  @Override
  int compute(Pointer x, Pointer w, Pointer y, int number, Pointer scratch, long bytes) {
    ConvolutionDescriptors d = descriptors;
    return JCudnn.cudnnConvolutionForward(
        cuda.cudnn(),
        Cudnn.ONE,
        d.x(),
        x,
        d.w(),
        w,
        d.convolution(),
        number,
        scratch,
        bytes,
        Cudnn.ZERO,
        d.y(),
        y);
  }

  @Override
  int computeOf(Pointer x, Pointer w, Pointer y, int number, Pointer scratch, long bytes) {
    return compute(x, w, y, number, scratch, bytes);
  }
}
