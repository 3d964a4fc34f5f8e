package io.github.glia.unet.data;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Collects what is wrong with files, or stops at the first. */
final class ProblemList {
  private final boolean strict;
  private final List<Problem> problems = new ArrayList<>();

  ProblemList(boolean strict) {
    this.strict = strict;
  }

  void add(Path file, String reason) throws IOException {
    Problem problem = new Problem(file, reason);
    if (strict) {
      throw new IOException(problem.toString());
    }
    problems.add(problem);
  }

  void addAll(List<Problem> found) throws IOException {
    for (Problem problem : found) {
      add(problem.file(), problem.reason());
    }
  }

  List<Problem> list() {
    return problems;
  }
}
