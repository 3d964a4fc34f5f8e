package io.github.glia.unet.predict;

import io.github.glia.nn.Activate;
import io.github.glia.nn.Cast;
import io.github.glia.nn.Tape;
import io.github.glia.nn.Weights;
import io.github.glia.tensor.DType;
import io.github.glia.tensor.Device;
import io.github.glia.tensor.Scope;
import io.github.glia.tensor.Shape;
import io.github.glia.tensor.Tensor;
import io.github.glia.unet.UNet;
import io.github.glia.unet.data.Slice;
import io.github.glia.unet.evaluate.Segmenter;
import io.github.glia.unet.train.ModelInfo;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * A trained U-Net that says, for each pixel of a slice, how likely it is tumour. Slices of another
 * size than the network was trained on are covered by overlapping windows.
 */
public final class NetworkSegmenter implements Segmenter, AutoCloseable {
  private final UNet network;
  private final ModelInfo info;
  private final Device device;
  private final Options options;

  /**
   * How to predict.
   *
   * @param type the network computes in
   * @param batchSize windows at once
   * @param flips whether to average over the image and its three mirror images
   */
  public record Options(DType type, int batchSize, boolean flips) {
    public Options {
      if (batchSize < 1) {
        throw new IllegalArgumentException(
            "the batch size must be at least 1, but is " + batchSize);
      }
    }
  }

  /** Takes over the network and closes it. */
  public NetworkSegmenter(UNet network, ModelInfo info, Device device, Options options) {
    if (info.network().classes() != 1) {
      throw new IllegalArgumentException(
          "the network tells " + info.network().classes() + " classes apart; tumour or not is one");
    }
    if (!device.computes(options.type)) {
      throw new IllegalArgumentException(
          device + " does not compute in " + options.type + "; use F32");
    }
    this.network = network;
    this.info = info;
    this.device = device;
    this.options = options;
  }

  public static NetworkSegmenter load(Path model, Device device, Options options)
      throws IOException {
    ModelInfo info = ModelInfo.read(model);
    UNet network = new UNet(info.network());
    try {
      network.initialize(device, 0);
      Weights.load(network, model);
      return new NetworkSegmenter(network, info, device, options);
    } catch (IOException | RuntimeException e) {
      network.close();
      throw e;
    }
  }

  public ModelInfo info() {
    return info;
  }

  @Override
  public List<float[]> probabilities(List<Slice> slices) {
    List<float[]> probabilities = new ArrayList<>();
    for (Slice slice : slices) {
      requireChannels(slice);
    }
    List<float[]> windows = new ArrayList<>();
    List<Windows> layouts = new ArrayList<>();
    int channels = info.network().channels();
    for (Slice slice : slices) {
      Windows layout = new Windows(slice.height(), slice.width(), info.size());
      layouts.add(layout);
      for (Windows.Place place : layout.places()) {
        float[] window = new float[info.size() * info.size() * channels];
        layout.cut(place, slice.image(), channels, window, 0);
        windows.add(window);
      }
    }
    List<float[]> predicted = new ArrayList<>();
    for (int from = 0; from < windows.size(); from += options.batchSize) {
      int to = Math.min(windows.size(), from + options.batchSize);
      predicted.addAll(predict(windows.subList(from, to)));
    }
    int next = 0;
    for (Windows layout : layouts) {
      int count = layout.places().size();
      probabilities.add(layout.join(predicted.subList(next, next + count)));
      next += count;
    }
    return probabilities;
  }

  private void requireChannels(Slice slice) {
    if (slice.channels() != info.network().channels()) {
      throw new IllegalArgumentException(
          slice.source()
              + " has "
              + slice.channels()
              + " channels, but the network takes "
              + info.network().channels());
    }
  }

  private List<float[]> predict(List<float[]> windows) {
    float[] sum = forward(windows, false, false);
    if (options.flips) {
      add(sum, forward(windows, true, false));
      add(sum, forward(windows, false, true));
      add(sum, forward(windows, true, true));
      for (int i = 0; i < sum.length; i++) {
        sum[i] /= 4;
      }
    }
    List<float[]> each = new ArrayList<>();
    int pixels = info.size() * info.size();
    for (int i = 0; i < windows.size(); i++) {
      each.add(Arrays.copyOfRange(sum, i * pixels, (i + 1) * pixels));
    }
    return each;
  }

  /** The probabilities of the windows, mirrored before the network and back after it. */
  private float[] forward(List<float[]> windows, boolean mirrorRows, boolean mirrorColumns) {
    int size = info.size();
    int channels = info.network().channels();
    float[] images = new float[windows.size() * size * size * channels];
    for (int i = 0; i < windows.size(); i++) {
      mirror(
          windows.get(i),
          0,
          images,
          i * size * size * channels,
          channels,
          mirrorRows,
          mirrorColumns);
    }
    float[] probabilities;
    try (Scope scope = Scope.open()) {
      Tensor x = Tensor.of(device, Shape.of(windows.size(), size, size, channels), images);
      Tape tape = Tape.inference();
      Tensor logits = network.forward(tape, Cast.forward(tape, x, options.type));
      probabilities = Activate.sigmoid().forward(tape, logits).toFloats();
    }
    float[] back = new float[probabilities.length];
    for (int i = 0; i < windows.size(); i++) {
      mirror(probabilities, i * size * size, back, i * size * size, 1, mirrorRows, mirrorColumns);
    }
    return back;
  }

  private void mirror(
      float[] from,
      int fromOffset,
      float[] to,
      int toOffset,
      int channels,
      boolean rows,
      boolean columns) {
    int size = info.size();
    for (int y = 0; y < size; y++) {
      for (int x = 0; x < size; x++) {
        int source = (rows ? size - 1 - y : y) * size + (columns ? size - 1 - x : x);
        System.arraycopy(
            from,
            fromOffset + source * channels,
            to,
            toOffset + (y * size + x) * channels,
            channels);
      }
    }
  }

  private static void add(float[] sum, float[] more) {
    for (int i = 0; i < sum.length; i++) {
      sum[i] += more[i];
    }
  }

  @Override
  public void close() {
    network.close();
  }
}
