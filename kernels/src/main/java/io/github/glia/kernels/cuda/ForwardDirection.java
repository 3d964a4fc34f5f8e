package io.github.glia.kernels.cuda;

import io.github.glia.tensor.DType;
import java.util.List;
import java.util.stream.Stream;
import jcuda.Pointer;
import jcuda.jcudnn.JCudnn;
import jcuda.jcudnn.cudnnConvolutionFwdAlgo;
import jcuda.jcudnn.cudnnConvolutionFwdAlgoPerf;

/** Of x and w: y. */
final class ForwardDirection extends ConvolutionDirection {
  private static final List<String> ALGORITHMS =
      List.of("IMPLICIT_GEMM", "IMPLICIT_PRECOMP_GEMM", "GEMM", "DIRECT");

  /** Each algorithm in two arithmetics. */
  private static final int MOST = 2 * cudnnConvolutionFwdAlgo.CUDNN_CONVOLUTION_FWD_ALGO_COUNT;

  ForwardDirection(CudaPlan owner, String use, ConvolutionGeometry geometry, DType type) {
    super(owner, "forward", use, geometry, type, ALGORITHMS);
  }

  @Override
  List<Candidate> measure(Operands at, Pointer scratch, long bytes) {
    ConvolutionDescriptors d = descriptors;
    int[] count = new int[1];
    cudnnConvolutionFwdAlgoPerf[] found = new cudnnConvolutionFwdAlgoPerf[MOST];
    ask(
        () -> JCudnn.cudnnFindConvolutionForwardAlgorithmEx(
            cuda.cudnn(),
            d.x(),
            at.x(),
            d.w(),
            at.w(),
            d.convolution(),
            d.y(),
            at.y(),
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
    cudnnConvolutionFwdAlgoPerf[] found = new cudnnConvolutionFwdAlgoPerf[MOST];
    ask(
        () -> JCudnn.cudnnGetConvolutionForwardAlgorithm_v7(
            cuda.cudnn(), d.x(), d.w(), d.convolution(), d.y(), MOST, count, found));
    return candidates(found, count[0]);
  }

  private static List<Candidate> candidates(cudnnConvolutionFwdAlgoPerf[] found, int count) {
    return Stream.of(found)
        .limit(count)
        .map(p -> Candidate.of(p.algo, p.mathType, p.status, p.determinism))
        .toList();
  }

  @Override
  int workspaceSize(int number, long[] bytes) {
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
}
