package io.github.glia.kernels.cuda;

import io.github.glia.tensor.DType;
import java.util.List;
import java.util.function.IntSupplier;
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
  private final List<String> algorithms;
  private final int preferredMath;
  private final long[] size = new long[1];
  private Algorithm algorithm;
  private long workspace;

  /**
   * @param owner of the descriptors
   * @param direction which of the three this is, for the file of measurements
   * @param use what this is to the owner, for errors: the forward of a transposed convolution is
   *     the backwardData of a convolution
   * @param algorithms the names of algorithms by their numbers, empty for those that are not to be
   *     used. Only such are used that multiply and add what the formula says, in whatever order;
   *     the others transform their operands first, and sums of small integers are not exact then
   */
  ConvolutionDirection(
      CudaPlan owner,
      String direction,
      String use,
      ConvolutionGeometry geometry,
      DType type,
      List<String> algorithms) {
    this.geometry = geometry;
    this.type = type;
    this.algorithms = algorithms;
    cuda = owner.cuda;
    name = owner.name() + " " + use;
    preferredMath = preferredMath(type, cuda.allowsTf32());
    question = direction + " " + type + " math " + preferredMath + " " + geometry;
    descriptors = ConvolutionDescriptors.of(owner, name, geometry, type);
  }

  /** F32 is computed in F32, unless TF32 is allowed, which is cuDNN's own choice. */
  private static int preferredMath(DType type, boolean tf32) {
    if (type != DType.F32) {
      return cudnnMathType.CUDNN_TENSOR_OP_MATH;
    }
    return tf32 ? cudnnMathType.CUDNN_DEFAULT_MATH : cudnnMathType.CUDNN_FMA_MATH;
  }

  /** What cuDNN measures, the fastest first. */
  abstract List<Candidate> measure(Operands operands, Pointer scratch, long bytes);

  /** What cuDNN supposes without a measurement, the fastest first. */
  abstract List<Candidate> guess();

  /** Asks for the workspace of an algorithm; returns cuDNN's status. */
  abstract int workspaceSize(int number, long[] bytes);

  /** Computes; returns cuDNN's status. */
  abstract int compute(
      Pointer first, Pointer second, Pointer result, int number, Pointer scratch, long bytes);

  /**
   * The first of these that may be used, or null.
   *
   * @param deterministic whether the others may not
   * @param limit of the workspace in bytes
   */
  final Algorithm firstOf(List<Candidate> candidates, boolean deterministic, long limit) {
    Algorithm otherwiseMeasured = null;
    for (Candidate c : candidates) {
      if (!c.works() || (deterministic && !c.deterministic())) {
        continue;
      }
      Algorithm usable = new Algorithm(c.number(), type == DType.F32 ? preferredMath : c.math());
      if (!fits(usable, limit)) {
        continue;
      }
      if (usable.math() == c.math()) {
        return usable;
      }
      otherwiseMeasured = otherwiseMeasured == null ? usable : otherwiseMeasured;
    }
    return otherwiseMeasured;
  }

  final boolean fits(Algorithm candidate, long limit) {
    long bytes = isUsed(candidate.number()) ? workspaceOf(candidate) : -1;
    return bytes >= 0 && bytes <= limit;
  }

  /** The largest workspace within the limit that an algorithm may ask for. */
  final long largestWorkspace(long limit) {
    long largest = 0;
    for (int number = 0; number < algorithms.size(); number++) {
      Algorithm asked = new Algorithm(number, preferredMath);
      if (fits(asked, limit)) {
        largest = Math.max(largest, workspaceOf(asked));
      }
    }
    return largest;
  }

  private boolean isUsed(int number) {
    return number >= 0 && number < algorithms.size() && !algorithms.get(number).isEmpty();
  }

  /** The workspace that an algorithm needs, or −1 where it cannot compute this. */
  private long workspaceOf(Algorithm candidate) {
    setMath(candidate.math());
    int status = workspaceSize(candidate.number(), size);
    if (Status.cudnnCannot(status)) {
      return -1;
    }
    check(status);
    return size[0];
  }

  /** Readies cuDNN for a measurement or for a guess. */
  final void setPreferredMath() {
    setMath(preferredMath);
  }

  private void setMath(int math) {
    check(JCudnn.cudnnSetConvolutionMathType(descriptors.convolution(), math));
  }

  final void choose(Algorithm chosen) {
    workspace = workspaceOf(chosen);
    algorithm = chosen;
  }

  @Override
  public final long workspace() {
    return workspace;
  }

  @Override
  public final String implementation() {
    return "cuDNN "
        + algorithms.get(algorithm.number())
        + (algorithm.math() == cudnnMathType.CUDNN_FMA_MATH ? "" : ", tensor cores allowed");
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

  /** Asks cuDNN for algorithms. */
  final void ask(IntSupplier call) {
    int status;
    try {
      status = call.getAsInt();
    } catch (ArrayIndexOutOfBoundsException e) {
      // JCudnn reads the number of answers even where cuDNN failed and wrote none
      throw cuda.failure(name + ": cuDNN failed to list algorithms, and JCudnn cannot say why");
    }
    check(status);
  }

  final void check(int status) {
    cuda.checkCudnn(status, name);
  }

  /** Addresses of x, w and y to measure with, and the bytes of all. */
  record Operands(Pointer x, Pointer w, Pointer y, long bytes) {}

  final Operands operandsAt(long address) {
    long xBytes = bytes(geometry.x().count());
    long wBytes = bytes(geometry.w().count());
    long yBytes = bytes(geometry.y().count());
    return new Operands(
        cuda.at(address),
        cuda.at(address + xBytes),
        cuda.at(address + xBytes + wBytes),
        xBytes + wBytes + yBytes);
  }

  private long bytes(long count) {
    return Workspace.aligned(count * type.bytes());
  }
}
