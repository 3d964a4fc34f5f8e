package io.github.glia.benchmarks;

import io.github.glia.unet.speed.Limits;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.openjdk.jmh.infra.BenchmarkParams;
import org.openjdk.jmh.results.Result;
import org.openjdk.jmh.results.RunResult;

/**
 * A benchmark's result, and how near it is to what the machine can do.
 *
 * @param error half of the interval that has the mean in it with 99.9 %; NaN of one iteration
 * @param heap bytes that a call allocates on the Java heap
 */
record Row(
    String benchmark,
    Map<String, String> parameters,
    double milliseconds,
    double error,
    double gigaflop,
    double gigabyte,
    double percent,
    long heap,
    String implementation) {
  private static final String LINE = "%-52s %-5s %-5s %5s %10s %8s %8s %7s %6s %6s  %s%n";

  static Row of(RunResult result, Map<String, Limits> limits) {
    BenchmarkParams params = result.getParams();
    Map<String, String> parameters = new LinkedHashMap<>();
    params.getParamsKeys().forEach(key -> parameters.put(key, params.getParam(key)));
    String where = parameters.get("device") + " " + parameters.get("type");
    Result<?> time = result.getPrimaryResult();
    Map<String, ? extends Result<?>> facts = facts(result);
    double gigaflop = facts.get(WorkProfiler.GIGAFLOP).getScore();
    double gigabyte = facts.get(WorkProfiler.GIGABYTE).getScore();
    return new Row(
        name(params.getBenchmark()),
        parameters,
        time.getScore(),
        time.getScoreError(),
        gigaflop,
        gigabyte,
        limits.get(where).percent(gigaflop * 1e9, gigabyte * 1e9, time.getScore()),
        (long) facts.get(WorkProfiler.HEAP).getScore(),
        facts.get(WorkProfiler.IMPLEMENTATION).extendedInfo().strip());
  }

  @SuppressWarnings("rawtypes") // as JMH has it
  private static Map<String, ? extends Result<?>> facts(RunResult result) {
    Map<String, Result<?>> facts = new LinkedHashMap<>();
    for (Map.Entry<String, Result> entry : result.getSecondaryResults().entrySet()) {
      facts.put(entry.getKey(), entry.getValue());
    }
    return facts;
  }

  /** "….ConvBenchmark.run" is "Conv". */
  private static String name(String benchmark) {
    String type = benchmark.substring(0, benchmark.lastIndexOf('.'));
    return type.substring(type.lastIndexOf('.') + 1).replace("Benchmark", "");
  }

  Map<String, Object> toJson() {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("benchmark", benchmark);
    json.put("parameters", parameters);
    json.put("ms", milliseconds);
    json.put("error_ms", error);
    json.put("gflops", gigaflop / milliseconds * 1e3);
    json.put("gbytes_per_s", gigabyte / milliseconds * 1e3);
    json.put("percent_of_limit", percent);
    json.put("heap_bytes", heap);
    json.put("implementation", implementation);
    return json;
  }

  static String table(List<Row> rows, Map<String, Limits> limits) {
    StringBuilder table = new StringBuilder();
    limits.forEach(
        (where, limit) ->
            table.append(
                String.format(
                    Locale.ROOT,
                    "limits of %s, measured: %.0f GFLOP/s, %.1f GB/s%n",
                    where,
                    limit.gigaflops(),
                    limit.gigabytes())));
    table.append(
        String.format(
            LINE,
            "benchmark",
            "where",
            "type",
            "batch",
            "ms",
            "±",
            "GFLOP/s",
            "GB/s",
            "limit",
            "heap",
            "implementation"));
    rows.forEach(row -> table.append(row.line()));
    return table.toString();
  }

  private String line() {
    StringBuilder what = new StringBuilder(benchmark);
    parameters.forEach(
        (name, value) -> {
          if (!List.of("device", "type", "batch").contains(name)) {
            what.append(' ').append(value);
          }
        });
    return String.format(
        LINE,
        what,
        parameters.get("device"),
        parameters.get("type"),
        parameters.get("batch"),
        number("%.3f", milliseconds),
        number("%.3f", error),
        gigaflop == 0 ? "" : number("%.1f", gigaflop / milliseconds * 1e3),
        gigabyte == 0 ? "" : number("%.1f", gigabyte / milliseconds * 1e3),
        number("%.0f%%", percent),
        heap,
        implementation);
  }

  private static String number(String format, double value) {
    return Double.isNaN(value) ? "" : String.format(Locale.ROOT, format, value);
  }
}
