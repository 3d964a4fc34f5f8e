package io.github.glia.kernels.cuda;

import io.github.glia.tensor.DType;
import java.util.List;
import jcuda.Pointer;
import jcuda.jcudnn.JCudnn;
import jcuda.jcudnn.cudnnConvolutionBwdFilterAlgo;

/** Of dy and x: dw. */
final class WeightsDirection extends ConvolutionDirection {
  private static final List<Algorithm> ALGORITHMS =
      List.of(
          new Algorithm(
              cudnnConvolutionBwdFilterAlgo.CUDNN_CONVOLUTION_BWD_FILTER_ALGO_1,
              "BWD_FILTER_ALGO_1",
              true),
          new Algorithm(
              cudnnConvolutionBwdFilterAlgo.CUDNN_CONVOLUTION_BWD_FILTER_ALGO_0,
              "BWD_FILTER_ALGO_0",
              false),
          new Algorithm(
              cudnnConvolutionBwdFilterAlgo.CUDNN_CONVOLUTION_BWD_FILTER_ALGO_3,
              "BWD_FILTER_ALGO_3",
              false));

  WeightsDirection(CudaPlan owner, String use, ConvolutionGeometry geometry, DType type) {
    super(owner, "backwardWeights", use, geometry, type, ALGORITHMS);
  }

  @Override
  int askWorkspace(int number, long[] bytes) {
    ConvolutionDescriptors d = descriptors;
    return JCudnn.cudnnGetConvolutionBackwardFilterWorkspaceSize(
        cuda.cudnn(), d.x(), d.y(), d.convolution(), d.w(), number, bytes);
  }

  @Override
  int compute(Pointer dy, Pointer x, Pointer dw, int number, Pointer scratch, long bytes) {
    ConvolutionDescriptors d = descriptors;
    return JCudnn.cudnnConvolutionBackwardFilter(
        cuda.cudnn(),
        Cudnn.ONE,
        d.x(),
        x,
        d.y(),
        dy,
        d.convolution(),
        number,
        scratch,
        bytes,
        Cudnn.ZERO,
        d.w(),
        dw);
  }

  @Override
  int computeOf(Pointer x, Pointer w, Pointer y, int number, Pointer scratch, long bytes) {
    return compute(y, x, w, number, scratch, bytes);
  }
}
