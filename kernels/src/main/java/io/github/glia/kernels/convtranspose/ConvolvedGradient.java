package io.github.glia.kernels.convtranspose;

import io.github.glia.kernels.Check;
import io.github.glia.kernels.conv.Conv2dPlan;
import io.github.glia.kernels.conv.Conv2dShape;
import io.github.glia.tensor.DType;
import io.github.glia.tensor.Device;
import io.github.glia.tensor.Shape;
import io.github.glia.tensor.Tensor;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * A transposed convolution of which dx is computed as what it is, the convolution of dy with w:
 * where oneDNN 3.11 has just such implementations for its own backward direction as {@link
 * Conv2dPlan} passes over.
 */
final class ConvolvedGradient implements ConvTranspose2dPlan {
  /** The narrowest kernel that some of those are wrong for. */
  static final int WIDE = 8;

  private final String device;
  private final Key key;
  private final ConvTranspose2dPlan transposed;
  private final Conv2dPlan convolution;

  ConvolvedGradient(Device device, Key key, ConvTranspose2dPlan transposed) {
    this.device = device.name();
    this.key = key;
    this.transposed = transposed;
    convolution =
        Conv2dPlan.on(
            device,
            new Conv2dPlan.Key(reversed(key.shape()), key.type(), key.type(), false, false));
  }

  static boolean isWanted(ConvTranspose2dShape s) {
    boolean oneColumn = s.width() == 1 && s.strideWidth() > 1;
    return oneColumn || s.strideHeight() > s.kernelHeight() || s.kernelWidth() >= WIDE;
  }

  /** The convolution that makes dx of dy. */
  private static Conv2dShape reversed(ConvTranspose2dShape s) {
    return new Conv2dShape(
        s.batch(),
        s.outHeight(),
        s.outWidth(),
        s.outChannels(),
        s.inChannels(),
        s.kernelHeight(),
        s.kernelWidth(),
        s.strideHeight(),
        s.strideWidth(),
        s.paddingHeight(),
        s.paddingWidth(),
        1,
        1,
        1);
  }

  @Override
  public void forward(Tensor x, Tensor w, Tensor b, Tensor y) {
    transposed.forward(x, w, b, y);
  }

  @Override
  public long packedBytes() {
    return transposed.packedBytes();
  }

  @Override
  public void pack(Tensor w, Tensor packed) {
    transposed.pack(w, packed);
  }

  @Override
  public void forwardPacked(Tensor x, Tensor packed, Tensor b, Tensor y) {
    transposed.forwardPacked(x, packed, b, y);
  }

  @Override
  public void backwardData(Tensor dy, Tensor w, Tensor dx) {
    ConvTranspose2dShape s = key.shape();
    check("dy", dy, key.type(), s.output());
    check("w", w, DType.F32, s.weights());
    check("dx", dx, key.type(), s.input());
    convolution.forward(dy, w, null, dx);
  }

  private void check(String argument, Tensor t, DType type, Shape shape) {
    Check.tensor("convTranspose2d", "backwardData", argument, t, device, type, shape);
  }

  @Override
  public void backwardWeights(Tensor x, Tensor dy, Tensor dw, Tensor db) {
    transposed.backwardWeights(x, dy, dw, db);
  }

  @Override
  public Map<String, String> implementations() {
    Map<String, String> chosen = new LinkedHashMap<>(transposed.implementations());
    String ofGradient = convolution.implementations().get("forward");
    if (ofGradient != null) {
      chosen.put("backwardData", ofGradient);
    }
    return chosen;
  }

  /** The convolution is closed by the cache that owns it. */
  @Override
  public void close() {
    transposed.close();
  }
}
