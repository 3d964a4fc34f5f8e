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
import java.util.Optional;

/**
 * How fast slices become batches, without any training: they are read and decoded once, and
 * augmented anew for each batch.
 *
 * @param threads as many as there are processors
 * @param decoded slices read, decoded, normalized and resized; empty for made-up brains
 * @param prepared slices augmented and laid out
 */
public record LoadSpeed(
    String data,
    int slices,
    int size,
    int batch,
    Augmentation augmentation,
    int threads,
    Optional<Rates> decoded,
    Rates prepared) {
  private static final double WARM_UP_SECONDS = 1;

  /** Slices per second, by all threads and by one. */
  public record Rates(double byAll, double byOne) {}

  /**
   * @param folder null for made-up brains
   */
  public static LoadSpeed measure(
      Path folder, int size, int batch, Augmentation augmentation, double seconds)
      throws IOException {
    int threads = Runtime.getRuntime().availableProcessors();
    Optional<Rates> decoded = Optional.empty();
    DataSet data;
    if (folder == null) {
      data = Phantoms.make(new PhantomOptions(4, 20, size, 1));
    } else {
      double byAll = decode(folder, ReadOptions.ofSize(size).by(threads));
      decoded = Optional.of(new Rates(byAll, decode(folder, ReadOptions.ofSize(size).by(1))));
      data = DataFolder.read(folder, ReadOptions.ofSize(size));
    }
    List<Slice> slices =
        data.patients().stream().flatMap(patient -> patient.slices().stream()).toList();
    return new LoadSpeed(
        data.description(),
        slices.size(),
        size,
        batch,
        augmentation,
        threads,
        decoded,
        new Rates(
            prepare(slices, batch, augmentation, threads, seconds),
            prepare(slices, batch, augmentation, 1, seconds)));
  }

  /** Slices per second of a folder, of which nothing is kept but their number. */
  private static double decode(Path folder, ReadOptions options) throws IOException {
    long start = System.nanoTime();
    var counts = DataFolder.read(folder, options, patient -> patient.slices().size());
    int slices = counts.patients().stream().mapToInt(count -> count).sum();
    return slices / ((System.nanoTime() - start) * 1e-9);
  }

  private static double prepare(
      List<Slice> slices, int batch, Augmentation augmentation, int threads, double seconds) {
    try (Batches batches =
        new Batches(slices, Sampling.NATURAL, augmentation, batch, 0, 1, threads)) {
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

  /** So many steps of training find their batch ready, while nothing else needs the cores. */
  private double stepsPerSecond() {
    return prepared.byAll / batch;
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
    json.put("threads", threads);
    decoded.ifPresent(
        rates -> {
          json.put("decoded_per_second", rates.byAll);
          json.put("decoded_per_second_per_core", rates.byOne);
        });
    json.put("prepared_per_second", prepared.byAll);
    json.put("prepared_per_second_per_core", prepared.byOne);
    json.put("steps_fed_per_second", stepsPerSecond());
    return json;
  }

  /** A table. */
  @Override
  public String toString() {
    String text =
        String.format(
            Locale.ROOT,
            "batches of %d, %d×%d, from %s, augment %s%n%n",
            batch,
            size,
            size,
            data,
            augmentation);
    if (decoded.isPresent()) {
      text += line("read and decoded, once", decoded.get());
    }
    return text
        + line("augmented, each epoch", prepared)
        + String.format(
            Locale.ROOT, "%nfeeds %.1f steps of batch %d per second%n", stepsPerSecond(), batch);
  }

  private String line(String what, Rates rates) {
    return String.format(
        Locale.ROOT,
        "%-24s%8.0f slices per second by %d threads, %.0f by one%n",
        what,
        rates.byAll,
        threads,
        rates.byOne);
  }
}
