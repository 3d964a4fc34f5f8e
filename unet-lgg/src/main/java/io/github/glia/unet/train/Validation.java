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
import io.github.glia.unet.data.Patient;
import io.github.glia.unet.data.Slice;
import java.util.List;
import java.util.Optional;
import java.util.function.BooleanSupplier;

/**
 * Loss and Dice of a network on volumes, whole slices without augmentation: what chooses the best
 * epoch. Slices and masks have the size of training here; the figures of a report are of the masks
 * as they were drawn.
 */
final class Validation {
  private final List<Patient> patients;
  private final Objective objective;
  private final DType type;
  private final Device device;
  private final int batchSize;

  /** The mean loss over slices, and the mean Dice over volumes. */
  record Result(double loss, double dice) {
    static final Result NONE = new Result(Double.NaN, Double.NaN);
  }

  Validation(
      List<Patient> patients, Objective objective, DType type, Device device, int batchSize) {
    this.patients = patients;
    this.objective = objective;
    this.type = type;
    this.device = device;
    this.batchSize = batchSize;
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
    double dice = 0;
    long slices = 0;
    for (Patient patient : patients) {
      VolumeDice volume = new VolumeDice();
      List<Slice> all = patient.slices();
      for (int from = 0; from < all.size(); from += batchSize) {
        if (stop.getAsBoolean()) {
          return Optional.empty();
        }
        List<Slice> batch = all.subList(from, Math.min(all.size(), from + batchSize));
        loss += batch.size() * predict(step, batch, volume);
      }
      dice += volume.value();
      slices += all.size();
    }
    return Optional.of(new Result(loss / slices, dice / patients.size()));
  }

  private double predict(InferenceStep step, List<Slice> batch, VolumeDice volume) {
    Slice first = batch.get(0);
    int pixels = first.height() * first.width();
    int values = pixels * first.channels();
    float[] images = new float[batch.size() * values];
    byte[] masks = new byte[batch.size() * pixels];
    for (int i = 0; i < batch.size(); i++) {
      Slice slice = batch.get(i);
      for (int j = 0; j < values; j++) {
        images[i * values + j] = (slice.image()[j] & 0xff) / 255f;
      }
      System.arraycopy(slice.mask(), 0, masks, i * pixels, pixels);
    }
    try (Scope scope = Scope.open()) {
      Shape shape = Shape.of(batch.size(), first.height(), first.width(), first.channels());
      Tensor x = Tensor.of(device, shape, images);
      Tensor truth = Tensor.empty(device, DType.U8, shape.with(-1, 1));
      truth.copyFromBytes(masks);
      Tensor logits = step.predict(x);
      float[] predicted = logits.toFloats();
      for (int i = 0; i < predicted.length; i++) {
        volume.add(predicted[i], masks[i]);
      }
      return objective.forward(Tape.inference(), logits, truth).item();
    }
  }
}
