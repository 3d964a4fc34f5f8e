package io.github.glia.benchmarks;

import io.github.glia.tensor.DType;
import io.github.glia.tensor.Device;
import io.github.glia.unet.json.Json;
import io.github.glia.unet.speed.Environment;
import io.github.glia.unet.speed.Limits;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.CommandLineOptionException;
import org.openjdk.jmh.runner.options.CommandLineOptions;
import org.openjdk.jmh.runner.options.OptionsBuilder;

/**
 * JMH's own program, with the shapes of the networks as parameters, and a table at the end of how
 * near each benchmark came to the limits of the machine:
 *
 * <pre>
 *   java -jar benchmarks.jar [JMH's options] [--json FILE]
 *   java -jar benchmarks.jar compare OLD.json NEW.json
 * </pre>
 */
public final class Benchmarks {
  private static final String[] NETWORKS = {"lgg", "classic"};

  private Benchmarks() {}

  public static void main(String[] args)
      throws IOException, CommandLineOptionException, RunnerException {
    if (args.length > 0 && args[0].equals("compare")) {
      System.exit(Compare.files(args));
    }
    List<String> options = new ArrayList<>(Arrays.asList(args));
    Path json = takeJson(options);
    CommandLineOptions given = new CommandLineOptions(options.toArray(String[]::new));
    if (given.shouldHelp() || given.shouldListProfilers()) {
      org.openjdk.jmh.Main.main(options.toArray(String[]::new));
      return;
    }
    parameters()
        .forEach(
            (name, values) -> {
              if (!given.getParameter(name).hasValue()) {
                options.add("-p");
                options.add(name + "=" + String.join(",", values));
              }
            });
    CommandLineOptions all = new CommandLineOptions(options.toArray(String[]::new));
    Runner runner =
        new Runner(new OptionsBuilder().parent(all).addProfiler(WorkProfiler.class).build());
    if (all.shouldList()) {
      runner.list();
    } else if (all.shouldListWithParams()) {
      runner.listWithParams(all);
    } else {
      run(runner, json);
    }
  }

  private static void run(Runner runner, Path json) throws IOException, RunnerException {
    Map<String, Limits> before = limits();
    Collection<RunResult> results = runner.run();
    Map<String, Limits> limits = limits();
    limits.replaceAll((where, after) -> after.better(before.get(where)));
    List<Row> rows = results.stream().map(result -> Row.of(result, limits)).toList();
    System.out.println();
    System.out.print(Row.table(rows, limits));
    if (json != null) {
      Files.writeString(json, Json.write(toJson(rows, limits)));
    }
  }

  /** JMH does not know this option. */
  private static Path takeJson(List<String> options) {
    int at = options.indexOf("--json");
    if (at < 0) {
      return null;
    }
    if (at + 1 == options.size()) {
      throw new IllegalArgumentException("--json needs the name of a file");
    }
    options.remove(at);
    return Path.of(options.remove(at));
  }

  /** Values of parameters that are known only here: of this machine, and of the networks. */
  private static Map<String, Collection<String>> parameters() {
    Layers layers = Layers.of(NETWORKS);
    Map<String, Collection<String>> values = new LinkedHashMap<>();
    values.put("device", Device.all().stream().map(Device::name).toList());
    values.put("type", types().filter(DType::isFloating).map(DType::name).toList());
    values.put("conv", layers.convs);
    values.put("up", layers.ups);
    values.put("pool", layers.pools);
    values.put("norm", layers.norms);
    values.put("join", layers.joins);
    return values;
  }

  /** What every device here computes in. */
  private static Stream<DType> types() {
    return Stream.of(DType.values())
        .filter(type -> Device.all().stream().allMatch(device -> device.computes(type)));
  }

  /** By device and type. */
  private static Map<String, Limits> limits() {
    Map<String, Limits> limits = new TreeMap<>();
    for (Device device : Device.all()) {
      types().forEach(type -> limits.put(device + " " + type, Limits.measure(device, type)));
      device.releaseCaches();
    }
    return limits;
  }

  private static Map<String, Object> toJson(List<Row> rows, Map<String, Limits> limits) {
    Map<String, Object> measured = new LinkedHashMap<>();
    limits.forEach(
        (where, limit) ->
            measured.put(
                where, Map.of("gflops", limit.gigaflops(), "gbytes_per_s", limit.gigabytes())));
    Map<String, Object> json = new LinkedHashMap<>(Environment.describe(Device.all().get(0)));
    json.put("limits", measured);
    json.put("rows", rows.stream().map(Row::toJson).toList());
    return json;
  }
}
