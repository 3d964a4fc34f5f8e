package io.github.glia.kernels.cuda;

import io.github.glia.tensor.DType;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.function.IntFunction;
import jcuda.jcudnn.cudnnConvolutionBwdDataAlgo;
import jcuda.jcudnn.cudnnConvolutionBwdFilterAlgo;
import jcuda.jcudnn.cudnnConvolutionFwdAlgo;

/**
 * Every algorithm that cuDNN has for one product of a convolution, to be run one by one: for
 * measurements. Plans choose among fewer: those that add products as the formula does.
 */
public final class ConvolutionTrials extends CudaPlan implements AutoCloseable {
  /** The products of a convolution that leads from x to y. */
  public enum Direction {
    /** Of x and w: y. */
    FORWARD,
    /** Of dy and w: dx. */
    BACKWARD_DATA,
    /** Of dy and x: dw. */
    BACKWARD_WEIGHTS
  }

  private final Map<String, Algorithm> algorithms = new LinkedHashMap<>();
  private ConvolutionDirection product;

  public ConvolutionTrials(
      CudaBackend cuda, ConvolutionGeometry geometry, DType type, Direction direction) {
    super(cuda, "conv2d " + geometry);
    synchronized (cuda) {
      build(
          () -> {
            long began = begins();
            product = product(geometry, type, direction);
            cuda.ended(product.name(), "", began);
          });
    }
    switch (direction) {
      case FORWARD ->
          add(
              cudnnConvolutionFwdAlgo.CUDNN_CONVOLUTION_FWD_ALGO_COUNT,
              cudnnConvolutionFwdAlgo::stringFor,
              "CUDNN_CONVOLUTION_FWD_ALGO_");
      case BACKWARD_DATA ->
          add(
              cudnnConvolutionBwdDataAlgo.CUDNN_CONVOLUTION_BWD_DATA_ALGO_COUNT,
              cudnnConvolutionBwdDataAlgo::stringFor,
              "CUDNN_CONVOLUTION_");
      case BACKWARD_WEIGHTS ->
          add(
              cudnnConvolutionBwdFilterAlgo.CUDNN_CONVOLUTION_BWD_FILTER_ALGO_COUNT,
              cudnnConvolutionBwdFilterAlgo::stringFor,
              "CUDNN_CONVOLUTION_");
    }
  }

  private ConvolutionDirection product(
      ConvolutionGeometry geometry, DType type, Direction direction) {
    return switch (direction) {
      case FORWARD -> new ForwardDirection(this, "forward", geometry, type);
      case BACKWARD_DATA -> new DataDirection(this, "backwardData", geometry, type);
      case BACKWARD_WEIGHTS -> new WeightsDirection(this, "backwardWeights", geometry, type);
    };
  }

  private void add(int count, IntFunction<String> names, String prefix) {
    for (int number = 0; number < count; number++) {
      String name = names.apply(number).substring(prefix.length());
      algorithms.put(name, new Algorithm(number, name, false));
    }
  }

  /** cuDNN's names of them, in its order. */
  public List<String> algorithms() {
    return List.copyOf(algorithms.keySet());
  }

  /** Bytes that an algorithm needs besides its operands; nothing where it cannot compute this. */
  public OptionalLong workspace(String algorithm) {
    synchronized (cuda) {
      long began = begins();
      long bytes = product.workspaceOf(algorithms.get(algorithm));
      cuda.ended(product.name(), "", began);
      return bytes == Long.MAX_VALUE ? OptionalLong.empty() : OptionalLong.of(bytes);
    }
  }

  /** Bytes of x, w and y in a row. */
  public long operandBytes() {
    return product.operandBytes();
  }

  /**
   * Computes once.
   *
   * @param operands the address of x, w and y in a row, and the workspace of the algorithm behind
   * @param workspace its bytes
   * @return false where cuDNN refuses after all
   */
  public boolean run(String algorithm, long operands, long workspace) {
    synchronized (cuda) {
      long began = begins();
      boolean ran = product.tries(algorithms.get(algorithm), operands, workspace);
      cuda.ended(product.name(), "cuDNN " + algorithm, began);
      return ran;
    }
  }

  /** What plans compute this by: the implementation that they name. */
  public String chosen() {
    synchronized (cuda) {
      long began = begins();
      cuda.algorithms().choose(product);
      cuda.ended(product.name(), product.implementation(), began);
      return product.implementation();
    }
  }
}
