package io.github.glia.kernels.conv;

import io.github.glia.kernels.cpu.CpuBackend;
import io.github.glia.kernels.cpu.Lanes;
import io.github.glia.kernels.cpu.OneDnnPlan;

/**
 * The gradient of the weights of a {@link WinogradConv2d}. What the tiles of y are made of,
 *
 * <pre>
 *   y  = Aᵀ·m·A,        m  = Σ(c) u ⊙ v,     u  = G·w·Gᵀ,   v = Bᵀ·x·B
 *   dm = A·dy·Aᵀ,       du = Σ(tiles) dm ⊙ v,   dw = Gᵀ·du·G
 * </pre>
 *
 * is a product of matrices for each place, {@code [output channels, tiles] × [tiles, input
 * channels]}, which lanes share out.
 */
final class WinogradWeightsGradient extends OneDnnPlan {
  private final String name;
  private final Lanes lanes;
  private final WinogradPlaneGradient planes;
  private final Lanes.Body multiply = this::multiply;
  private final Lanes.Body transform = this::transform;
  private boolean isPrepared;

  /** The arguments of the call that runs. */
  private long x;

  private long dy;
  private long dw;
  private long du;

  WinogradWeightsGradient(
      CpuBackend cpu, String convolution, Conv2dPlan.Key key, WinogradMatrices matrices) {
    super(cpu, convolution);
    name = convolution + " winograd backwardWeights";
    lanes = cpu.lanes();
    planes = part(new WinogradPlaneGradient(cpu, convolution, key, matrices));
  }

  /** Memory that {@link #run} needs besides its arguments. */
  long scratchBytes() {
    return planes.bytes();
  }

  /** For callers that hold the lock. */
  void run(long input, long gradient, long into, long scratch) {
    if (!isPrepared) {
      lanes.prepare(planes::prepare);
      isPrepared = true;
    }
    x = input;
    dy = gradient;
    dw = into;
    du = scratch;
    long began = cpu.kernelBegins();
    lanes.forEach(planes.parts(), multiply);
    lanes.forEach(planes.blocksOfWeights(), transform);
    cpu.kernelEnded(name, "lanes", began);
  }

  private void multiply(int lane, int part) {
    planes.run(lane, part, x, dy, du, lanes.workspace(lane, planes.scratchBytes()));
  }

  private void transform(int lane, int block) {
    planes.transform(lane, block, du, dw);
  }
}
