package io.github.glia.unet.speed;

import io.github.glia.tensor.Device;
import io.github.glia.unet.data.Augmentation;
import io.github.glia.unet.data.Batches;
import io.github.glia.unet.data.DataFolder;
import io.github.glia.unet.data.DataSet;
import io.github.glia.unet.data.ReadOptions;
import io.github.glia.unet.data.Sampling;
import io.github.glia.unet.data.Slice;
import io.github.glia.unet.phantom.PhantomOptions;
import io.github.glia.unet.phantom.Phantoms;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalDouble;

/**
 * How fast slices become batches, without any training: they are read and decoded once, and
 * augmented anew for each batch.
 *
 * @param decodedPerSecond slices read, decoded, normalized and resized; empty for made-up brains
 * @param preparedPerSecond slices augmented and laid out by one thread, so for each core
 */
public record LoadSpeed(
    String data,
    int slices,
    int size,
    int batch,
    Augmentation augmentation,
    OptionalDouble decodedPerSecond,
    double preparedPerSecond) {
  private static final double WARM_UP_SECONDS = 1;

  /**
   * @param folder null for made-up brains
   */
  public static LoadSpeed measure(
      Path folder, int size, int batch, Augmentation augmentation, double seconds)
      throws IOException {
    long start = System.nanoTime();
    DataSet data =
        folder == null
            ? Phantoms.make(new PhantomOptions(4, 20, size, 1))
            : DataFolder.read(folder, ReadOptions.ofSize(size));
    double reading = (System.nanoTime() - start) * 1e-9;
    List<Slice> slices =
        data.patients().stream().flatMap(patient -> patient.slices().stream()).toList();
    return new LoadSpeed(
        data.description(),
        slices.size(),
        size,
        batch,
        augmentation,
        folder == null ? OptionalDouble.empty() : OptionalDouble.of(slices.size() / reading),
        prepare(slices, batch, augmentation, seconds));
  }

  private static double prepare(
      List<Slice> slices, int batch, Augmentation augmentation, double seconds) {
    try (Batches batches = new Batches(slices, Sampling.NATURAL, augmentation, batch, 0, 1, 1)) {
      take(batches, WARM_UP_SECONDS);
      return take(batches, seconds);
    }
  }

  /** Slices per second of a caller that does nothing but take. */
  private static double take(Batches batches, double seconds) {
    long start = System.nanoTime();
    long taken = 0;
    double passed = 0;
    while (passed < seconds) {
      Batches.Batch made = batches.next();
      taken += made.count();
      batches.release(made);
      passed = (System.nanoTime() - start) * 1e-9;
    }
    return taken / passed;
  }

  /** For a file. */
  public Map<String, Object> toJson() {
    Map<String, Object> json = new LinkedHashMap<>(Environment.describe(Device.cpu()));
    json.put("mode", "load");
    json.put("data", data);
    json.put("slices", slices);
    json.put("size", size);
    json.put("batch", batch);
    json.put("augment", augmentation.toString());
    decodedPerSecond.ifPresent(rate -> json.put("decoded_per_second", rate));
    json.put("prepared_per_second_per_core", preparedPerSecond);
    return json;
  }

  /** A table. */
  @Override
  public String toString() {
    String line = "%-34s%10.0f slices per second%s%n";
    String text =
        String.format(
            Locale.ROOT,
            "batches of %d, %d×%d, from %s, augment %s%n%n",
            batch,
            size,
            size,
            data,
            augmentation);
    if (decodedPerSecond.isPresent()) {
      text +=
          String.format(
              Locale.ROOT, line, "read and decoded", decodedPerSecond.getAsDouble(), ", once");
    }
    return text
        + String.format(
            Locale.ROOT, line, "augmented, by one core", preparedPerSecond, ", each epoch");
  }
}
