package io.github.glia.kernels.cuda.loading;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Another Java process: libraries are loaded once in each. */
final class Jvm {
  private Jvm() {}

  static Process start(Map<String, String> environment, List<String> arguments) throws IOException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of("-XX:TieredStopAtLevel=1", "-XX:+DisplayVMOutputToStderr"));
    if (Runtime.version().feature() >= 22) {
      command.add("--enable-native-access=ALL-UNNAMED");
    }
    command.addAll(arguments);
    ProcessBuilder java = new ProcessBuilder(command);
    java.environment().putAll(environment);
    return java.redirectError(ProcessBuilder.Redirect.INHERIT).start();
  }

  /** What it printed, without warnings, which go where ours go. */
  static String said(Process process) throws IOException, InterruptedException {
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    process.waitFor();
    return said;
  }
}
