package io.github.glia.unet.cli;

import static io.github.glia.unet.cli.Ended.fails;
import static io.github.glia.unet.cli.Ended.succeeds;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.glia.tensor.Device;
import io.github.glia.unet.data.DataFolder;
import io.github.glia.unet.data.Normalization;
import io.github.glia.unet.data.ReadOptions;
import io.github.glia.unet.data.Slice;
import io.github.glia.unet.json.Json;
import io.github.glia.unet.train.ModelInfo;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
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
    assertTrue(trained.out().contains("% was waiting for data"), trained.out());
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
  void theModelThatComesAlongIsTheDefault() throws IOException {
    Path data = folder.resolve("data");
    succeeds("phantom", data, "--patients", 1, "--slices", 3, "--size", 64);
    Path patient = data.resolve("TCGA_PH_0001_20260101");
    Path one = folder.resolve("one");
    Path all = folder.resolve("all");
    succeeds("predict", patient.resolve("TCGA_PH_0001_20260101_2.tif"), "--out", one);
    succeeds("predict", data, "--out", all);
    String mask = "TCGA_PH_0001_20260101_2_predicted.png";
    assertArrayEquals(
        Files.readAllBytes(all.resolve(mask)),
        Files.readAllBytes(one.resolve(mask)),
        "a slice alone gets the mask that it gets with its volume");
    assertEquals(2, count(one));
    assertEquals(6, count(all));

    Path report = folder.resolve("report.html");
    Ended evaluated = succeeds("evaluate", "--data", data, "--report", report);
    assertTrue(evaluated.out().contains("over 1 patients"), evaluated.out());
    assertTrue(Files.readString(report).contains("the one that comes with glia"));
    assertEquals(0, Device.cpu().memory().liveBytes(), () -> Device.cpu().memory().report());
  }

  private static long count(Path files) throws IOException {
    try (Stream<Path> all = Files.list(files)) {
      return all.count();
    }
  }

  @Test
  void figuresAreOfTheMasksAsTheyWereDrawn() throws IOException {
    Path data = folder.resolve("data");
    Path out = folder.resolve("run");
    Path ofTraining = folder.resolve("train.json");
    Path ofEvaluation = folder.resolve("evaluate.json");
    succeeds("phantom", data, "--patients", 3, "--slices", 6, "--size", 64);
    train(data, out, "--size", 32, "--patch", 16, "--split", "34/33/33", "--json", ofTraining);
    Path report = folder.resolve("report.html");
    succeeds(
        "evaluate",
        "--model",
        out.resolve("model.safetensors"),
        "--data",
        data,
        "--split",
        out.resolve("split.json"),
        "--part",
        "test",
        "--report",
        report,
        "--json",
        ofEvaluation);
    Map<String, Object> trained = onlyPatient(ofTraining);
    assertEquals(trained, onlyPatient(ofEvaluation), "train and evaluate measure the same");
    ReadOptions original = new ReadOptions(0, Normalization.PLAIN, true, List.of());
    int drawn =
        DataFolder.read(data.resolve((String) trained.get("name")), original)
            .patients()
            .get(0)
            .slices()
            .stream()
            .mapToInt(Slice::tumourPixels)
            .sum();
    assertTrue(drawn > 0);
    assertEquals((double) drawn, trained.get("tumourPixels"));
  }

  private static Ended train(Path data, Path out, Object... more) {
    List<Object> arguments = new ArrayList<>(List.of("train", "--data", data, "--out", out));
    arguments.addAll(List.of("--epochs", 1, "--batch-size", 2, "--features", 2, "--depth", 2));
    arguments.addAll(List.of(more));
    return succeeds(arguments.toArray());
  }

  @SuppressWarnings("unchecked") // a JSON array of objects
  private static Map<String, Object> onlyPatient(Path figures) throws IOException {
    List<Object> patients =
        (List<Object>) Json.parseObject(Files.readString(figures)).get("patients");
    assertEquals(1, patients.size());
    return (Map<String, Object>) patients.get(0);
  }

  @Test
  void splitsBySliceOnRequestAndSaysThatItLeaks() throws IOException {
    Path data = folder.resolve("data");
    succeeds("phantom", data, "--patients", 2, "--slices", 4, "--size", 32);
    Ended trained =
        train(data, folder.resolve("run"), "--size", 16, "--split", "50/50", "--split-by", "slice");
    assertTrue(trained.out().contains("leaks"), trained.out());
    assertTrue(trained.out().contains("no split.json is written"), trained.out());
    assertFalse(Files.exists(folder.resolve("run/split.json")), "evaluate knows no such patients");
  }

  @Test
  void benchMeasuresAStep() throws IOException {
    Path figures = folder.resolve("bench.json");
    for (String mode : List.of("train", "infer")) {
      Ended measured =
          succeeds(
              "bench",
              "--mode",
              mode,
              "--features",
              4,
              "--depth",
              2,
              "--batch",
              2,
              "--size",
              32,
              "--seconds",
              0.1,
              "--precision",
              "f32",
              "--device",
              "cpu",
              "--json",
              figures);
      assertTrue(measured.out().contains("conv2d forward"), measured.out());
      assertEquals(mode.equals("train"), measured.out().contains("adam"), measured.out());
      Map<String, Object> json = Json.parseObject(Files.readString(figures));
      double median = (Double) json.get("median_ms");
      assertTrue(0 < (Double) json.get("min_ms") && (Double) json.get("min_ms") <= median);
      assertEquals(2 / median * 1e3, (Double) json.get("images_per_second"), 1e-9);
      double percent = (Double) json.get("percent_of_limit");
      assertTrue(0 < percent && percent < 100, percent + " %");
      assertEquals("cpu", json.get("device"));
      assertEquals(mode, json.get("mode"));
    }
    assertEquals(0, Device.cpu().memory().liveBytes(), () -> Device.cpu().memory().report());
  }

  @Test
  void benchMeasuresHowFastSlicesAreMadeReady() throws IOException {
    Path data = folder.resolve("few");
    succeeds("phantom", data, "--patients", 2, "--slices", 3, "--size", 32);
    Path figures = folder.resolve("load.json");
    List<Object> measure =
        List.of("bench", "--mode", "load", "--size", 32, "--seconds", 0.1, "--json", figures);
    succeeds(measure.toArray());
    Map<String, Object> json = Json.parseObject(Files.readString(figures));
    assertTrue((Double) json.get("prepared_per_second_per_core") > 0);
    assertFalse(json.containsKey("decoded_per_second"), "made-up brains are not decoded");
    List<Object> ofFolder = new ArrayList<>(measure);
    ofFolder.addAll(List.of("--data", data, "--augment", "none"));
    succeeds(ofFolder.toArray());
    json = Json.parseObject(Files.readString(figures));
    assertTrue((Double) json.get("decoded_per_second") > 0);
    assertTrue((Double) json.get("decoded_per_second_per_core") > 0);
    assertEquals(
        (Double) json.get("prepared_per_second") / (Double) json.get("batch"),
        json.get("steps_fed_per_second"));
    assertEquals(6.0, json.get("slices"));
    assertEquals("none", json.get("augment"));
    fails(Main.USAGE, "--augment", "bench", "--mode", "load", "--augment", "none-such");
  }

  @Test
  void madeUpBrainsAreWrittenAsCasesOfBratsToo() throws IOException {
    Path data = folder.resolve("brats");
    succeeds("phantom", data, "--format", "brats", "--patients", 4, "--slices", 4, "--size", 64);
    Path figures = folder.resolve("brats.json");
    succeeds("inspect", data, "--strict", "--json", figures);
    Map<String, Object> json = Json.parseObject(Files.readString(figures));
    assertEquals(4.0, object(json, "totals").get("patients"));
    assertEquals(16.0, object(json, "totals").get("slices"));
    assertTrue((Double) object(json, "totals").get("positive") > 0);
    train(data, folder.resolve("flair"), "--modality", "flair", "--size", 64, "--strict");
    assertEquals(1, ModelInfo.read(folder.resolve("flair/model.safetensors")).network().channels());
    fails(Main.USAGE, "--format", "phantom", data, "--format", "dicom");
  }

  @Test
  void saysWhatIsWrongWithTheCommandLine() {
    fails(Main.USAGE, "there is lgg, classic, small", "bench", "--arch", "none-such");
    fails(Main.USAGE, "--batch is 0", "bench", "--batch", 0);
    fails(Main.USAGE, "'both'", "bench", "--mode", "both");
    fails(Main.USAGE, "Unknown option", "train", "--epoch", 3);
    fails(Main.USAGE, "--gpu and --device contradict", "train", "--gpu", "--device", "cpu");
    fails(Main.USAGE, "loss", "train", "--loss", "none-such");
    fails(Main.USAGE, "INPUT", "predict");
    fails(Main.USAGE, "--data", "evaluate");
    fails(Main.USAGE, "--threshold is 1.0", "predict", "slice.tif", "--threshold", 1);
    fails(Main.USAGE, "names 1 (flair), but", "predict", "a.tif", "--modalities", "flair");
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

  @Test
  void refusesADeviceThatCannotDoItBeforeAnythingIsWritten() {
    Path out = folder.resolve("out");
    fails(Main.FAILURE, "no device \"cuda:99\"", "train", "--device", "cuda:99", "--out", out);
    for (String command : List.of("train", "bench")) {
      fails(Main.FAILURE, "(./glia doctor shows", command, "--device", "gpu");
      for (String reason : Device.missing().values()) {
        fails(Main.FAILURE, reason, command, "--device", "gpu");
      }
    }
    String why = "--precision tf32: cpu does not compute in it; it computes in f32";
    fails(Main.FAILURE, why, "train", "--device", "cpu", "--precision", "tf32", "--out", out);
    fails(Main.FAILURE, why, "bench", "--device", "cpu", "--precision", "tf32");
    String int8 = "--precision int8 is for predicting";
    fails(Main.FAILURE, int8, "train", "--device", "cpu", "--precision", "int8", "--out", out);
    fails(Main.FAILURE, int8, "bench", "--device", "cpu", "--precision", "int8");
    assertFalse(Files.exists(out));
  }

  @Test
  void tellsWhatAutoStandsFor() {
    for (String command : List.of("train", "bench")) {
      String help = succeeds(command, "--help").out().replaceAll("\\s+", " ");
      assertTrue(help.contains("auto: a GPU where there is one, else the CPU"), help);
      assertTrue(help.contains("auto: bf16 on a GPU, f32 on the CPU"), help);
    }
  }

  @SuppressWarnings("unchecked") // a JSON object
  private static Map<String, Object> object(Map<String, Object> json, String name) {
    return (Map<String, Object>) json.get(name);
  }
}
