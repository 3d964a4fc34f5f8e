package io.github.glia.kernels.conv;

import io.github.glia.kernels.cpu.CpuBackend;
import io.github.glia.kernels.cpu.Lanes;
import io.github.glia.kernels.cpu.OneDnnPlan;
import io.github.glia.kernels.cpu.SumOfPixels;
import io.github.glia.tensor.DType;
import io.github.glia.tensor.Tensor;

/**
 * A 3 × 3 convolution with stride 1 and padding 1 by Winograd's algorithm F(m × m, 3 × 3): of (m +
 * 2) × (m + 2) pixels d and 3 × 3 weights g come m × m pixels
 *
 * <pre>
 *   y = Aᵀ·[(G·g·Gᵀ) ⊙ (Bᵀ·d·B)]·A
 * </pre>
 *
 * with (m + 2)² products instead of 9·m²: 16 instead of 36, or 36 instead of 144. {@link
 * WinogradMatrices} has the matrices. In one dimension with m = 2, d₀…d₃ and g₀…g₂ make
 *
 * <pre>
 *   m₀ = (d₂ − d₀)·(−g₀)              y₀ = d₀·g₀ + d₁·g₁ + d₂·g₂ = m₀ + m₁ + m₂
 *   m₁ = (d₁ + d₂)·½(g₀ + g₁ + g₂)    y₁ = d₁·g₀ + d₂·g₁ + d₃·g₂ = m₁ − m₂ + m₃
 *   m₂ = (d₂ − d₁)·½(g₀ − g₁ + g₂)
 *   m₃ = (d₃ − d₁)·g₂
 * </pre>
 *
 * Sums over channels are taken between the transforms, where they are products of matrices: one for
 * each place in a tile, {@code [tiles, input channels] × [input channels, output channels]}.
 *
 * <p>Backward-data is the same of dy and of kernels turned by half a turn, with input and output
 * channels exchanged. The gradient of the weights is that of the formula above: {@link
 * WinogradWeightsGradient}.
 *
 * <p>With m = 2 each yᵢ is made of just those dⱼ that the convolution makes it of, so a NaN reaches
 * the same pixels. ∞ does too, but as NaN where it meets itself: m₁ − m₂. With m = 4 either may
 * reach all of the tiles that have such pixels.
 *
 * <p>In BF16, Bᵀ·d·B and A·dy·Aᵀ are rounded to BF16 before they are multiplied, which a direct
 * convolution does not need; products, and all that follows, are F32.
 *
 * <p>Transforms, too, are oneDNN's: convolutions of single channels with kernels of few factors,
 * and products with small matrices. {@link Lanes} share out bands of rows of tiles, or planes.
 */
final class WinogradConv2d extends OneDnnPlan implements Conv2dPlan {
  /**
   * From how many products on for each number that is transformed, Ci·Co/(Ci + Co), the transforms
   * take less than they save in each direction: 64 and 64 channels.
   */
  private static final int PRODUCTS_THAT_PAY = 32;

  /** The same where a product takes half the time, but what comes out of it is F32 still. */
  private static final int PRODUCTS_THAT_PAY_IN_HALF_PRECISION = 64;

  /** From how many tiles on transforming the weights takes less than it saves. */
  private static final int TILES_THAT_PAY = 64;

  /** The same for smaller tiles. */
  private static final int TILES_THAT_PAY_IN_HALF_PRECISION = 128;

  private final Key key;
  private final Conv2dArguments arguments;
  private final WinogradDirection forward;
  private final WinogradDirection backwardData;
  private final WinogradWeightsGradient weightsGradient;
  private final SumOfPixels biasGradient;

  WinogradConv2d(CpuBackend cpu, Key key) {
    this(cpu, key, matrices(key));
  }

  /** With tiles of a size. */
  WinogradConv2d(CpuBackend cpu, Key key, WinogradMatrices matrices) {
    super(cpu, "conv2d " + key);
    this.key = key;
    arguments = new Conv2dArguments(key, cpu.name());
    Conv2dShape shape = key.shape();
    String name = "conv2d " + key;
    forward = part(new WinogradDirection(cpu, name, key, matrices, false));
    backwardData = part(new WinogradDirection(cpu, name, key, matrices, true));
    weightsGradient = part(new WinogradWeightsGradient(cpu, name, key, matrices));
    long pixels = (long) shape.batch() * shape.height() * shape.width();
    biasGradient =
        part(new SumOfPixels(cpu, name, "backwardBias", pixels, shape.outChannels(), key.input()));
  }

  /**
   * The larger tiles, which need fewer products, in F32. In BF16 the sums that are multiplied would
   * be rounded to more than its tolerance allows.
   */
  private static WinogradMatrices matrices(Key key) {
    return key.input() == DType.F32 ? WinogradMatrices.OF_4_PIXELS : WinogradMatrices.OF_2_PIXELS;
  }

  static boolean computes(Key key) {
    Conv2dShape s = key.shape();
    Conv2dShape wanted =
        Conv2dShape.same(s.batch(), s.height(), s.width(), s.inChannels(), s.outChannels(), 3);
    return key.input() != DType.F16 && key.input() == key.output() && s.equals(wanted);
  }

  /**
   * Whether this takes less time than a direct convolution. Not where products are cheaper than the
   * transforms by far.
   */
  static boolean paysOn(CpuBackend cpu, Key key) {
    return !cpu.multipliesMatrices(key.input()) && pays(key);
  }

  /** The same of CPUs that multiply no more than vectors. */
  static boolean pays(Key key) {
    Conv2dShape s = key.shape();
    boolean half = key.input() != DType.F32;
    long products = (long) s.inChannels() * s.outChannels() / (s.inChannels() + s.outChannels());
    int wanted = half ? PRODUCTS_THAT_PAY_IN_HALF_PRECISION : PRODUCTS_THAT_PAY;
    int tiles = WinogradTiles.of(s, matrices(key)).count();
    return computes(key)
        && products >= wanted
        && tiles >= (half ? TILES_THAT_PAY_IN_HALF_PRECISION : TILES_THAT_PAY);
  }

  @Override
  public void forward(Tensor x, Tensor w, Tensor b, Tensor y) {
    arguments.forward(x, w, b, y);
    synchronized (cpu) {
      long packed = packed(forward, w);
      forward.run(x.address(), packed, address(b), y.address());
      y.changed();
    }
  }

  @Override
  public void forwardPacked(Tensor x, Tensor packed, Tensor b, Tensor y) {
    arguments.forwardPacked(x, packed, packedBytes(), b, y);
    synchronized (cpu) {
      forward.run(x.address(), packed.address(), address(b), y.address());
      y.changed();
    }
  }

  private long packed(WinogradDirection direction, Tensor w) {
    long packed = cpu.workspace(direction.packedBytes());
    direction.pack(w.address(), packed);
    return packed;
  }

  private static long address(Tensor b) {
    return b == null ? 0 : b.address();
  }

  @Override
  public long packedBytes() {
    return forward.packedBytes();
  }

  @Override
  public void pack(Tensor w, Tensor packed) {
    arguments.pack(w, packed, packedBytes());
    synchronized (cpu) {
      forward.pack(w.address(), packed.address());
      packed.changed();
    }
  }

  @Override
  public void backwardData(Tensor dy, Tensor w, Tensor dx) {
    arguments.backwardData(dy, w, dx);
    synchronized (cpu) {
      backwardData.run(dy.address(), packed(backwardData, w), 0, dx.address());
      dx.changed();
    }
  }

  @Override
  public void backwardWeights(Tensor x, Tensor dy, Tensor dw, Tensor db) {
    arguments.backwardWeights(x, dy, dw, db);
    synchronized (cpu) {
      long scratch = cpu.workspace(weightsGradient.scratchBytes());
      weightsGradient.run(x.address(), dy.address(), dw.address(), scratch);
      dw.changed();
      if (key.bias()) {
        biasGradient.run(dy.address(), db.address());
        db.changed();
      }
    }
  }
}
