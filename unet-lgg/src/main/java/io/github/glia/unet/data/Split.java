package io.github.glia.unet.data;

import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Which patients train, which choose the model, and which only test it. No patient is in two parts:
 * slices of one volume look alike, and a network that has seen some knows the others.
 */
public record Split(List<String> train, List<String> validation, List<String> test) {
  public Split {
    train = List.copyOf(train);
    validation = List.copyOf(validation);
    test = List.copyOf(test);
    Set<String> seen = new HashSet<>();
    for (List<String> part : List.of(train, validation, test)) {
      for (String patient : part) {
        if (!seen.add(patient)) {
          throw new IllegalArgumentException(
              "patient " + patient + " is in two parts of the split; each belongs to one");
        }
      }
    }
  }
}
