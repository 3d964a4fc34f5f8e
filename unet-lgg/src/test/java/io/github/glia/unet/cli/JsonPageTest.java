package io.github.glia.unet.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.glia.unet.json.Json;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** The commands write the keys that docs/json.md names, and no others. */
class JsonPageTest {
  private static final Path PAGE = Path.of("..", "docs", "json.md");

  @TempDir Path folder;

  @Test
  void theCommandsWriteWhatThePageSays() throws IOException {
    Path data = folder.resolve("data");
    Path out = folder.resolve("run");
    run("phantom " + data + " --patients 4 --slices 3 --size 32");
    Files.write(data.resolve("broken_1.tif"), new byte[9]);
    String shape = "--size 32 --features 2 --depth 2 --batch-size 4 --epochs 1 --split 50/25/25";
    check(
        "train --data " + data + " --out " + out + " " + shape,
        "Of train and evaluate",
        "Of train alone");
    String model = "--model " + out.resolve("model.safetensors");
    String report = "--report " + folder.resolve("report.html");
    check("evaluate --data " + data + " " + model + " " + report, "Of train and evaluate");
    check("inspect " + data, "Of inspect");
  }

  private void check(String command, String... sections) throws IOException {
    Path file = folder.resolve("figures.json");
    run(command + " --json " + file);
    Map<String, List<Object>> found = JsonPage.found(Json.parse(Files.readString(file)));
    Map<String, String> keys = new TreeMap<>();
    for (String section : sections) {
      keys.putAll(JsonPage.keys(PAGE, section));
    }
    assertEquals(new TreeSet<>(keys.keySet()), found.keySet(), "keys of " + command);
    found.forEach(
        (key, values) ->
            values.forEach(
                value ->
                    assertTrue(
                        JsonPage.is(keys.get(key), value),
                        () -> key + " is " + value + ", not " + keys.get(key))));
  }

  private static void run(String command) {
    StringWriter err = new StringWriter();
    CommandLine commandLine = Main.commandLine();
    commandLine.setOut(new PrintWriter(new StringWriter())).setErr(new PrintWriter(err, true));
    assertEquals(0, commandLine.execute(command.split(" ", -1)), err.toString());
  }

  @Test
  void wordsInKeysStandForTheirLists() throws IOException {
    Map<String, String> keys = JsonPage.keys(PAGE, "Of train and evaluate");
    for (String key :
        List.of("volume.dice.mean", "volume.dice.median", "volume.count", "slice.dice.mean")) {
      assertTrue(keys.containsKey(key), key);
    }
    assertFalse(keys.keySet().stream().anyMatch(key -> key.contains("METRIC")));
    assertTrue(JsonPage.is("whole number", 2.0) && !JsonPage.is("whole number", 2.5));
    assertTrue(JsonPage.is("two numbers or null", Arrays.asList(1.0, null)));
    assertFalse(JsonPage.is("number", null) || JsonPage.is("text", ""));
    assertEquals(
        List.of(1.0, 2.0),
        JsonPage.found(Json.parse("{\"a\": [{\"b\": 1}, {\"b\": 2}]}")).get("a[].b"));
  }
}
