package io.github.glia.unet.cli;

import static io.github.glia.unet.cli.Ended.fails;
import static io.github.glia.unet.cli.Ended.succeeds;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.glia.tensor.Device;
import io.github.glia.unet.json.Json;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class MainTest {
  @TempDir Path folder;

  @Test
  void fromPhantomsToPredictions() throws IOException {
    Path data = folder.resolve("data");
    Path out = folder.resolve("run");
    Path figures = folder.resolve("figures.json");
    succeeds("phantom", data, "--patients", 4, "--slices", 4, "--size", 64);
    assertTrue(succeeds("inspect", data).out().contains("4 patients, 16 slices"));
    Ended trained =
        succeeds(
            "train",
            "--data",
            data,
            "--out",
            out,
            "--epochs",
            1,
            "--batch-size",
            4,
            "--features",
            4,
            "--depth",
            2,
            "--size",
            64,
            "--split",
            "50/25/25",
            "--json",
            figures);
    assertTrue(trained.out().contains("Dice per volume"), trained.out());
    assertTrue(Files.size(out.resolve("report.html")) > 10_000);
    assertTrue(Files.exists(out.resolve("config.json")));
    Map<String, Object> volume = object(Json.parseObject(Files.readString(figures)), "volume");
    assertEquals(1.0, volume.get("count"));
    assertTrue((Double) object(volume, "dice").get("mean") >= 0);

    Path model = out.resolve("model.safetensors");
    Path report = folder.resolve("evaluation.html");
    Ended evaluated =
        succeeds(
            "evaluate",
            "--model",
            model,
            "--data",
            data,
            "--split",
            out.resolve("split.json"),
            "--part",
            "TEST",
            "--report",
            report);
    assertTrue(evaluated.out().contains("over 1 patients"), evaluated.out());

    Path slice;
    try (Stream<Path> files = Files.walk(data)) {
      slice = files.filter(f -> f.toString().endsWith("_1.tif")).sorted().findFirst().orElseThrow();
    }
    Path predictions = folder.resolve("predictions");
    succeeds(
        "predict",
        slice,
        "--model",
        model,
        "--out",
        predictions,
        "--tta",
        "--largest",
        "--probabilities",
        "--format",
        "TIFF");
    String stem = slice.getFileName().toString().replace(".tif", "");
    for (String suffix : List.of("_predicted.tif", "_probability.png", "_overlay.png")) {
      assertTrue(Files.size(predictions.resolve(stem + suffix)) > 0, suffix);
    }
    assertTrue(succeeds("summary", "--model", model).out().contains("total"));
    assertEquals(0, Device.cpu().memory().liveBytes(), () -> Device.cpu().memory().report());
  }

  @Test
  void splitsBySliceOnRequestAndSaysThatItLeaks() throws IOException {
    Path data = folder.resolve("data");
    succeeds("phantom", data, "--patients", 2, "--slices", 4, "--size", 32);
    Ended trained =
        succeeds(
            "train",
            "--data",
            data,
            "--out",
            folder.resolve("run"),
            "--epochs",
            1,
            "--batch-size",
            2,
            "--features",
            2,
            "--depth",
            2,
            "--size",
            32,
            "--split",
            "50/50",
            "--split-by",
            "slice");
    assertTrue(trained.out().contains("leaks"), trained.out());
    String split = Files.readString(folder.resolve("run/split.json"));
    assertTrue(split.contains("(training)") && split.contains("(validation)"), split);
  }

  @Test
  void saysWhatIsWrongWithTheCommandLine() {
    fails(Main.USAGE, "Unknown option", "train", "--epoch", 3);
    fails(Main.USAGE, "--gpu and --device contradict", "train", "--gpu", "--device", "cpu");
    fails(Main.USAGE, "loss", "train", "--loss", "none-such");
    fails(Main.USAGE, "--model", "predict", "slice.tif");
    fails(Main.USAGE, "there are lgg, classic and small", "summary", "--arch", "none-such");
  }

  @Test
  void saysWhatFailed() throws IOException {
    Path nowhere = folder.resolve("nowhere");
    fails(Main.FAILURE, "nowhere", "inspect", nowhere);
    fails(Main.FAILURE, "nowhere", "train", "--data", nowhere, "--out", folder.resolve("out"));
    fails(Main.FAILURE, "there is no such model", "predict", "a.tif", "--model", nowhere);
    Path noModel = Files.writeString(folder.resolve("model.safetensors"), "no model");
    fails(Main.FAILURE, "model.safetensors", "predict", "a.tif", "--model", noModel);
    Path empty = Files.createDirectory(folder.resolve("empty"));
    fails(Main.FAILURE, "empty", "inspect", empty);
  }

  @SuppressWarnings("unchecked") // a JSON object
  private static Map<String, Object> object(Map<String, Object> json, String name) {
    return (Map<String, Object>) json.get(name);
  }
}
