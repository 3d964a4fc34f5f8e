package io.github.glia.unet.cli;

import io.github.glia.unet.json.Json;
import io.github.glia.unet.train.TrainOptions;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * What a training does, from all who have a say: the defaults, then a config.json, or where there
 * are no data what suits made-up brains, then the flags.
 */
final class TrainChoices {
  /** What trains on two cores in a few minutes, where nothing else is asked for. */
  private static final Map<String, Object> FOR_PHANTOMS =
      Map.ofEntries(
          Map.entry("normalization", "plain"),
          Map.entry("augment", "standard"),
          Map.entry("sample", "balanced"),
          Map.entry("size", 128),
          Map.entry("split", "70/15/15"),
          Map.entry("features", 8),
          Map.entry("depth", 3),
          Map.entry("norm", "batch"),
          Map.entry("epochs", 24),
          Map.entry("batch-size", 8),
          Map.entry("learning-rate", 3e-3),
          Map.entry("ema", 0));

  private TrainChoices() {}

  /**
   * The options, with a folder for what is written.
   *
   * @throws IllegalArgumentException if flags contradict each other
   * @throws IOException if a file with choices cannot be read; the message names it
   */
  static TrainOptions resolve(TrainFlags flags) throws IOException {
    Map<String, Object> given = flags.given();
    requireNoContradiction(flags, given);
    if (flags.gpu) {
      given.put("device", "cuda:0");
    }
    TrainOptions options = flags.config == null ? beginning(flags, given) : fromFile(flags.config);
    if (flags.config != null && flags.arch != null) {
      options = options.withPreset(flags.arch);
    }
    options = otherSplit(options, given).with(given);
    if (options.run().out() == null) {
      if (options.run().resume()) {
        throw new IllegalArgumentException(
            "--resume needs the folder of the run: give its --out, or --config OUT/config.json");
      }
      options = options.with("out", "runs/" + now());
    }
    return options;
  }

  private static void requireNoContradiction(TrainFlags flags, Map<String, Object> given) {
    if (flags.gpu && given.containsKey("device")) {
      throw new IllegalArgumentException("--gpu and --device contradict each other");
    }
    if (given.containsKey("folds") && given.containsKey("split")) {
      throw new IllegalArgumentException(
          "--folds and --split contradict: each says who validates; give one of them");
    }
  }

  private static TrainOptions beginning(TrainFlags flags, Map<String, Object> given) {
    TrainOptions options = TrainOptions.defaults();
    if (flags.arch != null) {
      options = options.withPreset(flags.arch);
    }
    if (given.containsKey("data")) {
      return options;
    }
    Map<String, Object> small = new LinkedHashMap<>(FOR_PHANTOMS);
    if (flags.arch != null) {
      small.keySet().removeAll(List.of("features", "depth", "norm"));
    }
    return options.with(small);
  }

  private static TrainOptions fromFile(Path config) throws IOException {
    try {
      return TrainOptions.fromJson(Json.parseObject(Files.readString(config)));
    } catch (CharacterCodingException e) {
      throw new IOException(config + ": is no configuration: it is no text in UTF-8", e);
    } catch (IllegalArgumentException e) {
      throw new IOException(config + ": is no configuration: " + e.getMessage(), e);
    }
  }

  /** Flags that say who validates go before all that was said of it. */
  private static TrainOptions otherSplit(TrainOptions options, Map<String, Object> given) {
    if (given.containsKey("folds")) {
      return options.with("split", TrainOptions.defaults().split().split());
    }
    if (given.containsKey("split") && options.split().folds() > 0) {
      return options.with(Map.of("folds", 0, "fold", 1));
    }
    return options;
  }

  private static String now() {
    return LocalDateTime.now(ZoneId.systemDefault())
        .format(DateTimeFormatter.ofPattern("yyyyMMdd-HHmmss"));
  }

  /** A footer for the help, with the defaults, which only the options themselves know. */
  static String[] withDefaults(String... footer) {
    String defaults =
        TrainOptions.defaults().toJson().entrySet().stream()
            .filter(entry -> entry.getValue() != null)
            .map(entry -> entry.getKey() + " " + number(entry.getValue()))
            .collect(Collectors.joining(", "));
    List<String> lines = new ArrayList<>(List.of(footer));
    lines.add("");
    lines.add("Defaults with --data: " + defaults + ".");
    return lines.toArray(String[]::new);
  }

  private static String number(Object value) {
    return value.toString().replaceFirst("\\.0$", "");
  }
}
