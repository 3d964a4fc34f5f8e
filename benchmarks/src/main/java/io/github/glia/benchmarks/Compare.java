package io.github.glia.benchmarks;

import io.github.glia.unet.json.Json;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Tells what got slower between two files of results, of this program or of glia bench. */
final class Compare {
  /** Ratios nearer to 1 than this are noise, on a machine that is shared. */
  private static final double NOISE = 1.1;

  private Compare() {}

  /** The exit code: 0 where nothing got slower, 1 where something did, 2 for bad arguments. */
  static int files(String[] args) throws IOException {
    if (args.length != 3) {
      System.err.println("compare needs two files: compare OLD.json NEW.json");
      return 2;
    }
    Map<String, Double> old = times(Path.of(args[1]));
    Map<String, Double> now = times(Path.of(args[2]));
    System.out.print(table(old, now));
    return slower(old, now) ? 1 : 0;
  }

  static boolean slower(Map<String, Double> old, Map<String, Double> now) {
    return now.entrySet().stream()
        .anyMatch(e -> old.containsKey(e.getKey()) && e.getValue() > NOISE * old.get(e.getKey()));
  }

  /** The largest ratios first; what is in one file only is told of below. */
  static String table(Map<String, Double> old, Map<String, Double> now) {
    StringBuilder table = new StringBuilder();
    table.append(String.format("%-84s %10s %10s %7s%n", "milliseconds", "old", "new", "ratio"));
    now.entrySet().stream()
        .filter(e -> old.containsKey(e.getKey()))
        .sorted((a, b) -> Double.compare(ratio(old, b), ratio(old, a)))
        .forEach(e -> table.append(line(e.getKey(), old.get(e.getKey()), e.getValue())));
    old.keySet().stream()
        .filter(name -> !now.containsKey(name))
        .forEach(name -> table.append("only in the old file: " + name + "\n"));
    now.keySet().stream()
        .filter(name -> !old.containsKey(name))
        .forEach(name -> table.append("only in the new file: " + name + "\n"));
    return table.toString();
  }

  private static double ratio(Map<String, Double> old, Map.Entry<String, Double> now) {
    return now.getValue() / old.get(now.getKey());
  }

  private static String line(String name, double old, double now) {
    double ratio = now / old;
    String verdict = ratio > NOISE ? "  SLOWER" : ratio < 1 / NOISE ? "  faster" : "";
    return String.format(
        Locale.ROOT, "%-84s %10.3f %10.3f %7.2f%s%n", name, old, now, ratio, verdict);
  }

  /** Milliseconds by what was measured. */
  @SuppressWarnings("unchecked") // the parser's objects have strings for names
  static Map<String, Double> times(Path file) throws IOException {
    Map<String, Object> json = Json.parseObject(Files.readString(file));
    Map<String, Double> times = new LinkedHashMap<>();
    if (json.get("rows") instanceof List<?> rows) {
      for (Object row : rows) {
        Map<String, Object> result = (Map<String, Object>) row;
        times.put(
            result.get("benchmark") + " " + result.get("parameters"), (Double) result.get("ms"));
      }
    } else if (json.get("median_ms") instanceof Double median) {
      times.put(
          List.of("arch", "network", "mode", "batch", "size", "precision", "device").stream()
              .map(name -> String.valueOf(json.get(name)))
              .collect(java.util.stream.Collectors.joining(" ")),
          median);
    } else {
      throw new IllegalArgumentException(
          file + " has neither rows nor median_ms: it is not a result of Glia's benchmarks");
    }
    return times;
  }
}
