package io.github.glia.unet;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.github.glia.kernels.Backend;
import io.github.glia.kernels.loss.BceDice;
import io.github.glia.kernels.loss.CrossEntropy;
import io.github.glia.nn.Cast;
import io.github.glia.nn.Layer;
import io.github.glia.nn.Norm;
import io.github.glia.nn.Objective;
import io.github.glia.nn.Optimizer;
import io.github.glia.nn.Tape;
import io.github.glia.tensor.DType;
import io.github.glia.tensor.Device;
import io.github.glia.tensor.Scope;
import io.github.glia.tensor.Shape;
import io.github.glia.tensor.Tensor;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

final class UNetTest {
  /** oneDNN's plain loops, and its detour over a matrix of patches. */
  private static final Pattern SLOW = Pattern.compile("(^|[:_])(ref|gemm)");

  private static final int STEPS = 10;

  static List<Device> devices() {
    return Device.all();
  }

  static Stream<Arguments> devicesAndTypes() {
    return devices().stream()
        .flatMap(d -> Stream.of(DType.F32, DType.BF16).map(t -> Arguments.of(d, t)));
  }

  static Stream<Arguments> variants() {
    return devicesAndTypes()
        .flatMap(
            a ->
                Stream.of(Norm.values())
                    .flatMap(
                        norm ->
                            Stream.of(UNet.Up.values())
                                .map(up -> Arguments.of(a.get()[0], a.get()[1], norm, up))));
  }

  @AfterEach
  void everythingIsFreed() {
    for (Device device : devices()) {
      assertEquals(0, device.memory().liveBytes(), () -> device.memory().report());
    }
  }

  /** Sums by hand, and the first two are those of the same networks in PyTorch. */
  @Test
  void presetsHaveTheParametersOfTheirPapers() {
    assertEquals(7_763_041, learned(UNet.Config.lgg()));
    assertEquals(31_031_745, learned(UNet.Config.classic()));
    assertEquals(7_700_161, learned(UNet.Config.small()));
    assertEquals(7_240_801, learned(new UNet.Config(3, 1, 32, 4, Norm.BATCH, UNet.Up.BILINEAR)));
  }

  @ParameterizedTest
  @MethodSource("devices")
  void logitsAreAsLargeAsTheImageWithAChannelForEachClass(Device device) {
    try (Layer network = new UNet(new UNet.Config(2, 3, 4, 2, Norm.BATCH, UNet.Up.TRANSPOSED));
        Scope scope = Scope.open()) {
      network.initialize(device, 1);
      for (int[] size : new int[][] {{1, 8, 4}, {2, 12, 20}, {3, 8, 4}}) {
        Tensor x = Tensor.zeros(device, DType.F32, Shape.of(size[0], size[1], size[2], 2));
        Shape expected = Shape.of(size[0], size[1], size[2], 3);
        assertEquals(expected, network.predict(x).shape());
        assertEquals(expected, network.forward(Tape.training(1, 1), x).shape());
      }
    }
  }

  @ParameterizedTest
  @MethodSource("devices")
  void imagesThatDoNotFitAreRefusedWithWhatWould(Device device) {
    try (Layer network = new UNet(new UNet.Config(3, 1, 2, 3, Norm.BATCH, UNet.Up.TRANSPOSED));
        Scope scope = Scope.open()) {
      network.initialize(device, 1);
      for (Tape tape : new Tape[] {Tape.inference(), Tape.training(1, 1)}) {
        refused(
            "must be multiples of 8, but the input is [1, 20, 16, 3]; pad it to 24×16",
            () -> network.forward(tape, image(device, 1, 20, 16, 3)));
        refused("pad it to 16×40", () -> network.forward(tape, image(device, 1, 16, 39, 3)));
        refused("pad it to 8×8", () -> network.forward(tape, image(device, 1, 1, 1, 3)));
        refused(
            "must be [batch, height, width, 3], but is [1, 16, 16, 4]",
            () -> network.forward(tape, image(device, 1, 16, 16, 4)));
        refused(
            "must have the shape [batch, height, width, channels]",
            () -> network.forward(tape, image(device, 16, 16, 3)));
        refused("null", () -> network.forward(tape, null));
      }
    }
  }

  @Test
  void configurationsThatMakeNoNetworkAreRefused() {
    UNet.Up up = UNet.Up.TRANSPOSED;
    refused("channels must be at least 1", () -> new UNet.Config(0, 1, 1, 1, Norm.NONE, up));
    refused("classes must be at least 1", () -> new UNet.Config(1, -1, 1, 1, Norm.NONE, up));
    refused("features must be at least 1", () -> new UNet.Config(1, 1, 0, 1, Norm.NONE, up));
    refused("depth must be at least 1", () -> new UNet.Config(1, 1, 1, 0, Norm.NONE, up));
    refused("too many", () -> new UNet.Config(1, 1, 64, 40, Norm.NONE, up));
    refused("too many", () -> new UNet.Config(1, 1, 1 << 28, 4, Norm.NONE, up));
    refused("norm is null", () -> new UNet.Config(1, 1, 1, 1, null, up));
    refused("way up is null", () -> new UNet.Config(1, 1, 1, 1, Norm.NONE, null));
    refused("configuration is null", () -> new UNet(null));
  }

  @ParameterizedTest
  @MethodSource("variants")
  void everyVariantLearns(Device device, DType type, Norm norm, UNet.Up up) {
    assumeTrue(device.computes(type), device + " does not compute in " + type);
    try (Layer network = new UNet(new UNet.Config(3, 1, 8, 2, norm, up));
        Scope scope = Scope.open()) {
      network.initialize(device, 1);
      Tensor x = image(device, 2, 32, 32, 3);
      Tensor truth = brightPixels(x, 1);
      try (Optimizer optimizer = Optimizer.adam(network)) {
        Objective objective = new Objective(new BceDice(1));
        float first = step(network, optimizer, objective, x, truth, type, 0);
        float last = first;
        for (int i = 1; i < STEPS; i++) {
          last = step(network, optimizer, objective, x, truth, type, i);
        }
        assertTrue(last < 0.9f * first, "the loss went from " + first + " to " + last);
      }
      Tensor logits = network.predict(Cast.forward(Tape.inference(), x, type));
      assertEquals(DType.F32, logits.dtype());
    }
  }

  @ParameterizedTest
  @MethodSource("devices")
  void severalClassesLearn(Device device) {
    try (Layer network = new UNet(new UNet.Config(3, 3, 8, 2, Norm.BATCH, UNet.Up.TRANSPOSED));
        Scope scope = Scope.open()) {
      network.initialize(device, 1);
      Tensor x = image(device, 2, 32, 32, 3);
      Tensor truth = brightPixels(x, 2);
      try (Optimizer optimizer = Optimizer.adam(network)) {
        Objective objective = new Objective(new CrossEntropy());
        float first = step(network, optimizer, objective, x, truth, DType.F32, 0);
        float last = first;
        for (int i = 1; i < STEPS; i++) {
          last = step(network, optimizer, objective, x, truth, DType.F32, i);
        }
        assertTrue(last < 0.9f * first, "the loss went from " + first + " to " + last);
      }
    }
  }

  /** At 256×256 the choices are the same, but for two matrix products, small ones here. */
  @ParameterizedTest
  @MethodSource("devicesAndTypes")
  void noPrimitiveIsASlowOne(Device device, DType type) {
    assumeTrue(device.computes(type), device + " does not compute in " + type);
    for (UNet.Config config : List.of(UNet.Config.lgg(), UNet.Config.classic())) {
      device.releaseCaches();
      try (Layer network = new UNet(config);
          Scope scope = Scope.open()) {
        network.initialize(device, 1);
        Tensor x = image(device, 2, 64, 64, 3);
        try (Optimizer optimizer = Optimizer.adam(network)) {
          step(network, optimizer, new Objective(new BceDice(1)), x, brightPixels(x, 1), type, 0);
        }
        network.predict(Cast.forward(Tape.inference(), x, type));
      }
      Map<String, String> slow = new TreeMap<>(Backend.of(device).implementations());
      int all = slow.size();
      slow.values().removeIf(name -> !SLOW.matcher(name).find());
      assertTrue(all > 100, "only " + all + " primitives have a name");
      assertEquals(Map.of(), slow);
    }
  }

  private static float step(
      Layer network,
      Optimizer optimizer,
      Objective objective,
      Tensor x,
      Tensor truth,
      DType type,
      int step) {
    try (Scope scope = Scope.open()) {
      Tape tape = Tape.training(1, step);
      Tensor logits = network.forward(tape, Cast.forward(tape, x, type));
      Tensor loss = objective.forward(tape, logits, truth);
      tape.backward(loss);
      optimizer.step(1e-2f);
      return loss.item();
    }
  }

  private static Tensor image(Device device, int... shape) {
    Shape s = Shape.of(shape);
    float[] values = new float[(int) s.count()];
    Random random = new Random(1);
    for (int i = 0; i < values.length; i++) {
      values[i] = random.nextFloat();
    }
    return Tensor.of(device, s, values);
  }

  /** For each pixel how bright its first channel is, from 0 to {@code brightest}. */
  private static Tensor brightPixels(Tensor x, int brightest) {
    float[] values = x.toFloats();
    int channels = x.shape().size(3);
    float[] truth = new float[values.length / channels];
    for (int i = 0; i < truth.length; i++) {
      truth[i] = (int) (values[i * channels] * (brightest + 1));
    }
    return Tensor.of(x.device(), x.shape().with(3, 1), truth);
  }

  private static int learned(UNet.Config config) {
    try (Layer network = new UNet(config)) {
      return network.trained().values().stream().mapToInt(p -> (int) p.shape().count()).sum();
    }
  }

  private static void refused(String message, Executable call) {
    IllegalArgumentException e = assertThrows(IllegalArgumentException.class, call);
    assertTrue(e.getMessage().contains(message), e.getMessage());
  }
}
