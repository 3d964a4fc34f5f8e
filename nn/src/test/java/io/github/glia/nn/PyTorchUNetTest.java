package io.github.glia.nn;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.github.glia.kernels.loss.Dice;
import io.github.glia.tensor.Device;
import io.github.glia.tensor.Scope;
import io.github.glia.tensor.Shape;
import io.github.glia.tensor.Tensor;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.zip.ZipFile;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * A U-Net that was trained with PyTorch on the LGG slices, built from our layers, with its weights:
 * every activation, and one training step. The folder that holds {@code unet.pt}, {@code ref} and
 * {@code ref_train_step} is named by the system property {@code glia.pytorch-unet}.
 */
final class PyTorchUNetTest {
  private static final String FOLDER = System.getProperty("glia.pytorch-unet", "");
  private static final double ACTIVATIONS = 1e-4;
  private static final double GRADIENTS = 1e-4;

  static List<Device> devices() {
    return DeviceTests.devices();
  }

  @BeforeEach
  void numbersAreThere() {
    assumeTrue(
        !FOLDER.isEmpty() && Files.isDirectory(Path.of(FOLDER)),
        "no folder of PyTorch's numbers: name one with -Dglia.pytorch-unet=DIR");
  }

  @ParameterizedTest
  @MethodSource("devices")
  void everyActivationIsPyTorchs(Device device) throws IOException {
    try (Net net = load(device);
        Scope scope = Scope.open()) {
      Map<String, Tensor> activations = new LinkedHashMap<>();
      Tensor logits = net.predict(image(device, "ref/crop64_input", 1, 3, 64), activations);
      List<String> files = new ArrayList<>();
      try (var listed = Files.list(Path.of(FOLDER, "ref"))) {
        listed
            .map(f -> f.getFileName().toString())
            .filter(f -> f.contains("_layer"))
            .forEach(files::add);
      }
      assertEquals(14, files.size(), "activations in " + FOLDER);
      for (String file : files) {
        String layer = file.replaceAll("crop64_layer0?(\\d+)_.*", "$1");
        compare(file, read("ref/" + file), toTorch(activations.get(layer)), ACTIVATIONS);
      }
      Tensor probabilities = Activate.sigmoid().predict(logits);
      compare("probabilities", read("ref/crop64_prob.f32"), toTorch(probabilities), ACTIVATIONS);
    }
  }

  @ParameterizedTest
  @MethodSource("devices")
  void wholeSlicesArePyTorchs(Device device) throws IOException {
    for (String slice :
        List.of(
            "TCGA_CS_6667_20011105_12", "TCGA_HT_7855_19951020_10", "TCGA_FG_7634_20000128_17")) {
      try (Net net = load(device);
          Scope scope = Scope.open()) {
        Tensor logits = net.predict(image(device, "ref/" + slice + "_input", 1, 3, 256));
        Tensor probabilities = Activate.sigmoid().predict(logits);
        compare(slice, read("ref/" + slice + "_prob.f32"), toTorch(probabilities), ACTIVATIONS);
      }
    }
  }

  @ParameterizedTest
  @MethodSource("devices")
  void trainingStepIsPyTorchs(Device device) throws IOException {
    try (Net net = load(device);
        Scope scope = Scope.open();
        Optimizer optimizer = Optimizer.adam(net)) {
      Tape tape = Tape.training(0, 0);
      Tensor x = image(device, "ref_train_step/input", 2, 3, 64);
      Tensor truth = image(device, "ref_train_step/mask", 2, 1, 64);
      Tensor loss = new Objective(new Dice(1)).forward(tape, net.forward(tape, x), truth);
      assertEquals(0.760352611541748, loss.item(), 1e-6);
      tape.backward(loss);
      for (var entry : net.trained().entrySet()) {
        String name = entry.getKey();
        float[] expected = read("ref_train_step/grad__" + name + ".f32");
        float[] actual = toTorch(entry.getValue().gradient());
        if (isBiasBeforeBatchNorm(name)) {
          // Its gradient is 0 but for rounding.
          for (int i = 0; i < expected.length; i++) {
            assertEquals(expected[i], actual[i], 1e-5, name);
          }
        } else {
          compareNorm("gradient of " + name, expected, actual, GRADIENTS);
        }
      }
      optimizer.step(1e-4f);
      for (var entry : net.state().entrySet()) {
        String name = entry.getKey();
        if (!isBiasBeforeBatchNorm(name)) {
          compareNorm(
              name + " after the step",
              read("ref_train_step/after__" + name + ".f32"),
              toTorch(entry.getValue().value()),
              GRADIENTS);
        }
      }
    }
  }

  private static boolean isBiasBeforeBatchNorm(String name) {
    return name.matches(".*conv[12]\\.bias");
  }

  private static Net load(Device device) throws IOException {
    Net net = new Net();
    net.initialize(device, 0);
    Map<String, float[]> weights = stateDict(Path.of(FOLDER, "unet.pt"));
    net.state()
        .forEach(
            (name, parameter) -> {
              int[] s = parameter.shape().toArray();
              int[] fileShape = s.length == 4 ? new int[] {s[0], s[3], s[1], s[2]} : s;
              WeightFile.Array array = new WeightFile.Array(fileShape, weights.get(name));
              parameter.value().copyFrom(Weights.fromFile(array));
            });
    return net;
  }

  /**
   * The arrays of a PyTorch checkpoint by name. In its pickle a name of a parameter is followed by
   * the name of the archive's member that holds its numbers; no other string of digits occurs.
   */
  private static Map<String, float[]> stateDict(Path checkpoint) throws IOException {
    Map<String, float[]> arrays = new LinkedHashMap<>();
    try (ZipFile zip = new ZipFile(checkpoint.toFile())) {
      byte[] pickle = zip.getInputStream(zip.getEntry("archive/data.pkl")).readAllBytes();
      ByteBuffer bytes = ByteBuffer.wrap(pickle).order(ByteOrder.LITTLE_ENDIAN);
      String name = "";
      for (int i = 0; i + 5 < pickle.length; i++) {
        int length = pickle[i] == 'X' ? bytes.getInt(i + 1) : -1;
        if (length < 1 || length > pickle.length - i - 5) {
          continue;
        }
        String text = new String(pickle, i + 5, length, StandardCharsets.UTF_8);
        if (text.startsWith("layers.")) {
          name = text;
        } else if (text.matches("\\d{6,}") && !arrays.containsKey(name)) {
          byte[] data = zip.getInputStream(zip.getEntry("archive/data/" + text)).readAllBytes();
          arrays.put(name, floats(data));
        }
      }
    }
    return arrays;
  }

  private static Tensor image(Device device, String file, int batch, int channels, int size)
      throws IOException {
    int[] shape = {batch, channels, size, size};
    WeightFile.Array array = new WeightFile.Array(shape, read(file + ".f32"));
    return Tensor.of(device, Shape.of(batch, size, size, channels), Weights.fromFile(array));
  }

  private static float[] toTorch(Tensor tensor) {
    return Weights.toFile(tensor).values();
  }

  private static float[] read(String file) throws IOException {
    String name = file.endsWith(".f32") ? file : file + ".f32";
    return floats(Files.readAllBytes(Path.of(FOLDER, name)));
  }

  private static float[] floats(byte[] bytes) {
    float[] values = new float[bytes.length / 4];
    ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).asFloatBuffer().get(values);
    return values;
  }

  private static void compare(String what, float[] expected, float[] actual, double tolerance) {
    assertEquals(expected.length, actual.length, what);
    for (int i = 0; i < expected.length; i++) {
      assertEquals(
          expected[i],
          actual[i],
          tolerance * Math.max(1, Math.abs(expected[i])),
          what + " at " + i);
    }
  }

  private static void compareNorm(String what, float[] expected, float[] actual, double tolerance) {
    double error = 0;
    double norm = 0;
    for (int i = 0; i < expected.length; i++) {
      error += Math.pow(actual[i] - expected[i], 2);
      norm += Math.pow(expected[i], 2);
    }
    double relative = Math.sqrt(error / norm);
    if (!(relative <= tolerance)) {
      throw new AssertionError(what + ": relative error " + relative);
    }
  }

  /** The network, its layers numbered as in the checkpoint. */
  private static final class Net extends Layer {
    private final Layer[] layers = new Layer[14];

    Net() {
      Layer list = add("layers", new Numbered());
      int features = 32;
      for (int i = 0; i < 8; i += 2) {
        layers[i] =
            list.add(Integer.toString(i), new TorchBlock(i == 0 ? 3 : features, features, true));
        layers[i + 1] =
            i < 6
                ? list.add(Integer.toString(i + 1), new MaxPool2d(2))
                : list.add(Integer.toString(i + 1), up(features));
      }
      for (int i = 8; i < 13; i += 2) {
        layers[i] = list.add(Integer.toString(i), new TorchBlock(2 * features, features, true));
        layers[i + 1] =
            i < 12
                ? list.add(Integer.toString(i + 1), up(features))
                : list.add(Integer.toString(i + 1), new Conv2d(features, 1, 1));
      }
    }

    private static Layer up(int features) {
      return ConvTranspose2d.builder(features, features, 2).stride(2, 2).withoutBias().build();
    }

    Tensor predict(Tensor x, Map<String, Tensor> activations) {
      return compute(Tape.inference(), x, activations);
    }

    @Override
    protected Tensor compute(Tape tape, Tensor x) {
      return compute(tape, x, new LinkedHashMap<>());
    }

    private Tensor compute(Tape tape, Tensor x, Map<String, Tensor> activations) {
      List<Tensor> skips = new ArrayList<>();
      Tensor h = x;
      for (int i = 0; i < layers.length; i++) {
        boolean decoderBlock = i >= 8 && i % 2 == 0;
        if (decoderBlock) {
          h = Concat.forward(tape, h, skips.remove(skips.size() - 1));
          activations.put(Integer.toString(i - 1), h);
        }
        h = layers[i].forward(tape, h);
        activations.put(Integer.toString(i), h);
        if (i < 6 && i % 2 == 0) {
          skips.add(h);
        }
      }
      return h;
    }
  }

  /** Only names what is in it. */
  private static final class Numbered extends Layer {
    @Override
    protected Tensor compute(Tape tape, Tensor x) {
      throw new UnsupportedOperationException("a list of layers does not compute");
    }
  }
}
