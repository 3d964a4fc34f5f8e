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

  /** Takes the message of a failure to read that file, which begins with the file's name or not. */
  void add(Path file, IOException failure) throws IOException {
    String message = String.valueOf(failure.getMessage());
    String prefix = file + ": ";
    add(file, message.startsWith(prefix) ? message.substring(prefix.length()) : message);
  }

  List<Problem> list() {
    return problems;
  }
}
