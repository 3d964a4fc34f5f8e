package io.github.glia.kernels.conv;

import io.github.glia.kernels.cpu.CpuBackend;
import io.github.glia.kernels.cpu.Lanes;
import io.github.glia.kernels.cpu.OneDnnPlan;
import java.util.List;

/** Forward or backward-data of a {@link WinogradConv2d}, y of x or dx of dy: bands on lanes. */
final class WinogradDirection extends OneDnnPlan {
  /**
   * Of what a lane keeps of a band, planes of products, of their sums and of pixels, for each pixel
   * of the side of a tile.
   */
  private static final long BYTES_OF_A_BAND = 1 << 20;

  /** So that a lane that is slower leaves one to another. */
  private static final int BANDS_OF_A_LANE = 2;

  /** For fewer, reading the weights takes longer than multiplying with them. */
  private static final int FEWEST_TILES = 32;

  private final String name;
  private final String nameOfWeights;
  private final Lanes lanes;
  private final WinogradBand band;
  private final List<WinogradTiles.Band> bands;
  private final Lanes.Body pack = this::pack;
  private final Lanes.Body convolve = this::convolve;
  private boolean weightsArePrepared;
  private boolean bandsArePrepared;

  /** The arguments of the call that runs. */
  private long w;

  private long packed;
  private long x;
  private long b;
  private long y;

  /**
   * @param backward whether x is computed of y: the convolution of y with turned weights
   */
  WinogradDirection(
      CpuBackend cpu,
      String convolution,
      Conv2dPlan.Key key,
      WinogradMatrices matrices,
      boolean backward) {
    super(cpu, convolution);
    name = convolution + " winograd " + (backward ? "backwardData" : "forward");
    nameOfWeights = name + " weights";
    lanes = cpu.lanes();
    Conv2dShape s = key.shape();
    int out = backward ? s.inChannels() : s.outChannels();
    WinogradTiles tiles = WinogradTiles.of(s, matrices);
    bands = tiles.bands(tilesOfABand(tiles, matrices, out));
    int tilesOfTheFirst = tiles.tilesOf(bands.get(0));
    band =
        part(
            lanes.make(
                () ->
                    new WinogradBand(cpu, convolution, key, matrices, backward, tilesOfTheFirst)));
  }

  private long tilesOfABand(WinogradTiles tiles, WinogradMatrices matrices, int channels) {
    int places = matrices.places();
    int planes = places + places * tiles.side() + tiles.side() * tiles.side();
    long fitting = BYTES_OF_A_BAND * tiles.side() / ((long) planes * channels * Float.BYTES);
    int wanted = BANDS_OF_A_LANE * lanes.count();
    return Math.min(fitting, Math.max(FEWEST_TILES, (tiles.count() + wanted - 1) / wanted));
  }

  /** The size of the transformed weights in the layout that oneDNN likes best. */
  long packedBytes() {
    return band.packedBytes();
  }

  /** Transforms weights. For callers that hold the lock. */
  void pack(long weights, long into) {
    if (!weightsArePrepared) {
      lanes.prepare(band::prepareWeights);
      weightsArePrepared = true;
    }
    w = weights;
    packed = into;
    long began = cpu.kernelBegins();
    lanes.forEach(band.blocksOfWeights(), pack);
    cpu.kernelEnded(nameOfWeights, "lanes", began);
  }

  /** Convolves; {@code bias} is 0 where there is no bias. For callers that hold the lock. */
  void run(long from, long packedWeights, long bias, long into) {
    if (!bandsArePrepared) {
      lanes.prepare(() -> band.prepare(bands));
      bandsArePrepared = true;
    }
    x = from;
    packed = packedWeights;
    b = bias;
    y = into;
    long began = cpu.kernelBegins();
    lanes.forEach(bands.size(), convolve);
    cpu.kernelEnded(name, "lanes", began);
  }

  private void pack(int lane, int block) {
    band.pack(lane, block, w, packed);
  }

  private void convolve(int lane, int i) {
    long scratch = lanes.workspace(lane, band.scratchBytes(bands.get(0)));
    band.run(lane, bands.get(i), x, packed, b, y, scratch);
  }
}
