package io.github.glia.kernels.cuda;

import io.github.glia.tensor.DType;
import java.util.List;
import jcuda.Pointer;
import jcuda.jcudnn.JCudnn;
import jcuda.jcudnn.cudnnMathType;

/**
 * One of the three products of a convolution: of two operands it computes the third. cuDNN has
 * functions of their own for each, and algorithms of their own.
 */
abstract class ConvolutionDirection implements Product {
  final CudaBackend cuda;
  final ConvolutionDescriptors descriptors;
  private final ConvolutionGeometry geometry;
  private final DType type;
  private final String name;
  private final String question;
  private final String arithmetic;
  private final List<Algorithm> algorithms;
  private final long[] size = new long[1];
  private Algorithm algorithm;
  private String implementation;
  private long workspace;

  /**
   * @param owner of the descriptors
   * @param direction which of the three this is, for the file of measurements
   * @param use what this is to the owner, for errors: the forward of a transposed convolution is
   *     the data gradient of a convolution
   * @param algorithms those that multiply and add what the formula says, in whatever order; cuDNN's
   *     others transform their operands first, and sums of small integers are not exact then. The
   *     first is taken where nothing can be measured
   */
  ConvolutionDirection(
      CudaPlan owner,
      String direction,
      String use,
      ConvolutionGeometry geometry,
      DType type,
      List<Algorithm> algorithms) {
    this.geometry = geometry;
    this.type = type;
    this.algorithms = algorithms;
    cuda = owner.cuda;
    name = owner.name() + " " + use;
    arithmetic = type == DType.F32 && cuda.allowsTf32() ? "TF32" : type.toString();
    question = direction + " " + arithmetic + " " + geometry;
    descriptors = ConvolutionDescriptors.of(owner, name, geometry, type);
    check(JCudnn.cudnnSetConvolutionMathType(descriptors.convolution(), math()));
  }

  /** cuDNN's default for F32 is TF32 where the GPU has it. */
  private int math() {
    return switch (arithmetic) {
      case "F32" -> cudnnMathType.CUDNN_FMA_MATH;
      case "TF32" -> cudnnMathType.CUDNN_DEFAULT_MATH;
      default -> cudnnMathType.CUDNN_TENSOR_OP_MATH;
    };
  }

  /** Asks for the workspace of an algorithm; returns cuDNN's status. */
  abstract int askWorkspace(int number, long[] bytes);

  /** Computes; returns cuDNN's status. */
  abstract int compute(
      Pointer first, Pointer second, Pointer result, int number, Pointer scratch, long bytes);

  /** What can be used within a limit of the workspace. */
  final List<Algorithm> usable(boolean deterministic, long limit) {
    return algorithms.stream()
        .filter(a -> a.deterministic() || !deterministic)
        .filter(a -> workspaceOf(a) <= limit)
        .toList();
  }

  /** The workspace that an algorithm needs; more than any limit where it does not compute this. */
  final long workspaceOf(Algorithm asked) {
    int status = askWorkspace(asked.number(), size);
    if (Status.cudnnRefuses(status)) {
      return Long.MAX_VALUE;
    }
    check(status);
    return size[0];
  }

  /** Bytes of all operands in a row, for a measurement. */
  final long operandBytes() {
    return bytes(geometry.x().count()) + bytes(geometry.w().count()) + bytes(geometry.y().count());
  }

  private long bytes(long count) {
    return Workspace.aligned(count * type.bytes());
  }

  /** Computes once with operands and workspace in a row; returns whether cuDNN does. */
  final boolean tries(Algorithm tried, long operands, long workspaceBytes) {
    long w = operands + bytes(geometry.x().count());
    long y = w + bytes(geometry.w().count());
    long scratch = y + bytes(geometry.y().count());
    int status =
        computeOf(
            cuda.at(operands),
            cuda.at(w),
            cuda.at(y),
            tried.number(),
            cuda.at(scratch),
            workspaceBytes);
    if (Status.cudnnRefuses(status)) {
      return false;
    }
    check(status);
    return true;
  }

  /** As {@link #compute}, of x, w and y, whichever of them is the result. */
  abstract int computeOf(Pointer x, Pointer w, Pointer y, int number, Pointer scratch, long bytes);

  final void use(Algorithm chosen) {
    workspace = workspaceOf(chosen);
    implementation = "cuDNN " + chosen.name() + " in " + arithmetic;
    algorithm = chosen;
  }

  @Override
  public final long workspace() {
    return workspace;
  }

  @Override
  public final String implementation() {
    return implementation;
  }

  /** What the choice of an algorithm depends on, besides the GPU and the library. */
  final String question() {
    return question;
  }

  final String name() {
    return name;
  }

  @Override
  public final void run(long first, long second, long result, long scratch) {
    check(
        compute(
            cuda.at(first),
            cuda.at(second),
            cuda.at(result),
            algorithm.number(),
            cuda.at(scratch),
            workspace));
  }

  private void check(int status) {
    cuda.checkCudnn(status, name);
  }
}
