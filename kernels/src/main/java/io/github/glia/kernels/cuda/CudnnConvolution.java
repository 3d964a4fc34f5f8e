package io.github.glia.kernels.cuda;

import io.github.glia.tensor.DType;

/**
 * The three products of a convolution by cuDNN, in one type. Each is made, and its algorithm
 * chosen, when it is first asked for.
 */
public final class CudnnConvolution {
  private final CudaPlan owner;
  private final ConvolutionGeometry geometry;
  private final DType type;
  private final boolean transposed;
  private ForwardDirection forward;
  private DataDirection data;
  private WeightsDirection weights;

  /**
   * For a plan, which closes what is made here.
   *
   * @param transposed whether the plan's forward is the data gradient, and the other way round
   */
  public CudnnConvolution(
      CudaPlan owner, ConvolutionGeometry geometry, DType type, boolean transposed) {
    this.owner = owner;
    this.geometry = geometry;
    this.type = type;
    this.transposed = transposed;
  }

  /** Of x and w: y. */
  public Product forward() {
    if (forward == null) {
      String use = transposed ? "backwardData" : "forward";
      forward = ready(new ForwardDirection(owner, use, geometry, type), use);
    }
    return forward;
  }

  /** Of dy and w: dx. */
  public Product data() {
    if (data == null) {
      String use = transposed ? "forward" : "backwardData";
      data = ready(new DataDirection(owner, use, geometry, type), use);
    }
    return data;
  }

  /** Of dy and x: dw. */
  public Product weights() {
    if (weights == null) {
      String use = "backwardWeights";
      weights = ready(new WeightsDirection(owner, use, geometry, type), use);
    }
    return weights;
  }

  private <D extends ConvolutionDirection> D ready(D direction, String use) {
    owner.cuda.algorithms().choose(direction);
    owner.chose(use, direction.implementation());
    return direction;
  }
}
