package io.github.glia.kernels.batchnorm;

import io.github.glia.kernels.cuda.CudaBackend;
import io.github.glia.kernels.cuda.ImageTiles;
import io.github.glia.kernels.cuda.Kernel;
import io.github.glia.tensor.DType;
import io.github.glia.tensor.Tensor;

/**
 * The kernels of batch and group normalization on a GPU, {@code normalization.cu}, for groups of
 * channels of images of so many rows. Batch normalization is that of one large image with as many
 * groups as channels. For callers that hold the device's lock.
 */
public final class CudaNormalization {
  private static final String ROOM = "normalization";
  private static final long NULL = 0;

  /** Of two sums in double precision. */
  private static final int SUMS_BYTES = 2 * Double.BYTES;

  private final CudaBackend cuda;
  private final long images;
  private final long rows;
  private final int channels;
  private final int groups;
  private final int size;
  private final float epsilon;
  private final ImageTiles tiles;
  private final long sumsBytes;
  private final Kernel moments;
  private final Kernel statistics;
  private final Kernel forward;
  private final Kernel sums;
  private final Kernel parameters;
  private final Kernel means;
  private final Kernel backward;

  public CudaNormalization(
      CudaBackend cuda,
      long images,
      long rows,
      int channels,
      int groups,
      DType type,
      float epsilon) {
    this.cuda = cuda;
    this.images = images;
    this.rows = rows;
    this.channels = channels;
    this.groups = groups;
    this.epsilon = epsilon;
    size = channels / groups;
    tiles = new ImageTiles(cuda, images, rows, channels);
    sumsBytes = images * channels * tiles.parts() * SUMS_BYTES;
    String suffix = CudaBackend.suffix(type) + tiles.suffix();
    moments = cuda.kernel(ROOM, "normalization_moments" + suffix);
    statistics = cuda.kernel(ROOM, "normalization_statistics");
    forward = cuda.kernel(ROOM, "normalization_forward" + suffix);
    sums = cuda.kernel(ROOM, "normalization_sums" + suffix);
    parameters = cuda.kernel(ROOM, "normalization_parameters");
    means = cuda.kernel(ROOM, "normalization_means");
    backward = cuda.kernel(ROOM, "normalization_backward" + suffix);
  }

  /** Packs of channels in a row: the mask has one byte for each. */
  public int packs() {
    return tiles.packs();
  }

  /** Writes mean and variance of each group. */
  public void measure(Tensor x, Tensor mean, Tensor variance) {
    long scratch = cuda.workspace(sumsBytes);
    tiles.launch(moments.pointer(x.address()).pointer(scratch));
    statistics
        .pointer(scratch)
        .pointer(mean.address())
        .pointer(variance.address())
        .small(size)
        .small(tiles.parts())
        .whole(rows)
        .launch(Math.toIntExact(images * groups), threadsOfGroup());
    mean.changed();
    variance.changed();
  }

  /**
   * Normalizes with these statistics.
   *
   * @param relu whether max(0, ·) follows
   * @param mask where y &gt; 0, or null where nobody will ask
   */
  public void normalize(
      Tensor x,
      Tensor gamma,
      Tensor beta,
      Tensor mean,
      Tensor variance,
      Tensor y,
      boolean relu,
      Tensor mask) {
    tiles.launch(
        forward
            .pointer(x.address())
            .pointer(gamma.address())
            .pointer(beta.address())
            .pointer(mean.address())
            .pointer(variance.address())
            .pointer(y.address())
            .pointer(addressOrNull(mask))
            .real(epsilon)
            .small(relu ? 1 : 0)
            .small(size));
    y.changed();
    if (mask != null) {
      mask.changed();
    }
  }

  /**
   * Writes the gradients.
   *
   * @param mask where dy counts, or null for everywhere
   * @param ofX whether the statistics are those of x, and not constants
   */
  public void differentiate(
      Tensor x,
      Tensor dy,
      Tensor gamma,
      Tensor mean,
      Tensor variance,
      Tensor mask,
      boolean ofX,
      Tensor dx,
      Tensor dgamma,
      Tensor dbeta) {
    long ofGroups = images * groups * Float.BYTES;
    long scratch = cuda.workspace(sumsBytes + 2 * ofGroups);
    long groupMeans = scratch + sumsBytes;
    long groupProducts = groupMeans + ofGroups;
    addUp(x, dy, mean, variance, mask, scratch);
    boolean ofChannels = images == 1 && size == 1;
    parameters
        .pointer(scratch)
        .pointer(gamma.address())
        .pointer(dgamma.address())
        .pointer(dbeta.address())
        .pointer(ofX && ofChannels ? groupMeans : NULL)
        .pointer(ofX && ofChannels ? groupProducts : NULL)
        .whole(images)
        .small(channels)
        .small(tiles.parts())
        .whole(rows)
        .launch(channels, ImageTiles.threadsFor(images * tiles.parts()));
    dgamma.changed();
    dbeta.changed();
    if (ofX && !ofChannels) {
      means
          .pointer(scratch)
          .pointer(gamma.address())
          .pointer(groupMeans)
          .pointer(groupProducts)
          .small(groups)
          .small(size)
          .small(tiles.parts())
          .whole(rows)
          .launch(Math.toIntExact(images * groups), threadsOfGroup());
    }
    tiles.launch(
        backward
            .pointer(x.address())
            .pointer(dy.address())
            .pointer(gamma.address())
            .pointer(mean.address())
            .pointer(variance.address())
            .pointer(addressOrNull(mask))
            .pointer(ofX ? groupMeans : NULL)
            .pointer(ofX ? groupProducts : NULL)
            .pointer(dx.address())
            .real(epsilon)
            .small(size));
    dx.changed();
  }

  private void addUp(Tensor x, Tensor dy, Tensor mean, Tensor variance, Tensor mask, long scratch) {
    tiles.launch(
        sums.pointer(x.address())
            .pointer(dy.address())
            .pointer(mean.address())
            .pointer(variance.address())
            .pointer(addressOrNull(mask))
            .pointer(scratch)
            .real(epsilon)
            .small(size));
  }

  private int threadsOfGroup() {
    return ImageTiles.threadsFor((long) size * tiles.parts());
  }

  private static long addressOrNull(Tensor t) {
    return t == null ? NULL : t.address();
  }
}
