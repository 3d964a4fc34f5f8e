package io.github.glia.kernels.cuda;

import io.github.glia.tensor.DType;
import java.util.List;
import jcuda.Pointer;
import jcuda.jcudnn.JCudnn;
import jcuda.jcudnn.cudnnConvolutionBwdDataAlgo;

/** Of dy and w: dx. */
final class DataDirection extends ConvolutionDirection {
  private static final List<Algorithm> ALGORITHMS =
      List.of(
          new Algorithm(
              cudnnConvolutionBwdDataAlgo.CUDNN_CONVOLUTION_BWD_DATA_ALGO_1,
              "BWD_DATA_ALGO_1",
              true),
          new Algorithm(
              cudnnConvolutionBwdDataAlgo.CUDNN_CONVOLUTION_BWD_DATA_ALGO_0,
              "BWD_DATA_ALGO_0",
              false));

  DataDirection(CudaPlan owner, String use, ConvolutionGeometry geometry, DType type) {
    super(owner, "backwardData", use, geometry, type, ALGORITHMS);
  }

  @Override
  int askWorkspace(int number, long[] bytes) {
    ConvolutionDescriptors d = descriptors;
    return JCudnn.cudnnGetConvolutionBackwardDataWorkspaceSize(
        cuda.cudnn(), d.w(), d.y(), d.convolution(), d.x(), number, bytes);
  }

  @Override
  int compute(Pointer dy, Pointer w, Pointer dx, int number, Pointer scratch, long bytes) {
    ConvolutionDescriptors d = descriptors;
    return JCudnn.cudnnConvolutionBackwardData(
        cuda.cudnn(),
        Cudnn.ONE,
        d.w(),
        w,
        d.y(),
        dy,
        d.convolution(),
        number,
        scratch,
        bytes,
        Cudnn.ZERO,
        d.x(),
        dx);
  }

  @Override
  int computeOf(Pointer x, Pointer w, Pointer y, int number, Pointer scratch, long bytes) {
    return compute(y, w, x, number, scratch, bytes);
  }
}
