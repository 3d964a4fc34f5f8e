package io.github.glia.kernels.cuda;

import io.github.glia.tensor.DType;
import java.util.List;
import java.util.stream.Stream;
import jcuda.Pointer;
import jcuda.jcudnn.JCudnn;
import jcuda.jcudnn.cudnnConvolutionBwdFilterAlgo;
import jcuda.jcudnn.cudnnConvolutionBwdFilterAlgoPerf;

/** Of dy and x: dw. */
final class WeightsDirection extends ConvolutionDirection {
  private static final List<String> ALGORITHMS =
      List.of("BWD_FILTER_ALGO_0", "BWD_FILTER_ALGO_1", "", "BWD_FILTER_ALGO_3");

  /** Each algorithm in two arithmetics. */
  private static final int MOST =
      2 * cudnnConvolutionBwdFilterAlgo.CUDNN_CONVOLUTION_BWD_FILTER_ALGO_COUNT;

  WeightsDirection(CudaPlan owner, String use, ConvolutionGeometry geometry, DType type) {
    super(owner, "backwardWeights", use, geometry, type, ALGORITHMS);
  }

  @Override
  List<Candidate> measure(Operands at, Pointer scratch, long bytes) {
    ConvolutionDescriptors d = descriptors;
    int[] count = new int[1];
    cudnnConvolutionBwdFilterAlgoPerf[] found = new cudnnConvolutionBwdFilterAlgoPerf[MOST];
    ask(
        () -> JCudnn.cudnnFindConvolutionBackwardFilterAlgorithmEx(
            cuda.cudnn(),
            d.x(),
            at.x(),
            d.y(),
            at.y(),
            d.convolution(),
            d.w(),
            at.w(),
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
    cudnnConvolutionBwdFilterAlgoPerf[] found = new cudnnConvolutionBwdFilterAlgoPerf[MOST];
    ask(
        () -> JCudnn.cudnnGetConvolutionBackwardFilterAlgorithm_v7(
            cuda.cudnn(), d.x(), d.y(), d.convolution(), d.w(), MOST, count, found));
    return candidates(found, count[0]);
  }

  private static List<Candidate> candidates(cudnnConvolutionBwdFilterAlgoPerf[] found, int count) {
    return Stream.of(found)
        .limit(count)
        .map(p -> Candidate.of(p.algo, p.mathType, p.status, p.determinism))
        .toList();
  }

  @Override
  int workspaceSize(int number, long[] bytes) {
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
}
