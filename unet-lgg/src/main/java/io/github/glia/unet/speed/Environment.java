package io.github.glia.unet.speed;

import io.github.glia.tensor.Device;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;

/** Where and when something was measured. */
public final class Environment {
  private static final Path PROCESSOR = Path.of("/proc/cpuinfo");

  private Environment() {}

  public static Map<String, Object> describe(Device device) {
    Map<String, Object> facts = new LinkedHashMap<>();
    String version = Environment.class.getPackage().getImplementationVersion();
    facts.put("date", Instant.now().truncatedTo(ChronoUnit.SECONDS).toString());
    facts.put("glia", version == null ? "not from a jar" : version);
    facts.put("device", device.name());
    facts.put("device_description", device.description());
    facts.put("processor", processor());
    facts.put("system", System.getProperty("os.name") + " " + System.getProperty("os.version"));
    facts.put("java", System.getProperty("java.vm.name") + " " + Runtime.version());
    for (String waiting : List.of("OMP_WAIT_POLICY", "GOMP_SPINCOUNT")) {
      facts.put(waiting.toLowerCase(Locale.ROOT), System.getenv().getOrDefault(waiting, "default"));
    }
    return facts;
  }

  /** Linux tells the model; elsewhere the architecture has to do. */
  private static String processor() {
    if (!Files.isReadable(PROCESSOR)) {
      return System.getProperty("os.arch");
    }
    try (Stream<String> lines = Files.lines(PROCESSOR)) {
      return lines
          .filter(line -> line.startsWith("model name"))
          .map(line -> line.substring(line.indexOf(':') + 1).strip())
          .findFirst()
          .orElse(System.getProperty("os.arch"));
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(PROCESSOR + " cannot be read", e);
    }
  }
}
