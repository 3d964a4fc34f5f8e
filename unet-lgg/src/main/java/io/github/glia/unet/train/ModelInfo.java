package io.github.glia.unet.train;

import io.github.glia.nn.Norm;
import io.github.glia.nn.WeightFile;
import io.github.glia.unet.UNet;
import io.github.glia.unet.json.Json;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What a file of weights says of itself: how to build its network, and how to prepare images for
 * it.
 *
 * @param size of the slices it was trained on
 * @param normalization as {@link DataOptions#normalization}
 * @param modalities as {@link DataOptions#modalities}
 * @param epoch whose weights these are
 * @param dice on the validation volumes; NaN without any
 */
public record ModelInfo(
    UNet.Config network,
    int size,
    String normalization,
    String modalities,
    int epoch,
    double dice) {
  private static final String KEY = "glia.model";

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
    json.put("normalization", normalization);
    json.put("modalities", modalities);
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
        text(json, "normalization"),
        text(json, "modalities"),
        integer(json, "epoch"),
        json.get("dice") instanceof Double dice ? dice : Double.NaN);
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
