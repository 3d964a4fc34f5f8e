package io.github.glia.unet.data;

import java.util.List;

/**
 * What was kept of the patients of a folder, and the files that were left out.
 *
 * @param description what was read, in one line
 */
public record Reading<T>(String description, List<T> patients, List<Problem> problems) {
  public Reading {
    patients = List.copyOf(patients);
    problems = List.copyOf(problems);
  }
}
