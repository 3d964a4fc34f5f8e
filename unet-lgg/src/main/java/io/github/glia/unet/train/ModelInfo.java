package io.github.glia.unet.train;

import io.github.glia.nn.Norm;
import io.github.glia.nn.WeightFile;
import io.github.glia.unet.UNet;
import io.github.glia.unet.data.Normalization;
import io.github.glia.unet.data.ReadOptions;
import io.github.glia.unet.json.Json;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * What a file of weights says of itself: how to build its network, and how to prepare images for
 * it.
 *
 * @param size of the slices it was trained on
 * @param patch of the pieces of those slices that it saw; 0 if it saw them whole
 * @param normalization as {@link DataOptions#normalization}
 * @param modalities as {@link DataOptions#modalities}
 * @param threshold the probability from which on a pixel is called tumour
 * @param epoch whose weights these are
 * @param dice on the validation volumes, at the size of training; NaN without any
 */
public record ModelInfo(
    UNet.Config network,
    int size,
    int patch,
    String normalization,
    String modalities,
    double threshold,
    int epoch,
    double dice) {
  private static final String KEY = "glia.model";
  private static final int LARGEST = 4096;
  private static final double USUAL_THRESHOLD = 0.5;
  private static final String ALL = "all";

  /** Of the LGG set: pre-contrast, FLAIR, post-contrast. */
  private static final List<String> THREE = List.of("t1", "flair", "t1ce");

  public ModelInfo {
    require(size >= 1 && size <= LARGEST, "size", size);
    require(patch >= 0 && patch <= size, "patch", patch);
    require(threshold > 0 && threshold < 1, "threshold", threshold);
    Normalization.valueOf(normalization.toUpperCase(Locale.ROOT));
  }

  /** The side of the squares that the network saw in training. */
  public int seen() {
    return patch > 0 ? patch : size;
  }

  /**
   * The sequences of a NIfTI case that the network's channels are. One that was trained on images
   * does not say; if it has three channels they are taken to be those of the LGG set.
   *
   * @return empty for all four, in the order of a case
   */
  public List<String> channelModalities() {
    if (modalities.equals(ALL)) {
      return network.channels() == THREE.size() ? THREE : List.of();
    }
    return List.of(modalities.split(","));
  }

  /** How to read images for this network: prepared as in training, at the size that they have. */
  public ReadOptions readOptions(boolean strict) {
    return new ReadOptions(
            size,
            Normalization.valueOf(normalization.toUpperCase(Locale.ROOT)),
            strict,
            channelModalities())
        .atOwnSize();
  }

  /**
   * What a file says.
   *
   * @throws IOException if it cannot be read, or does not say it; the message names it
   */
  public static ModelInfo read(Path path) throws IOException {
    String text = WeightFile.open(path).metadata().get(KEY);
    if (text == null) {
      throw new IOException(
          path + " does not say which network its weights are of: it is no model that train wrote");
    }
    try {
      return fromJson(Json.parseObject(text));
    } catch (IllegalArgumentException e) {
      throw new IOException(path + ": what it says of its network is wrong: " + e.getMessage(), e);
    }
  }

  Map<String, String> toMetadata() {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("channels", network.channels());
    json.put("classes", network.classes());
    json.put("features", network.features());
    json.put("depth", network.depth());
    json.put("norm", Flags.text(network.norm()));
    json.put("up", Flags.text(network.up()));
    json.put("size", size);
    json.put("patch", patch);
    json.put("normalization", normalization);
    json.put("modalities", modalities);
    json.put("threshold", threshold);
    json.put("epoch", epoch);
    json.put("dice", dice);
    return Map.of(KEY, Json.write(json));
  }

  private static ModelInfo fromJson(Map<String, Object> json) {
    UNet.Config network =
        new UNet.Config(
            integer(json, "channels"),
            integer(json, "classes"),
            integer(json, "features"),
            integer(json, "depth"),
            choice(json, "norm", Norm.values()),
            choice(json, "up", UNet.Up.values()));
    return new ModelInfo(
        network,
        integer(json, "size"),
        json.containsKey("patch") ? integer(json, "patch") : 0,
        text(json, "normalization"),
        text(json, "modalities"),
        json.containsKey("threshold") ? number(json, "threshold") : USUAL_THRESHOLD,
        integer(json, "epoch"),
        json.get("dice") instanceof Double dice ? dice : Double.NaN);
  }

  private static void require(boolean holds, String name, Object value) {
    if (!holds) {
      throw new IllegalArgumentException("\"" + name + "\" is " + value);
    }
  }

  private static double number(Map<String, Object> json, String name) {
    if (json.get(name) instanceof Double number) {
      return number;
    }
    throw new IllegalArgumentException("\"" + name + "\" is " + json.get(name));
  }

  private static int integer(Map<String, Object> json, String name) {
    if (json.get(name) instanceof Double number && number == number.intValue()) {
      return number.intValue();
    }
    throw new IllegalArgumentException("\"" + name + "\" is " + json.get(name));
  }

  private static String text(Map<String, Object> json, String name) {
    if (json.get(name) instanceof String text) {
      return text;
    }
    throw new IllegalArgumentException("\"" + name + "\" is " + json.get(name));
  }

  private static <E extends Enum<E>> E choice(Map<String, Object> json, String name, E[] all) {
    return Arrays.stream(all)
        .filter(constant -> Flags.text(constant).equals(json.get(name)))
        .findFirst()
        .orElseThrow(() -> new IllegalArgumentException("\"" + name + "\" is " + json.get(name)));
  }
}
