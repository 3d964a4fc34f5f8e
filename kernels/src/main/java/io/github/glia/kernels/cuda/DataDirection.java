package io.github.glia.kernels.cuda;

import io.github.glia.tensor.DType;
import java.util.List;
import java.util.stream.Stream;
import jcuda.Pointer;
import jcuda.jcudnn.JCudnn;
import jcuda.jcudnn.cudnnConvolutionBwdDataAlgo;
import jcuda.jcudnn.cudnnConvolutionBwdDataAlgoPerf;

/** Of dy and w: dx. */
final class DataDirection extends ConvolutionDirection {
  private static final List<String> ALGORITHMS = List.of("BWD_DATA_ALGO_0", "BWD_DATA_ALGO_1");

  /** Each algorithm in two arithmetics. */
  private static final int MOST =
      2 * cudnnConvolutionBwdDataAlgo.CUDNN_CONVOLUTION_BWD_DATA_ALGO_COUNT;

  DataDirection(CudaPlan owner, String use, ConvolutionGeometry geometry, DType type) {
    super(owner, "backwardData", use, geometry, type, ALGORITHMS);
  }

  @Override
  List<Candidate> measure(Operands at, Pointer scratch, long bytes) {
    ConvolutionDescriptors d = descriptors;
    int[] count = new int[1];
    cudnnConvolutionBwdDataAlgoPerf[] found = new cudnnConvolutionBwdDataAlgoPerf[MOST];
    ask(
        () -> JCudnn.cudnnFindConvolutionBackwardDataAlgorithmEx(
            cuda.cudnn(),
            d.w(),
            at.w(),
            d.y(),
            at.y(),
            d.convolution(),
            d.x(),
            at.x(),
            MOST,
            count,
            found,
            scratch,
            bytes));
    return candidates(found, count[0]);
  }

  @Override
  List<Candidate> guess() {
    ConvolutionDescriptors d = descriptors;
    int[] count = new int[1];
    cudnnConvolutionBwdDataAlgoPerf[] found = new cudnnConvolutionBwdDataAlgoPerf[MOST];
    ask(
        () -> JCudnn.cudnnGetConvolutionBackwardDataAlgorithm_v7(
            cuda.cudnn(), d.w(), d.y(), d.convolution(), d.x(), MOST, count, found));
    return candidates(found, count[0]);
  }

  private static List<Candidate> candidates(cudnnConvolutionBwdDataAlgoPerf[] found, int count) {
    return Stream.of(found)
        .limit(count)
        .map(p -> Candidate.of(p.algo, p.mathType, p.status, p.determinism))
        .toList();
  }

  @Override
  int workspaceSize(int number, long[] bytes) {
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
}
