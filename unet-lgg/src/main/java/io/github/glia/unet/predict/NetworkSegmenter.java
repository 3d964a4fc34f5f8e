package io.github.glia.unet.predict;

import io.github.glia.nn.Activate;
import io.github.glia.nn.Cast;
import io.github.glia.nn.InferenceStep;
import io.github.glia.nn.Quantization;
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
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.UnaryOperator;

/**
 * A trained U-Net that says, for each pixel of a slice of any size, how likely it is tumour; {@link
 * Coverage} tells how.
 */
public final class NetworkSegmenter implements Segmenter, AutoCloseable {
  /** So many slices are as good as more. */
  private static final int EXAMPLES = 16;

  private final UNet network;
  private final ModelInfo info;
  private final Device device;
  private final Options options;
  private final Segmenter covering;
  private final InferenceStep step;

  /** Made of the first slices where the network computes in bytes. */
  private Quantization quantization;

  /** The side of a window. */
  private final int side;

  /** How slices of any size are brought to the network. */
  public enum Coverage {
    /**
     * As in training: resized to that size, and then whole; or in overlapping windows, if the
     * network saw pieces.
     */
    AS_TRAINED,
    /** As they are, in overlapping windows of the size that the network saw. */
    WINDOWS,
    /** Resized to the size of training, and whole. */
    WHOLE
  }

  /**
   * How to predict.
   *
   * @param type the network computes in; I8 for a {@link Quantization}, whose ranges are measured
   *     on some of the first slices
   * @param batchSize windows at once
   * @param mirror whether to average over the image and the one with left and right exchanged:
   *     upside down a head is nothing that a network has seen
   */
  public record Options(DType type, int batchSize, boolean mirror, Coverage coverage) {
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
    step = new InferenceStep(network, this::probabilities);
    side = options.coverage == Coverage.WHOLE ? info.size() : info.seen();
    covering = covering(this::predict);
  }

  private Segmenter covering(UnaryOperator<List<float[]>> predicting) {
    InWindows windows = new InWindows(side, options.batchSize, predicting);
    Segmenter inWindows = slices -> checked(slices, windows.probabilities(slices));
    return options.coverage == Coverage.WINDOWS
        ? inWindows
        : new AtTrainedSize(inWindows, info.size());
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

  /** The model that comes with the program. */
  public static NetworkSegmenter loadShipped(Device device, Options options) throws IOException {
    Path copy = ShippedModel.copy();
    try {
      return load(copy, device, options);
    } finally {
      Files.delete(copy);
    }
  }

  public ModelInfo info() {
    return info;
  }

  @Override
  public List<float[]> probabilities(List<Slice> slices) {
    slices.forEach(this::requireChannels);
    if (options.type == DType.I8 && quantization == null && !slices.isEmpty()) {
      quantize(slices);
    }
    List<float[]> probabilities = new ArrayList<>();
    for (int from = 0; from < slices.size(); from += options.batchSize) {
      int to = Math.min(slices.size(), from + options.batchSize);
      probabilities.addAll(covering.probabilities(slices.subList(from, to)));
    }
    return probabilities;
  }

  /** Measures the ranges of numbers on some of the first slices. */
  private void quantize(List<Slice> slices) {
    List<Slice> some = new ArrayList<>();
    int n = Math.min(EXAMPLES, slices.size());
    for (int i = 0; i < n; i++) {
      some.add(slices.get((int) ((2L * i + 1) * slices.size() / (2L * n))));
    }
    try (Scope scope = Scope.open()) {
      List<Tensor> examples = new ArrayList<>();
      covering(
              windows -> {
                windows.forEach(window -> examples.add(images(List.of(window), false)));
                return windows.stream().map(window -> new float[side * side]).toList();
              })
          .probabilities(some);
      quantization = Quantization.of(network, examples.toArray(Tensor[]::new));
    }
  }

  private List<float[]> checked(List<Slice> slices, List<float[]> probabilities) {
    for (int i = 0; i < probabilities.size(); i++) {
      requireProbabilities(slices.get(i), probabilities.get(i));
    }
    return probabilities;
  }

  /** Compared with a threshold, what is not a number would be no tumour. */
  private void requireProbabilities(Slice slice, float[] values) {
    for (float value : values) {
      if (!(value >= 0 && value <= 1)) {
        throw new IllegalStateException(
            "%s: the network says %s, which is no probability (0 to 1); %s"
                .formatted(
                    slice.place(),
                    value,
                    options.type == DType.F32
                        ? "its model file is damaged, or training failed: take another model"
                        : "it computed in %s: use --precision f32, and where that does not help,"
                                .formatted(options.type)
                            + " another model"));
      }
    }
  }

  private void requireChannels(Slice slice) {
    if (slice.channels() != info.network().channels()) {
      throw new IllegalArgumentException(
          slice.source()
              + " has "
              + slice.channels()
              + " channels, but the network takes "
              + info.network().channels()
              + "; of a NIfTI case, --modalities says which (t1, t1ce, t2, flair)");
    }
  }

  private List<float[]> predict(List<float[]> windows) {
    float[] sum = forward(windows, false);
    if (options.mirror) {
      add(sum, forward(windows, true));
      for (int i = 0; i < sum.length; i++) {
        sum[i] /= 2;
      }
    }
    List<float[]> each = new ArrayList<>();
    int pixels = side * side;
    for (int i = 0; i < windows.size(); i++) {
      each.add(Arrays.copyOfRange(sum, i * pixels, (i + 1) * pixels));
    }
    return each;
  }

  /** The probabilities of the windows, perhaps mirrored before the network and back after it. */
  private float[] forward(List<float[]> windows, boolean mirrored) {
    float[] probabilities;
    try (Scope scope = Scope.open()) {
      probabilities = step.predict(images(windows, mirrored)).toFloats();
    }
    float[] back = new float[probabilities.length];
    for (int i = 0; i < windows.size(); i++) {
      copy(probabilities, i * side * side, back, i * side * side, 1, mirrored);
    }
    return back;
  }

  private Tensor images(List<float[]> windows, boolean mirrored) {
    int channels = info.network().channels();
    float[] images = new float[windows.size() * side * side * channels];
    for (int i = 0; i < windows.size(); i++) {
      copy(windows.get(i), 0, images, i * side * side * channels, channels, mirrored);
    }
    return Tensor.of(device, Shape.of(windows.size(), side, side, channels), images);
  }

  private Tensor probabilities(Tape tape, List<Tensor> images) {
    Tensor logits =
        quantization == null
            ? network.forward(tape, Cast.forward(tape, images.get(0), options.type))
            : quantization.predict(images.get(0));
    return Activate.sigmoid().forward(tape, logits);
  }

  private void copy(
      float[] from, int fromOffset, float[] to, int toOffset, int channels, boolean mirrored) {
    for (int y = 0; y < side; y++) {
      for (int x = 0; x < side; x++) {
        int source = y * side + (mirrored ? side - 1 - x : x);
        System.arraycopy(
            from,
            fromOffset + source * channels,
            to,
            toOffset + (y * side + x) * channels,
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
    step.close();
    if (quantization != null) {
      quantization.close();
    }
    network.close();
  }
}
