package io.github.glia.unet.cli;

import static io.github.glia.unet.cli.Ended.succeeds;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.glia.tensor.Device;
import io.github.glia.unet.UNet;
import io.github.glia.unet.data.DataFolder;
import io.github.glia.unet.data.DataSet;
import io.github.glia.unet.data.Normalization;
import io.github.glia.unet.data.ReadOptions;
import io.github.glia.unet.data.Slice;
import io.github.glia.unet.data.Split;
import io.github.glia.unet.data.Splits;
import io.github.glia.unet.json.Json;
import io.github.glia.unet.train.ModelInfo;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

final class TrainCommandTest {
  @TempDir Path folder;
  private Path data;

  @BeforeEach
  void makeData() {
    data = folder.resolve("data");
    succeeds("phantom", data, "--patients", 4, "--slices", 3, "--size", 32);
  }

  @AfterEach
  void nothingIsLeftInMemory() {
    assertEquals(0, Device.cpu().memory().liveBytes(), () -> Device.cpu().memory().report());
  }

  /** A short training of a small network, with more flags. */
  private Object[] train(String out, Object... more) {
    List<Object> arguments =
        new ArrayList<>(
            List.of(
                "train",
                "--data",
                data,
                "--out",
                folder.resolve(out),
                "--batch-size",
                4,
                "--features",
                2,
                "--depth",
                2,
                "--size",
                32));
    if (!List.of(more).contains("--epochs")) {
      arguments.addAll(List.of("--epochs", 2));
    }
    arguments.addAll(List.of(more));
    return arguments.toArray();
  }

  private String report(String out) throws IOException {
    return Files.readString(folder.resolve(out).resolve("report.html")).replace('\n', ' ');
  }

  private static void fails(int code, String message, Object... arguments) {
    Ended.fails(code, message, arguments);
    assertEquals(
        code == Main.USAGE ? 2 : 1,
        Ended.of(arguments).err().lines().count(),
        "one line, and after a wrong command line where to look");
  }

  @Test
  void aSplitIsRepeatedWithOtherSettings() throws IOException {
    succeeds(train("first", "--split", "50/25/25"));
    Path split = folder.resolve("first/split.json");
    succeeds(train("second", "--split", split, "--seed", 9, "--ema", 0.5));
    assertEquals(Splits.read(split), Splits.read(folder.resolve("second/split.json")));
    assertTrue(report("second").contains("by patient, as " + split + " has it"));
  }

  @Test
  void patientsOfNoPartStayUnusedAndAreNamed() throws IOException {
    succeeds(train("first", "--split", "50/25/25"));
    Split whole = Splits.read(folder.resolve("first/split.json"));
    Path part = folder.resolve("part.json");
    Splits.write(new Split(whole.train(), whole.validation(), List.of()), part);
    String said = succeeds(train("second", "--split", part)).out();
    assertTrue(
        said.contains("in no part of the split, and unused (1): " + whole.test().get(0)), said);
  }

  @Test
  void aSplitThatIsWrongIsRefusedByName() throws IOException {
    succeeds(train("first", "--split", "50/25/25"));
    Split whole = Splits.read(folder.resolve("first/split.json"));
    String name = whole.train().get(0);
    Path file = folder.resolve("wrong.json");
    Files.writeString(
        file,
        Json.write(Map.of("train", whole.train(), "validation", List.of(name), "test", List.of())));
    fails(
        Main.FAILURE,
        "patient " + name + " is in train and in validation",
        train("out", "--split", file));
    Files.writeString(
        file,
        Json.write(
            Map.of("train", whole.train(), "validation", List.of("nobody"), "test", List.of())));
    fails(Main.FAILURE, "wrong.json: the split names", train("out", "--split", file));
    fails(Main.FAILURE, "no shares like 80/20 either", train("out", "--split", "80/2O"));
    assertFalse(Files.exists(folder.resolve("out")));
  }

  @Test
  void withNobodyHeldOutTheLastEpochIsTheModelAndTheReportSaysSo() throws IOException {
    Path figures = folder.resolve("figures.json");
    String said = succeeds(train("all", "--split", "100/0", "--json", figures)).out();
    assertTrue(said.contains("4 patients train, 0 validate, 0 test"), said);
    assertTrue(said.contains("nothing was held out"), said);
    assertFalse(said.contains("NaN"), said);
    assertTrue(said.contains("model: " + folder.resolve("all/model.safetensors")), said);
    String page = report("all");
    assertTrue(page.contains("<h1>Nothing was held out</h1>"));
    assertTrue(page.contains("The model is that of the last epoch, 2."));
    assertFalse(page.contains("NaN"));
    Map<String, Object> json = Json.parseObject(Files.readString(figures));
    assertEquals(Set.of("volume", "skipped", "training", "setup"), json.keySet());
    assertEquals(Map.of("count", 0.0), json.get("volume"));
    assertEquals(List.of(), json.get("skipped"));
    Map<String, List<Object>> found = JsonPage.found(json);
    assertEquals(Arrays.asList(null, null), found.get("training.epochs[].validationLoss"));
    assertEquals(Arrays.asList(null, null), found.get("training.epochs[].validationDice"));
    assertEquals(List.of(4.0), found.get("setup.parts.training.patients"));
    assertEquals(List.of(0.0), found.get("setup.parts.validation.patients"));
  }

  @Test
  void theFiguresTellHowTheTrainingWentAndHowItWasSetUp() throws IOException {
    Path figures = folder.resolve("figures.json");
    succeeds(train("out", "--split", "50/25/25", "--select", "last", "--json", figures));
    Map<String, List<Object>> found = JsonPage.found(Json.parse(Files.readString(figures)));
    assertEquals(List.of("last epoch"), found.get("training.ended"));
    assertEquals(List.of(2.0), found.get("training.modelEpoch"));

    List<String> csv = Files.readAllLines(folder.resolve("out/metrics.csv"));
    List<String> columns =
        List.of(
            "epoch", "trainingLoss", "validationLoss", "validationDice", "learningRate", "seconds");
    for (int epoch = 0; epoch < 2; epoch++) {
      String[] cells = csv.get(1 + epoch).split(",", -1);
      for (int column = 0; column < columns.size(); column++) {
        String key = "training.epochs[]." + columns.get(column);
        double written = Double.parseDouble(cells[column]);
        assertEquals(written, (Double) found.get(key).get(epoch), 1e-3 * (1 + written), key);
      }
    }

    Map<String, Object> options = new LinkedHashMap<>();
    found.forEach(
        (key, values) -> {
          if (key.startsWith("setup.options.")) {
            options.put(key.substring("setup.options.".length()), values.get(0));
          }
        });
    assertEquals(Json.parseObject(Files.readString(folder.resolve("out/config.json"))), options);
    assertEquals(
        List.of(Device.named(options.get("device").toString()).description()),
        found.get("setup.device.description"));
    assertEquals(List.of(options.get("precision")), found.get("setup.precision"));
    assertEquals(List.of(3.0), found.get("setup.network.channels"));
    try (UNet network =
        new UNet(ModelInfo.read(folder.resolve("out/model.safetensors")).network())) {
      double parameters =
          network.trained().values().stream().mapToLong(p -> p.shape().count()).sum();
      assertEquals(List.of(parameters), found.get("setup.network.parameters"));
    }

    Split split = Splits.read(folder.resolve("out/split.json"));
    DataSet read = DataFolder.read(data, new ReadOptions(32, Normalization.PLAIN, true, List.of()));
    long positive =
        read.slicesOf(Set.copyOf(split.train())).stream().filter(Slice::isPositive).count();
    assertEquals(List.of(2.0), found.get("setup.parts.training.patients"));
    assertEquals(List.of(6.0), found.get("setup.parts.training.slices"));
    assertEquals(List.of((double) positive), found.get("setup.parts.training.tumourSlices"));
    assertEquals(List.of(1.0), found.get("setup.parts.test.patients"));
    assertTrue(report("out").contains("2 patients with 6 slices, of which " + positive + " show"));
  }

  @ParameterizedTest
  @MethodSource("devices")
  void theFiguresAreOfThePrecisionThatTheSetupNames(Device device) throws IOException {
    Path trained = folder.resolve("trained.json");
    Path evaluated = folder.resolve("evaluated.json");
    succeeds(train("out", "--split", "50/25/25", "--device", device, "--json", trained));
    Map<String, Object> figures = Json.parseObject(Files.readString(trained));
    succeeds(
        "evaluate",
        "--data",
        data,
        "--model",
        folder.resolve("out/model.safetensors"),
        "--split",
        folder.resolve("out/split.json"),
        "--part",
        "TEST",
        "--device",
        device,
        "--precision",
        JsonPage.found(figures).get("setup.precision").get(0),
        "--report",
        folder.resolve("evaluated.html"),
        "--json",
        evaluated);
    Map<String, Object> again = Json.parseObject(Files.readString(evaluated));
    assertEquals(again.get("patients"), figures.get("patients"));
    assertEquals(again.get("thresholdCurve"), figures.get("thresholdCurve"));
  }

  static List<Device> devices() {
    return Device.all();
  }

  @Test
  @EnabledOnOs(OS.LINUX)
  void heldOutPatientsNeedNotFitInMemoryAtTheirOwnSize() throws Exception {
    data = folder.resolve("large");
    succeeds("phantom", data, "--patients", 30, "--slices", 10, "--size", 256);
    List<String> ofLittleMemory = List.of("env", "JAVA_TOOL_OPTIONS=-Xmx64m");
    Object[] training = train("out", "--split", "10/90", "--epochs", 1);
    Ended ended = Ended.of(Ended.start(ofLittleMemory, folder, training), folder);
    assertEquals(0, ended.code(), ended.out() + ended.err());
    assertTrue(report("out").contains("over 27 patients with 270 slices"));
    assertTrue(report("out").contains("% of the slice"));
  }

  @Test
  void theReportSaysWhetherItsPatientsChoseTheModel() throws IOException {
    succeeds(train("fold", "--folds", 2, "--fold", 2));
    String fold = report("fold");
    assertTrue(fold.contains("by patient, fold 2 of 2; 2 patients trained, 2 validated, 0 tested"));
    assertTrue(fold.contains("The model is that of the last epoch, 2."));
    assertFalse(fold.contains("flatters"));

    succeeds(train("best", "--folds", 2, "--fold", 2, "--select", "best"));
    assertTrue(report("best").contains("They are those of the figures, which flatters them"));

    succeeds(train("tested", "--split", "50/25/25"));
    String tested = report("tested");
    assertTrue(
        tested.contains("these figures are of the test patients. The model is that of epoch"));
    assertFalse(tested.contains("flatters"));

    succeeds(
        train(
            "stopped",
            "--folds",
            2,
            "--schedule",
            "plateau:1",
            "--epochs",
            4,
            "--early-stopping",
            2));
    String stopped = report("stopped");
    assertTrue(stopped.contains("when training stopped (--early-stopping)"));
    assertTrue(stopped.contains("when the learning rate fell (--schedule plateau)"));
  }

  @Test
  void anEarlierRunIsNotTouched() throws IOException {
    succeeds(train("out", "--split", "50/50"));
    String split = Files.readString(folder.resolve("out/split.json"));
    fails(Main.FAILURE, "holds a training already", train("out", "--split", "75/25", "--seed", 3));
    assertEquals(split, Files.readString(folder.resolve("out/split.json")));
    fails(
        Main.FAILURE,
        "--seed was 1 and is 4",
        train("out", "--split", "50/50", "--resume", "--seed", 4));
    assertEquals(split, Files.readString(folder.resolve("out/split.json")));
  }

  @Test
  void whatCannotBeWrittenFailsBeforeAnythingIsRead() throws IOException {
    data = folder.resolve("not even there");
    Path file = Files.writeString(folder.resolve("file"), "");
    fails(Main.FAILURE, "cannot be made: " + file + " is a file", train("file/run"));
    fails(Main.FAILURE, "--json", train("out", "--json", folder.resolve("nowhere/figures.json")));
    fails(Main.FAILURE, "not even there", train("out"));
    assertFalse(Files.exists(folder.resolve("out")));
  }

  @Test
  void flagsThatContradictAreRefused() throws IOException {
    fails(
        Main.USAGE, "--folds and --split contradict", train("o", "--folds", 2, "--split", "80/20"));
    fails(Main.USAGE, "--resume needs the folder", "train", "--resume");
    fails(Main.USAGE, "--fold must be from 1", "train", "--folds", 2, "--fold", 3);
    fails(Main.USAGE, "--select expects best, last", train("o", "--select", "first"));
    fails(Main.USAGE, "--patch 64 is larger", train("o", "--patch", 64));
    fails(Main.USAGE, "--depth is given more than once", train("o", "--depth", 3));
    fails(Main.USAGE, "--resume is given more", train("o", "--resume", "--resume"));
    fails(Main.USAGE, "'x' is not an int", "train", "--epochs", "x");
  }

  @Test
  void aConfigurationThatIsNoneIsNamed() throws IOException {
    Path config = folder.resolve("config.json");
    fails(Main.FAILURE, "there is no such file", "train", "--config", config);
    for (String wrong : List.of("{\"epochs\": ", "[]", "{\"epoch\": 3}", "{\"epochs\": null}")) {
      Files.writeString(config, wrong);
      fails(Main.FAILURE, "config.json: is no configuration", "train", "--config", config);
    }
    Files.write(config, new byte[] {(byte) 0xff, (byte) 0xfe});
    fails(Main.FAILURE, "config.json: is no configuration", "train", "--config", config);
  }

  @Test
  void filesThatAreNotRightAreLeftOutOrWithStrictRefused() throws IOException {
    List<Path> masks;
    try (Stream<Path> files = Files.walk(data)) {
      masks = files.filter(file -> file.toString().endsWith("_mask.tif")).sorted().toList();
    }
    Path lonely = masks.get(0);
    Files.delete(Path.of(lonely.toString().replace("_mask", "")));
    Files.delete(masks.get(1));
    Files.write(masks.get(2), new byte[] {'I', 'I', 42, 0, 8});
    String said = succeeds(train("out", "--split", "50/50")).out();
    assertEquals(3, said.lines().filter(line -> line.startsWith("left out: ")).count(), said);
    Ended.fails(Main.FAILURE, "", train("strict", "--split", "50/50", "--strict"));
  }

  @Test
  void aLossThatDivergesIsNamedAndNothingOfItIsKept() throws IOException {
    fails(
        Main.FAILURE,
        "with a lower --learning-rate",
        train(
            "out",
            "--loss",
            "bce",
            "--optimizer",
            "sgd",
            "--clip",
            0,
            "--learning-rate",
            1e30,
            "--schedule",
            "constant",
            "--split",
            "50/50",
            "--resume"));
    assertFalse(Files.exists(folder.resolve("out/model.safetensors")));
  }
}
