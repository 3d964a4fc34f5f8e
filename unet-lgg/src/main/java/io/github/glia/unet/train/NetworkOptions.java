package io.github.glia.unet.train;

import io.github.glia.nn.Norm;
import io.github.glia.unet.UNet;
import java.util.Map;

/**
 * The shape of the network.
 *
 * @param features of the first level
 * @param depth how often the size is halved
 */
public record NetworkOptions(int features, int depth, Norm norm, UNet.Up up) {
  /** The shape of the model that comes along, which was measured on held-out patients. */
  static final NetworkOptions DEFAULTS =
      new NetworkOptions(16, 4, Norm.INSTANCE, UNet.Up.TRANSPOSED);

  private static final int DEEPEST = 8;

  public NetworkOptions {
    Require.atLeast("features", features, 1);
    Require.atLeast("depth", depth, 1);
    Require.that(depth <= DEEPEST, "--depth must be at most " + DEEPEST + ", but is " + depth);
  }

  static NetworkOptions of(Flags flags) {
    return new NetworkOptions(
        flags.whole("features"),
        flags.whole("depth"),
        flags.choice("norm", Norm.values()),
        flags.choice("up", UNet.Up.values()));
  }

  void putInto(Map<String, Object> json) {
    json.put("features", features);
    json.put("depth", depth);
    json.put("norm", Flags.text(norm));
    json.put("up", Flags.text(up));
  }

  static NetworkOptions preset(String name) {
    UNet.Config config = UNet.Config.preset(name);
    return new NetworkOptions(config.features(), config.depth(), config.norm(), config.up());
  }

  /** The network for images with some channels. */
  UNet.Config config(int channels) {
    return new UNet.Config(channels, 1, features, depth, norm, up);
  }
}
