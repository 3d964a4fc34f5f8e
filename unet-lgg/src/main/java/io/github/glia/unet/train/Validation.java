package io.github.glia.unet.train;

import io.github.glia.nn.Cast;
import io.github.glia.nn.InferenceStep;
import io.github.glia.nn.Layer;
import io.github.glia.nn.Objective;
import io.github.glia.nn.Tape;
import io.github.glia.tensor.DType;
import io.github.glia.tensor.Device;
import io.github.glia.tensor.Scope;
import io.github.glia.tensor.Shape;
import io.github.glia.tensor.Tensor;
import io.github.glia.unet.data.Ahead;
import io.github.glia.unet.data.Patient;
import io.github.glia.unet.data.Slice;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/**
 * Loss and Dice of a network on volumes, whole slices without augmentation: what chooses the best
 * epoch. Slices and masks have the size of training here; the figures of a report are of the masks
 * as they were drawn.
 */
final class Validation {
  /** The intensities that bytes stand for. */
  private static final float[] SHADES = new float[256];

  static {
    for (int value = 0; value < SHADES.length; value++) {
      SHADES[value] = value / 255f;
    }
  }

  private final List<Patient> patients;
  private final Objective objective;
  private final DType type;
  private final Device device;
  private final int batchSize;
  private final int threads;

  /** The mean loss over slices, and the mean Dice over volumes. */
  record Result(double loss, double dice) {
    static final Result NONE = new Result(Double.NaN, Double.NaN);
  }

  /**
   * @param threads that make batches, while the device computes
   */
  Validation(
      List<Patient> patients,
      Objective objective,
      DType type,
      Device device,
      int batchSize,
      int threads) {
    this.patients = patients;
    this.objective = objective;
    this.type = type;
    this.device = device;
    this.batchSize = batchSize;
    this.threads = threads;
  }

  /** Whether there are patients at all. */
  boolean isOfSomebody() {
    return !patients.isEmpty();
  }

  /** The figures of the network as it is; nothing if it was told to stop. */
  Optional<Result> of(Layer network, BooleanSupplier stop) {
    if (patients.isEmpty()) {
      return Optional.of(Result.NONE);
    }
    // For this time alone: until the next, the network changes, and training needs the memory.
    try (InferenceStep step =
        new InferenceStep(
            network,
            (tape, images) -> network.forward(tape, Cast.forward(tape, images.get(0), type)))) {
      return of(step, stop);
    }
  }

  private Optional<Result> of(InferenceStep step, BooleanSupplier stop) {
    double loss = 0;
    long slices = 0;
    VolumeDice[] volumes = new VolumeDice[patients.size()];
    Arrays.setAll(volumes, patient -> new VolumeDice());
    Queue<float[]> returned = new ConcurrentLinkedQueue<>();
    Scored former = null;
    try (Ahead<Batch> batches = new Ahead<>(batches(returned), threads, threads + 1)) {
      while (batches.hasNext()) {
        if (stop.getAsBoolean()) {
          return Optional.empty();
        }
        Batch batch = batches.next();
        try (Scope scope = Scope.open()) {
          Tensor x = Tensor.of(device, batch.shape, batch.images);
          Tensor truth = Tensor.empty(device, DType.U8, batch.shape.with(-1, 1));
          truth.copyFromBytes(batch.masks);
          Tensor logits = step.predict(x);
          Tensor mean = objective.forward(Tape.inference(), logits, truth);
          returned.add(batch.images);
          score(former, volumes); // while the device computes
          former = new Scored(batch, logits.toFloats());
          loss += batch.count() * (double) mean.item();
          slices += batch.count();
        }
      }
    }
    score(former, volumes);
    double dice = 0;
    for (VolumeDice volume : volumes) {
      dice += volume.value();
    }
    return Optional.of(new Result(loss / slices, dice / patients.size()));
  }

  /** Slices of one patient, side by side. */
  @SuppressWarnings("ArrayRecordComponent") // pixels on their way, never compared
  private record Batch(int patient, Shape shape, float[] images, byte[] masks) {
    long count() {
      return shape.size(0);
    }
  }

  /** What was predicted for a batch. */
  @SuppressWarnings("ArrayRecordComponent") // pixels on their way, never compared
  private record Scored(Batch batch, float[] logits) {}

  private static void score(Scored scored, VolumeDice[] volumes) {
    if (scored != null) {
      volumes[scored.batch.patient].add(scored.logits, scored.batch.masks);
    }
  }

  private List<Supplier<Batch>> batches(Queue<float[]> returned) {
    List<Supplier<Batch>> batches = new ArrayList<>();
    for (int i = 0; i < patients.size(); i++) {
      int patient = i;
      List<Slice> all = patients.get(i).slices();
      for (int from = 0; from < all.size(); from += batchSize) {
        List<Slice> some = all.subList(from, Math.min(all.size(), from + batchSize));
        batches.add(() -> batch(patient, some, returned));
      }
    }
    return batches;
  }

  private static Batch batch(int patient, List<Slice> slices, Queue<float[]> returned) {
    Slice first = slices.get(0);
    Shape shape = Shape.of(slices.size(), first.height(), first.width(), first.channels());
    int pixels = first.height() * first.width();
    int values = pixels * first.channels();
    float[] used = returned.poll();
    float[] images =
        used != null && used.length == shape.count() ? used : new float[slices.size() * values];
    byte[] masks = new byte[slices.size() * pixels];
    for (int i = 0; i < slices.size(); i++) {
      byte[] image = slices.get(i).image();
      for (int j = 0; j < values; j++) {
        images[i * values + j] = SHADES[image[j] & 0xff];
      }
      System.arraycopy(slices.get(i).mask(), 0, masks, i * pixels, pixels);
    }
    return new Batch(patient, shape, images, masks);
  }
}
