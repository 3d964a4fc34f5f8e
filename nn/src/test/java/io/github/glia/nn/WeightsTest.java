package io.github.glia.nn;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.glia.tensor.Device;
import io.github.glia.tensor.Scope;
import io.github.glia.tensor.Shape;
import io.github.glia.tensor.Tensor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Networks saved and loaded, in PyTorch's names and layouts; loads that fail change nothing. */
final class WeightsTest {
  @TempDir private Path folder;

  static List<Device> devices() {
    return DeviceTests.devices();
  }

  @AfterEach
  void everythingIsFreed() {
    for (Device device : devices()) {
      assertEquals(0, device.memory().liveBytes(), () -> device.memory().report());
    }
  }

  @ParameterizedTest
  @MethodSource("devices")
  void aNetworkLoadsWhatAnotherSaved(Device device) throws IOException {
    Path path = folder.resolve("net.safetensors");
    try (Layer saved = network(2);
        Layer loaded = network(2)) {
      saved.initialize(device, 1);
      loaded.initialize(device, 2);
      Weights.save(saved, path, Map.of("epoch", "7"));
      Weights.load(loaded, path);
      assertSame(values(saved), values(loaded));
      assertEquals("7", WeightFile.open(path).metadata().get("epoch"));
    }
  }

  @ParameterizedTest
  @MethodSource("devices")
  void layoutsInFilesArePyTorchs(Device device) throws IOException {
    Path path = folder.resolve("net.safetensors");
    try (Layer network = network(2)) {
      network.initialize(device, 1);
      Parameter conv = network.state().get("0.conv.weight");
      int n = (int) conv.shape().count();
      float[] counting = new float[n];
      for (int i = 0; i < n; i++) {
        counting[i] = i;
      }
      conv.value().copyFrom(counting);
      Weights.save(network, path);
      WeightFile.Array array = WeightFile.open(path).read("0.conv.weight");
      assertArrayEquals(new int[] {2, 3, 3, 3}, array.shape());
      for (int o = 0, i = 0; o < 2; o++) {
        for (int c = 0; c < 3; c++) {
          for (int y = 0; y < 3; y++) {
            for (int x = 0; x < 3; x++, i++) {
              assertEquals(((o * 3 + y) * 3 + x) * 3 + c, array.values()[i]);
            }
          }
        }
      }
      assertArrayEquals(new int[] {2, 5, 2, 2}, WeightFile.open(path).shape("1.weight"));
      assertArrayEquals(new int[] {5}, WeightFile.open(path).shape("1.bias"));
      assertEquals(
          List.of(
              "0.conv.weight",
              "0.norm.weight",
              "0.norm.bias",
              "0.norm.running_mean",
              "0.norm.running_var",
              "1.weight",
              "1.bias"),
          WeightFile.open(path).names());
    }
  }

  @ParameterizedTest
  @MethodSource("devices")
  void arraysOfEveryRankKeepTheirElements(Device device) {
    try (Scope scope = Scope.open()) {
      for (Shape shape :
          List.of(
              Shape.of(1), Shape.of(5), Shape.of(2, 3), Shape.of(2, 3, 4), Shape.of(2, 3, 4, 5))) {
        float[] values = new float[(int) shape.count()];
        for (int i = 0; i < values.length; i++) {
          values[i] = i;
        }
        WeightFile.Array array = Weights.toFile(Tensor.of(device, shape, values));
        assertEquals(shape, Weights.shapeInMemory(array.shape()));
        assertArrayEquals(values, Weights.fromFile(array));
      }
      assertEquals(Shape.of(1), Weights.shapeInMemory(new int[0]));
    }
  }

  @ParameterizedTest
  @MethodSource("devices")
  void anotherArchitectureIsListedAndChangesNothing(Device device) throws IOException {
    Path path = folder.resolve("other.safetensors");
    Map<String, WeightFile.Array> arrays = new LinkedHashMap<>();
    try (Layer network = network(2);
        Layer other = network(4)) {
      other.initialize(device, 2);
      Weights.save(other, path);
      WeightFile file = WeightFile.open(path);
      for (String name : file.names()) {
        if (!name.equals("1.bias")) {
          arrays.put(name, file.read(name));
        }
      }
      arrays.put("head.weight", new WeightFile.Array(new int[] {1}, new float[1]));
      WeightFile.write(path, arrays, Map.of());

      network.initialize(device, 1);
      Map<String, float[]> before = values(network);
      IOException e = assertThrows(IOException.class, () -> Weights.load(network, path));
      String message = e.getMessage();
      assertTrue(message.startsWith(path.toString()), message);
      assertTrue(message.contains("missing in the file: 1.bias"), message);
      assertTrue(message.contains("in the file but not in the network: head.weight"), message);
      assertTrue(
          message.contains("0.conv.weight (the network has [2, 3, 3, 3], the file [4, 3, 3, 3])"),
          message);
      assertTrue(message.contains("0.norm.bias (the network has [2], the file [4])"), message);
      assertSame(before, values(network));
    }
  }

  @ParameterizedTest
  @MethodSource("devices")
  void aReadThatFailsHalfWayChangesNothing(Device device) throws IOException {
    Path path = folder.resolve("net.safetensors");
    try (Layer network = network(2);
        Layer other = network(2)) {
      network.initialize(device, 1);
      other.initialize(device, 2);
      Weights.save(other, path);
      Map<String, float[]> before = values(network);
      WeightFile file = WeightFile.open(path);
      Weights.Source failsAtTheLast =
          name -> {
            if (name.equals("1.bias")) {
              throw new IOException("the disk is gone");
            }
            return file.read(name);
          };
      assertThrows(IOException.class, () -> Weights.replace(tensors(network), failsAtTheLast));
      assertSame(before, values(network));
      byte[] bytes = Files.readAllBytes(path);
      Files.write(path, java.util.Arrays.copyOf(bytes, bytes.length - 1));
      assertThrows(IOException.class, () -> Weights.load(network, path));
      assertSame(before, values(network));
    }
  }

  @ParameterizedTest
  @MethodSource("devices")
  void pyTorchsCountOfBatchesIsPassedOver(Device device) throws IOException {
    Path path = folder.resolve("net.safetensors");
    try (Layer network = network(2)) {
      network.initialize(device, 1);
      Weights.save(network, path);
      WeightFile file = WeightFile.open(path);
      Map<String, WeightFile.Array> arrays = new LinkedHashMap<>();
      for (String name : file.names()) {
        arrays.put(name, file.read(name));
      }
      arrays.put("0.norm.num_batches_tracked", new WeightFile.Array(new int[0], new float[] {9}));
      WeightFile.write(path, arrays, Map.of());
      Map<String, float[]> before = values(network);
      network.initialize(device, 5);
      Weights.load(network, path);
      assertSame(before, values(network));
    }
  }

  @ParameterizedTest
  @MethodSource("devices")
  void aNetworkWithoutWeightsSavesNothing(Device device) throws IOException {
    Path path = folder.resolve("net.safetensors");
    try (Layer network = network(2)) {
      IllegalStateException e =
          assertThrows(IllegalStateException.class, () -> Weights.save(network, path));
      assertTrue(e.getMessage().contains("initialize(device, seed)"), e.getMessage());
      network.initialize(device, 1);
      Weights.save(network, path);
      network.close();
      assertThrows(IllegalStateException.class, () -> Weights.save(network, path));
      assertThrows(IllegalStateException.class, () -> Weights.load(network, path));
    }
    assertThrows(IllegalArgumentException.class, () -> Weights.save(null, path));
    assertThrows(IllegalArgumentException.class, () -> Weights.load(null, path));
    try (var files = Files.list(folder)) {
      assertEquals(List.of(path), files.toList());
    }
  }

  private static Layer network(int features) {
    return new Sequential(
        new ConvNormRelu(3, features, 3, Norm.BATCH), new ConvTranspose2d(features, 5, 2, 2));
  }

  private static Map<String, float[]> values(Layer network) {
    Map<String, float[]> values = new LinkedHashMap<>();
    network.state().forEach((name, p) -> values.put(name, p.value().toFloats()));
    return values;
  }

  private static void assertSame(Map<String, float[]> expected, Map<String, float[]> actual) {
    assertEquals(expected.keySet(), actual.keySet());
    expected.forEach((name, values) -> assertArrayEquals(values, actual.get(name), name));
  }

  private static Map<String, Tensor> tensors(Layer network) {
    Map<String, Tensor> tensors = new LinkedHashMap<>();
    network.state().forEach((name, parameter) -> tensors.put(name, parameter.value()));
    return tensors;
  }
}
