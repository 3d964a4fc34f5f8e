package io.github.glia.unet.data;

import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
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
    Map<String, String> partOf = new HashMap<>();
    assign(train, "train", partOf);
    assign(validation, "validation", partOf);
    assign(test, "test", partOf);
  }

  private static void assign(List<String> patients, String part, Map<String, String> partOf) {
    for (String patient : patients) {
      String other = partOf.put(patient, part);
      if (other != null) {
        throw new IllegalArgumentException(
            "patient "
                + patient
                + (other.equals(part)
                    ? " is twice in " + part
                    : " is in " + other + " and in " + part)
                + "; each belongs to one part, once");
      }
    }
  }

  /** Everybody in it. */
  public Set<String> patients() {
    Set<String> all = new LinkedHashSet<>(train);
    all.addAll(validation);
    all.addAll(test);
    return all;
  }
}
