package io.github.glia.unet.train;

import io.github.glia.tensor.Philox;
import io.github.glia.unet.data.DataSet;
import io.github.glia.unet.data.Patient;
import io.github.glia.unet.data.Slice;
import io.github.glia.unet.data.Split;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Bright discs on noise, 32×32, three channels: patients whose tumours are easily found. */
final class Discs {
  static final int SIZE = 32;
  private static final int CHANNELS = 3;

  private Discs() {}

  static DataSet data(int patients, int slices) {
    List<Patient> all = new ArrayList<>();
    for (int p = 0; p < patients; p++) {
      List<Slice> volume = new ArrayList<>();
      for (int s = 0; s < slices; s++) {
        volume.add(slice("p" + p, s, new Philox(7, p * 1000L + s)));
      }
      all.add(new Patient("p" + p, volume));
    }
    return new DataSet("discs", all, List.of());
  }

  /** The last patients validate. */
  static Split split(DataSet data, int validating) {
    List<String> names = data.patients().stream().map(Patient::name).toList();
    int train = names.size() - validating;
    return new Split(names.subList(0, train), names.subList(train, names.size()), List.of());
  }

  /** A small network, trained a little. */
  static TrainOptions options() {
    return TrainOptions.fromJson(
        Map.ofEntries(
            Map.entry("device", "cpu"),
            Map.entry("size", SIZE),
            Map.entry("features", 8),
            Map.entry("depth", 2),
            Map.entry("batch-size", 4),
            Map.entry("epochs", 3),
            Map.entry("learning-rate", 3e-3),
            Map.entry("augment", "standard"),
            Map.entry("sample", "natural"),
            Map.entry("norm", "batch"),
            Map.entry("ema", 0),
            Map.entry("threads", 1),
            Map.entry("deterministic", true)));
  }

  private static Slice slice(String patient, int number, Philox random) {
    byte[] image = new byte[SIZE * SIZE * CHANNELS];
    byte[] mask = new byte[SIZE * SIZE];
    int x = 8 + random.nextInt(16);
    int y = 8 + random.nextInt(16);
    int radius = number % 3 == 0 ? 0 : 3 + random.nextInt(4);
    for (int i = 0; i < mask.length; i++) {
      int dx = i % SIZE - x;
      int dy = i / SIZE - y;
      mask[i] = (byte) (dx * dx + dy * dy < radius * radius ? 1 : 0);
      for (int c = 0; c < CHANNELS; c++) {
        image[i * CHANNELS + c] = (byte) (random.nextInt(100) + mask[i] * 80);
      }
    }
    Path source = Path.of(patient + "_" + number + ".tif");
    return new Slice(patient, number, source, SIZE, SIZE, CHANNELS, image, mask);
  }
}
