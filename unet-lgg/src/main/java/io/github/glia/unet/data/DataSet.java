package io.github.glia.unet.data;

import java.util.Collection;
import java.util.List;

/**
 * Patients, and the files that were left out.
 *
 * @param description what was read, in one line
 */
public record DataSet(String description, List<Patient> patients, List<Problem> problems) {
  public DataSet {
    patients = List.copyOf(patients);
    problems = List.copyOf(problems);
  }

  /** The slices of some patients, in the order of the data set. */
  public List<Slice> slicesOf(Collection<String> names) {
    return patients.stream()
        .filter(patient -> names.contains(patient.name()))
        .flatMap(patient -> patient.slices().stream())
        .toList();
  }
}
