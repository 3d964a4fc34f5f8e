package io.github.glia.unet;

import io.github.glia.kernels.Check;
import io.github.glia.kernels.upsample.Interpolation;
import io.github.glia.nn.Conv2d;
import io.github.glia.nn.ConvNormRelu;
import io.github.glia.nn.ConvTranspose2d;
import io.github.glia.nn.Layer;
import io.github.glia.nn.MaxPool2d;
import io.github.glia.nn.Norm;
import io.github.glia.nn.Sequential;
import io.github.glia.nn.Tape;
import io.github.glia.nn.Upsample;
import io.github.glia.tensor.DType;
import io.github.glia.tensor.Shape;
import io.github.glia.tensor.Tensor;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;

/**
 * The U-Net: blocks of two convolutions, each level down with half the size and twice the features,
 * and up again with the detail of the way down beside it. Its output is logits, in F32.
 */
public final class UNet extends Layer {
  private final Config config;
  private final List<Layer> encoders = new ArrayList<>();
  private final List<Layer> pools = new ArrayList<>();
  private final Layer bottom;
  private final List<Layer> ups = new ArrayList<>();
  private final List<Layer> decoders = new ArrayList<>();
  private final Layer head;

  /** How the decoder makes images larger. */
  public enum Up {
    TRANSPOSED,
    BILINEAR
  }

  /**
   * The choices of a U-Net.
   *
   * @param features of the first level; each further one has twice as many
   * @param depth how often the size is halved
   */
  public record Config(int channels, int classes, int features, int depth, Norm norm, Up up) {
    /** Images of 2^16 pixels a side are more than any device holds. */
    private static final int DEEPEST = 16;

    public Config {
      Check.atLeast("U-Net", "channels", channels, 1);
      Check.atLeast("U-Net", "classes", classes, 1);
      Check.atLeast("U-Net", "features", features, 1);
      Check.atLeast("U-Net", "depth", depth, 1);
      if (depth > DEEPEST || features > Integer.MAX_VALUE >> (depth + 1)) {
        throw Check.failed(
            "U-Net", features + " features doubled " + depth + " times are too many");
      }
      if (norm == null || up == null) {
        throw Check.failed("U-Net", (norm == null ? "the norm" : "the way up") + " is null");
      }
    }

    /** 32 features and batch norm: the network of the LGG set's authors. */
    public static Config lgg() {
      return new Config(3, 1, 32, 4, Norm.BATCH, Up.TRANSPOSED);
    }

    /** 64 to 1024 features without norm: the paper of 2015, with padding. */
    public static Config classic() {
      return new Config(3, 1, 64, 4, Norm.NONE, Up.TRANSPOSED);
    }

    /** 64-128-256-512. */
    public static Config small() {
      return new Config(3, 1, 64, 3, Norm.BATCH, Up.TRANSPOSED);
    }

    /** One of the above by its name. */
    public static Config preset(String name) {
      return switch (name) {
        case "lgg" -> lgg();
        case "classic" -> classic();
        case "small" -> small();
        default ->
            throw new IllegalArgumentException(
                "there is no preset \"" + name + "\"; there is lgg, classic, small");
      };
    }
  }

  public UNet(Config config) {
    if (config == null) {
      throw Check.failed("U-Net", "the configuration is null");
    }
    this.config = config;
    int features = config.features;
    int in = config.channels;
    for (int level = 0; level < config.depth; level++) {
      encoders.add(add("encoder" + (level + 1), block(in, features, config.norm)));
      pools.add(add("pool" + (level + 1), new MaxPool2d(2)));
      in = features;
      features *= 2;
    }
    bottom = add("bottom", block(in, features, config.norm));
    for (int level = config.depth; level > 0; level--) {
      ups.add(add("up" + level, up(features, config.up)));
      features /= 2;
      decoders.add(add("decoder" + level, block(2 * features, features, config.norm)));
    }
    head = add("head", Conv2d.builder(features, config.classes, 1).outputType(DType.F32).build());
  }

  @Override
  protected Tensor compute(Tape tape, Tensor x) {
    checkImages(x);
    Deque<Tensor> skips = new ArrayDeque<>();
    Tensor h = x;
    for (int level = 0; level < encoders.size(); level++) {
      Tensor skip = encoders.get(level).forward(tape, h);
      release(tape, h, x);
      skips.push(skip);
      h = pools.get(level).forward(tape, skip);
    }
    Tensor deepest = bottom.forward(tape, h);
    tape.release(h);
    h = deepest;
    for (int level = 0; level < decoders.size(); level++) {
      Tensor up = ups.get(level).forward(tape, h);
      tape.release(h);
      Tensor skip = skips.pop();
      h = decoders.get(level).forward(tape, up, skip);
      tape.release(up);
      tape.release(skip);
    }
    Tensor logits = head.forward(tape, h);
    tape.release(h);
    return logits;
  }

  private void checkImages(Tensor x) {
    Check.image("U-Net", "the input", x);
    Shape s = x.shape();
    if (s.size(3) != config.channels) {
      throw Check.failed(
          "U-Net",
          "the input must be [batch, height, width, " + config.channels + "], but is " + s);
    }
    int unit = 1 << config.depth;
    if (s.size(1) % unit != 0 || s.size(2) % unit != 0) {
      throw Check.failed(
          "U-Net",
          String.format(
              "%d levels halve height and width, which must be multiples of %d, but the input is"
                  + " %s; pad it to %d×%d",
              config.depth, unit, s, roundUp(s.size(1), unit), roundUp(s.size(2), unit)));
    }
  }

  private static int roundUp(int size, int unit) {
    return (size + unit - 1) / unit * unit;
  }

  private static void release(Tape tape, Tensor h, Tensor input) {
    if (h != input) {
      tape.release(h);
    }
  }

  private static Layer block(int in, int out, Norm norm) {
    return new Sequential(new ConvNormRelu(in, out, 3, norm), new ConvNormRelu(out, out, 3, norm));
  }

  private static Layer up(int features, Up up) {
    return up == Up.TRANSPOSED
        ? new ConvTranspose2d(features, features / 2, 2, 2)
        : new Sequential(
            new Upsample(2, Interpolation.BILINEAR), new Conv2d(features, features / 2, 1));
  }
}
