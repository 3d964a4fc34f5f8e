package io.github.glia.benchmarks;

import io.github.glia.nn.Conv2d;
import io.github.glia.nn.ConvNormRelu;
import io.github.glia.nn.ConvTranspose2d;
import io.github.glia.nn.Layer;
import io.github.glia.nn.MaxPool2d;
import io.github.glia.nn.Norm;
import io.github.glia.nn.Tape;
import io.github.glia.tensor.DType;
import io.github.glia.tensor.Device;
import io.github.glia.tensor.Scope;
import io.github.glia.tensor.Shape;
import io.github.glia.tensor.Tensor;
import io.github.glia.unet.UNet;
import java.util.LinkedHashSet;
import java.util.Set;
import java.util.regex.Pattern;

/** The shapes that networks compute with, each once, found by letting them predict. */
public final class Layers {
  /** Height and width of the images. */
  public static final int SIZE = 256;

  private static final Pattern SEPARATOR = Pattern.compile("[x@]");

  /** INxOUTxKERNEL@SIZE. */
  public final Set<String> convs = new LinkedHashSet<>();

  /** INxOUT@SIZE. */
  public final Set<String> ups = new LinkedHashSet<>();

  /** CHANNELS@SIZE. */
  final Set<String> pools = new LinkedHashSet<>();

  /** CHANNELS@SIZE. */
  final Set<String> norms = new LinkedHashSet<>();

  /** CHANNELSxCHANNELS@SIZE. */
  final Set<String> joins = new LinkedHashSet<>();

  /** Channels that a transposed convolution has made and that will be joined with others. */
  private int upped;

  private Layers() {}

  public static Layers of(String... networks) {
    Layers layers = new Layers();
    for (String network : networks) {
      layers.add(UNet.Config.preset(network));
    }
    return layers;
  }

  /** The numbers of such a name. */
  public static int[] numbers(String shape) {
    return SEPARATOR.splitAsStream(shape).mapToInt(Integer::parseInt).toArray();
  }

  private void add(UNet.Config config) {
    Device device = Device.cpu();
    try (UNet network = new UNet(config);
        Scope scope = Scope.open()) {
      network.initialize(device, 1);
      Tape tape = Tape.inference((layer, x, y) -> add(layer, x, y.shape(), config.norm()));
      network.forward(
          tape, Tensor.zeros(device, DType.F32, Shape.of(1, SIZE, SIZE, config.channels())));
    }
  }

  private void add(Layer layer, Shape x, Shape y, Norm norm) {
    int in = x.size(3);
    String out = y.size(3) + "@" + y.size(1);
    if (layer instanceof ConvNormRelu) {
      Shape weights = layer.children().get("conv").state().get("weight").shape();
      addConv(x, weights);
      if (norm == Norm.BATCH) {
        norms.add(out);
      }
    } else if (layer instanceof Conv2d) {
      addConv(x, layer.state().get("weight").shape());
    } else if (layer instanceof ConvTranspose2d) {
      ups.add(in + "x" + y.size(3) + "@" + x.size(1));
      upped = y.size(3);
    } else if (layer instanceof MaxPool2d) {
      pools.add(in + "@" + x.size(1));
    }
  }

  private void addConv(Shape x, Shape weights) {
    int in = x.size(3);
    convs.add(in + "x" + weights.size(0) + "x" + weights.size(1) + "@" + x.size(1));
    if (upped > 0) {
      joins.add(upped + "x" + (in - upped) + "@" + x.size(1));
      upped = 0;
    }
  }
}
