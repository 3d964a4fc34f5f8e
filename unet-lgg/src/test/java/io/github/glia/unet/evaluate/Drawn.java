package io.github.glia.unet.evaluate;

import io.github.glia.tensor.Philox;
import io.github.glia.unet.data.Patient;
import io.github.glia.unet.data.Slice;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.stream.IntStream;

/** Masks that are drawn with characters, and random ones. */
final class Drawn {
  private Drawn() {}

  /** A mask of one slice: what is not a dot is set. */
  static Mask mask(String... rows) {
    BitSet bits = new BitSet();
    for (int y = 0; y < rows.length; y++) {
      for (int x = 0; x < rows[y].length(); x++) {
        bits.set(y * rows[y].length() + x, rows[y].charAt(x) != '.');
      }
    }
    return new Mask(1, rows.length, rows[0].length(), bits);
  }

  /** A mask in which each voxel is set with that probability. */
  static Mask random(Philox random, int depth, int height, int width, double share) {
    BitSet bits = new BitSet();
    for (int i = 0; i < depth * height * width; i++) {
      bits.set(i, random.nextFloat() < share);
    }
    return new Mask(depth, height, width, bits);
  }

  /** A grey slice of three channels with that truth. */
  static Slice slice(String patient, int number, Mask truth) {
    int pixels = truth.height() * truth.width();
    byte[] image = new byte[pixels * 3];
    Arrays.fill(image, (byte) 100);
    byte[] mask = new byte[pixels];
    truth.bits().stream().forEach(i -> mask[i] = 1);
    Path source = Path.of(patient + "_" + number + ".tif");
    return new Slice(patient, number, source, truth.height(), truth.width(), 3, image, mask);
  }

  static Patient patient(String name, Mask... truths) {
    return new Patient(
        name,
        IntStream.range(0, truths.length).mapToObj(i -> slice(name, i + 1, truths[i])).toList());
  }

  /** Probabilities of 0.9 where the mask is, and 0.1 elsewhere. */
  static float[] probabilities(Mask prediction) {
    float[] probabilities = new float[prediction.height() * prediction.width()];
    Arrays.fill(probabilities, 0.1f);
    prediction.bits().stream().forEach(i -> probabilities[i] = 0.9f);
    return probabilities;
  }

  /** Answers with the masks in turn, whatever the slices are. */
  static Segmenter segmenter(Mask... predictions) {
    int[] next = {0};
    return slices -> slices.stream().map(slice -> probabilities(predictions[next[0]++])).toList();
  }

  static Evaluation evaluate(List<Patient> patients, Mask... predictions) {
    return Evaluation.of(patients, segmenter(predictions), 0.5);
  }
}
