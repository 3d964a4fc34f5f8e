package io.github.glia.unet.predict;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.github.glia.nn.Norm;
import io.github.glia.tensor.DType;
import io.github.glia.tensor.Device;
import io.github.glia.tensor.Philox;
import io.github.glia.unet.UNet;
import io.github.glia.unet.data.Slice;
import io.github.glia.unet.evaluate.Segmenter;
import io.github.glia.unet.predict.NetworkSegmenter.Coverage;
import io.github.glia.unet.train.ModelInfo;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

final class NetworkSegmenterTest {
  private static final UNet.Config CONFIG =
      new UNet.Config(3, 1, 4, 2, Norm.GROUP, UNet.Up.TRANSPOSED);
  private static final int SIZE = 32;
  private static final int PATCH = 16;
  private static final float SAME = 1e-5f;

  static List<Device> devices() {
    return Device.all();
  }

  @AfterEach
  void nothingIsLeftInMemory() {
    for (Device device : Device.all()) {
      assertEquals(0, device.memory().liveBytes(), () -> device.memory().report());
    }
  }

  @ParameterizedTest
  @MethodSource("devices")
  void whatTrainedOnWholeSlicesSeesThemWhole(Device device) {
    Slice slice = slice(48, 40, 3);
    float[] usual = predict(device, 0, Coverage.AS_TRAINED, slice);
    assertEquals(48 * 40, usual.length);
    assertArrayEquals(predict(device, 0, Coverage.WHOLE, slice), usual);
    assertDiffer(predict(device, 0, Coverage.WINDOWS, slice), usual);
  }

  @ParameterizedTest
  @MethodSource("devices")
  void bytesPredictNearlyTheSame(Device device) {
    assumeTrue(device.computes(DType.I8), device + " does not multiply bytes");
    List<Slice> slices = List.of(slice(48, 40, 3), slice(40, 48, 3), slice(33, 35, 3));
    for (Coverage coverage : Coverage.values()) {
      try (NetworkSegmenter floats = segmenter(device, PATCH, coverage);
          NetworkSegmenter bytes = segmenter(device, DType.I8, PATCH, coverage, true);
          NetworkSegmenter mirrored = segmenter(device, PATCH, coverage, true)) {
        List<float[]> expected = mirrored.probabilities(slices);
        List<float[]> actual = bytes.probabilities(slices);
        for (int i = 0; i < slices.size(); i++) {
          assertArrayEquals(expected.get(i), actual.get(i), 0.05f);
          assertDiffer(expected.get(i), actual.get(i));
          assertDiffer(floats.probabilities(slices).get(i), actual.get(i));
        }
        assertArrayEquals(actual.get(1), bytes.probabilities(slices.subList(1, 2)).get(0));
      }
    }
  }

  @ParameterizedTest
  @MethodSource("devices")
  void bytesAreRefusedWhereTheyAreNotMultiplied(Device device) {
    assumeTrue(!device.computes(DType.I8), device + " multiplies bytes");
    UNet network = network(device);
    NetworkSegmenter.Options options =
        new NetworkSegmenter.Options(DType.I8, 2, false, Coverage.WHOLE);
    IllegalArgumentException e =
        assertThrows(
            IllegalArgumentException.class,
            () -> new NetworkSegmenter(network, info(0), device, options));
    assertTrue(e.getMessage().contains("does not compute in I8; use F32"), e.getMessage());
    network.close();
  }

  @ParameterizedTest
  @MethodSource("devices")
  void whatTrainedOnPiecesSeesPieces(Device device) {
    Slice asTrained = slice(SIZE, SIZE, 3);
    float[] usual = predict(device, PATCH, Coverage.AS_TRAINED, asTrained);
    assertArrayEquals(predict(device, PATCH, Coverage.WINDOWS, asTrained), usual, SAME);
    assertDiffer(predict(device, PATCH, Coverage.WHOLE, asTrained), usual);
    Slice larger = slice(2 * SIZE, 3 * SIZE, 3);
    float[] resized = predict(device, PATCH, Coverage.AS_TRAINED, larger);
    assertEquals(6 * SIZE * SIZE, resized.length);
    Segmenter pieces = slices -> List.of(predict(device, PATCH, Coverage.WINDOWS, slices.get(0)));
    assertArrayEquals(
        new AtTrainedSize(pieces, SIZE).probabilities(List.of(larger)).get(0), resized, SAME);
    assertDiffer(predict(device, PATCH, Coverage.WINDOWS, larger), resized);
  }

  @ParameterizedTest
  @MethodSource("devices")
  void aSliceAloneIsPredictedLikeAmongOthers(Device device) {
    List<Slice> slices = List.of(slice(20, 20, 3), slice(32, 32, 3), slice(50, 40, 3));
    try (NetworkSegmenter segmenter = segmenter(device, PATCH, Coverage.AS_TRAINED)) {
      List<float[]> together = segmenter.probabilities(slices);
      for (int i = 0; i < slices.size(); i++) {
        float[] alone = segmenter.probabilities(List.of(slices.get(i))).get(0);
        assertArrayEquals(alone, together.get(i), SAME);
      }
    }
  }

  @ParameterizedTest
  @MethodSource("devices")
  void theMirrorImageCountsAsMuch(Device device) {
    Slice slice = slice(SIZE, SIZE, 3);
    Slice mirrored = mirrored(slice);
    float[] plain = predict(device, 0, Coverage.AS_TRAINED, slice);
    float[] ofMirrored = predict(device, 0, Coverage.AS_TRAINED, mirrored);
    try (NetworkSegmenter both = segmenter(device, 0, Coverage.AS_TRAINED, true)) {
      float[] average = both.probabilities(List.of(slice)).get(0);
      for (int i = 0; i < average.length; i++) {
        int opposite = i / SIZE * SIZE + SIZE - 1 - i % SIZE;
        assertEquals((plain[i] + ofMirrored[opposite]) / 2, average[i], SAME);
      }
      assertDiffer(plain, average);
    }
  }

  private static Slice mirrored(Slice slice) {
    int row = slice.width() * slice.channels();
    byte[] image = slice.image().clone();
    for (int i = 0; i < image.length; i += slice.channels()) {
      int opposite = i / row * row + row - slice.channels() - i % row;
      System.arraycopy(slice.image(), opposite, image, i, slice.channels());
    }
    return new Slice(
        slice.patient(),
        slice.number(),
        slice.source(),
        slice.height(),
        slice.width(),
        slice.channels(),
        image,
        null);
  }

  @ParameterizedTest
  @MethodSource("devices")
  void otherChannelsAreRefusedWithWhatToDo(Device device) {
    try (NetworkSegmenter segmenter = segmenter(device, 0, Coverage.AS_TRAINED)) {
      List<Slice> four = List.of(slice(8, 8, 4));
      String message =
          assertThrows(IllegalArgumentException.class, () -> segmenter.probabilities(four))
              .getMessage();
      assertTrue(message.startsWith("slice.tif has 4 channels, but the network takes 3"), message);
      assertTrue(message.contains("--modalities"), message);
    }
  }

  @ParameterizedTest
  @MethodSource("devices")
  void whatIsNoProbabilityIsRefusedWithWhatToDo(Device device) {
    for (Coverage coverage : Coverage.values()) {
      String message = refusalOfNaN(device, DType.F32, coverage, "slice.tif");
      assertTrue(message.startsWith("slice.tif: the network says NaN, which is no"), message);
      assertTrue(message.endsWith("take another model"), message);
    }
    if (device.computes(DType.BF16)) {
      String message = refusalOfNaN(device, DType.BF16, Coverage.AS_TRAINED, "case_t1.nii.gz");
      assertTrue(message.startsWith("case_t1.nii.gz, slice 1: the network says NaN"), message);
      assertTrue(message.contains("it computed in BF16: use --precision f32"), message);
    }
  }

  private static String refusalOfNaN(Device device, DType type, Coverage coverage, String source) {
    UNet network = network(device);
    network
        .state()
        .values()
        .forEach(
            parameter -> {
              float[] values = parameter.value().toFloats();
              values[0] = Float.NaN;
              parameter.value().copyFrom(values);
            });
    Slice slice = slice(48, 40, 3);
    Slice named =
        new Slice("P", 1, Path.of(source), slice.height(), slice.width(), 3, slice.image(), null);
    NetworkSegmenter.Options options = new NetworkSegmenter.Options(type, 2, false, coverage);
    try (NetworkSegmenter segmenter = new NetworkSegmenter(network, info(0), device, options)) {
      return assertThrows(
              IllegalStateException.class, () -> segmenter.probabilities(List.of(named)))
          .getMessage();
    }
  }

  private static float[] predict(Device device, int patch, Coverage coverage, Slice slice) {
    try (NetworkSegmenter segmenter = segmenter(device, patch, coverage)) {
      return segmenter.probabilities(List.of(slice)).get(0);
    }
  }

  private static NetworkSegmenter segmenter(Device device, int patch, Coverage coverage) {
    return segmenter(device, patch, coverage, false);
  }

  private static NetworkSegmenter segmenter(
      Device device, int patch, Coverage coverage, boolean mirror) {
    return segmenter(device, DType.F32, patch, coverage, mirror);
  }

  private static NetworkSegmenter segmenter(
      Device device, DType type, int patch, Coverage coverage, boolean mirror) {
    return new NetworkSegmenter(
        network(device),
        info(patch),
        device,
        new NetworkSegmenter.Options(type, 2, mirror, coverage));
  }

  private static UNet network(Device device) {
    UNet network = new UNet(CONFIG);
    network.initialize(device, 5);
    return network;
  }

  private static ModelInfo info(int patch) {
    return new ModelInfo(CONFIG, SIZE, patch, "plain", "all", 0.5, 1, 0);
  }

  private static Slice slice(int height, int width, int channels) {
    byte[] image = new byte[height * width * channels];
    Philox random = new Philox(9, image.length);
    for (int i = 0; i < image.length; i++) {
      image[i] = (byte) random.nextInt(256);
    }
    return new Slice("P", 1, Path.of("slice.tif"), height, width, channels, image, null);
  }

  private static void assertDiffer(float[] a, float[] b) {
    assertEquals(a.length, b.length);
    boolean differ = false;
    for (int i = 0; i < a.length; i++) {
      differ |= Math.abs(a[i] - b[i]) > 1e-3;
    }
    assertTrue(differ, "the same probabilities, though the network saw other images");
    assertFalse(Float.isNaN(a[0]));
  }
}
