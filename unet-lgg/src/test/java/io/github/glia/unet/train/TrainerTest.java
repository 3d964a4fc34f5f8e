package io.github.glia.unet.train;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.glia.nn.WeightFile;
import io.github.glia.nn.Weights;
import io.github.glia.tensor.Device;
import io.github.glia.unet.UNet;
import io.github.glia.unet.data.DataSet;
import io.github.glia.unet.data.Split;
import io.github.glia.unet.evaluate.Epoch;
import io.github.glia.unet.json.Json;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TrainerTest {
  private final DataSet data = Discs.data(5, 6);
  private final Split split = Discs.split(data, 1);
  @TempDir Path folder;

  /** Remembers what it was told. */
  private static final class Recorder implements Listener {
    final List<Listener.Step> steps = new ArrayList<>();
    final List<Epoch> epochs = new ArrayList<>();
    final List<String> notes = new ArrayList<>();

    @Override
    public void stepped(Listener.Step step) {
      steps.add(step);
    }

    @Override
    public void epochEnded(Epoch epoch, boolean best) {
      epochs.add(epoch);
    }

    @Override
    public void note(String message) {
      notes.add(message);
    }
  }

  @AfterEach
  void nothingIsLeftInMemory() {
    for (Device device : Device.all()) {
      assertEquals(0, device.memory().liveBytes(), () -> device.memory().report());
    }
  }

  @Test
  void aSmallNetworkLearnsToFindDiscs() throws IOException {
    DataSet many = Discs.data(8, 9);
    TrainOptions options = Discs.options().with(Map.of("epochs", 4, "learning-rate", 0.02));
    for (Device device : Device.all()) {
      Recorder recorder = new Recorder();
      Path out = folder.resolve(device.name().replace(':', '-'));
      Outcome outcome =
          new Trainer(
                  options.with("device", device.name()), many, Discs.split(many, 2), out, recorder)
              .run();
      assertEquals(Outcome.End.LAST_EPOCH, outcome.end());
      assertTrue(outcome.modelDice() > 0.9, () -> outcome.history().toString());
      assertEquals(4, recorder.epochs.size());
      assertEquals(recorder.epochs, outcome.history().epochs());
      Listener.Step last = recorder.steps.get(recorder.steps.size() - 1);
      assertEquals(last.steps(), last.step());
      assertEquals(4, last.epoch());
      assertTrue(outcome.shareWaited() >= 0 && outcome.shareWaited() < 1);
    }
  }

  @Test
  void anAverageOverManyStepsIsOfUseInAShortRun() throws IOException {
    DataSet many = Discs.data(8, 9);
    TrainOptions options =
        Discs.options().with(Map.of("epochs", 4, "learning-rate", 0.02, "ema", 0.99));
    Outcome outcome =
        new Trainer(options, many, Discs.split(many, 2), folder, new Listener() {}).run();
    assertTrue(outcome.modelDice() > 0.9, () -> outcome.history().toString());
  }

  @Test
  void theFilesOfARunSayWhatItWas() throws IOException {
    Outcome outcome = new Trainer(Discs.options(), data, split, folder, new Listener() {}).run();
    TrainOptions config =
        TrainOptions.fromJson(Json.parseObject(Files.readString(folder.resolve("config.json"))));
    assertEquals(Discs.options().with("precision", "f32"), config);
    ModelInfo info = ModelInfo.read(outcome.model());
    assertEquals(outcome.modelEpoch(), info.epoch());
    assertEquals(outcome.modelDice(), info.dice());
    try (UNet network = new UNet(info.network())) {
      network.initialize(Device.cpu(), 1);
      Weights.load(network, outcome.model());
    }
    List<String> csv = Files.readAllLines(folder.resolve("metrics.csv"));
    assertEquals(1 + 3, csv.size());
    assertEquals(
        "epoch,train_loss,validation_loss,validation_dice,learning_rate,seconds", csv.get(0));
    try (Stream<Path> events = Files.list(folder.resolve("tensorboard"))) {
      List<String> parsed = EventFileTest.events(events.findFirst().orElseThrow());
      assertEquals(1 + 3, parsed.size());
      assertTrue(parsed.get(3).contains("2:3 5:[1:[1:loss/train"), parsed.get(3));
    }
  }

  @Test
  void aRunIsNotWrittenOverAnother() throws IOException {
    Listener silent = new Listener() {};
    new Trainer(Discs.options(), data, split, folder, silent).run();
    Trainer again = new Trainer(Discs.options(), data, split, folder, silent);
    String message = assertThrows(IllegalArgumentException.class, again::run).getMessage();
    assertTrue(message.contains("go on with it by --resume"), message);
    Trainer other =
        new Trainer(
            Discs.options().with(Map.of("resume", true, "features", 4)),
            data,
            split,
            folder,
            silent);
    message = assertThrows(IllegalArgumentException.class, other::run).getMessage();
    assertTrue(message.contains("--features was 8 and is 4"), message);
  }

  @Test
  void aRunThatIsCompleteIsNotTrainedAgain() throws IOException {
    Outcome first = new Trainer(Discs.options(), data, split, folder, new Listener() {}).run();
    byte[] model = Files.readAllBytes(first.model());
    Recorder recorder = new Recorder();
    Outcome second =
        new Trainer(Discs.options().with("resume", true), data, split, folder, recorder).run();
    assertEquals(first.history(), second.history());
    assertTrue(recorder.steps.isEmpty());
    assertArrayEquals(model, Files.readAllBytes(first.model()));
  }

  @Test
  void trainingStopsWhenNoEpochIsBetter() throws IOException {
    TrainOptions options =
        Discs.options().with(Map.of("epochs", 30, "early-stopping", 2, "learning-rate", 1e-12));
    Outcome outcome = new Trainer(options, data, split, folder, new Listener() {}).run();
    assertEquals(Outcome.End.EARLY_STOPPING, outcome.end());
    assertEquals(outcome.modelEpoch() + 2, outcome.history().epochs().size());
  }

  @Test
  void aDivergingRunGoesBackThreeTimesAndSaysWhere() throws IOException {
    TrainOptions options =
        Discs.options()
            .with(
                Map.of(
                    "loss",
                    "bce",
                    "optimizer",
                    "sgd",
                    "clip",
                    0,
                    "learning-rate",
                    1e30,
                    "schedule",
                    "constant"));
    Recorder recorder = new Recorder();
    Trainer trainer = new Trainer(options, data, split, folder, recorder);
    String message = assertThrows(DivergedException.class, trainer::run).getMessage();
    assertTrue(message.contains("in epoch 1, step"), message);
    assertTrue(message.contains("learning rate of 1.25e+29"), message);
    assertTrue(message.contains("last good checkpoint is " + folder), message);
    assertEquals(3, recorder.notes.size(), recorder.notes::toString);
    assertFinite(folder.resolve("last.safetensors"));
  }

  @Test
  void aRunThatDivergedOnceGoesOnAtHalfTheRate() throws IOException {
    TrainOptions options =
        Discs.options()
            .with(
                Map.of(
                    "loss",
                    "bce",
                    "optimizer",
                    "sgd",
                    "momentum",
                    0,
                    "clip",
                    0,
                    "norm",
                    "none",
                    "learning-rate",
                    10,
                    "schedule",
                    "constant"));
    Recorder recorder = new Recorder();
    Outcome outcome = new Trainer(options, data, split, folder, recorder).run();
    assertEquals(Outcome.End.LAST_EPOCH, outcome.end());
    assertEquals(1, recorder.notes.size(), recorder.notes::toString);
    String note = recorder.notes.get(0);
    assertTrue(note.startsWith("the loss exploded to"), note);
    assertTrue(note.contains("half the rate, 5.00; time 1 of 3"), note);
    assertEquals(5, outcome.history().epochs().get(2).learningRate());
  }

  @Test
  void dataThatDoNotFitAreRefused() {
    Listener silent = new Listener() {};
    String size =
        assertThrows(
                IllegalArgumentException.class,
                () -> new Trainer(Discs.options().with("size", 64), data, split, folder, silent))
            .getMessage();
    assertTrue(size.contains("was read as 32×32, but --size is 64"), size);
    Split unknown = new Split(List.of("nobody"), List.of(), List.of());
    String name =
        assertThrows(
                IllegalArgumentException.class,
                () -> new Trainer(Discs.options(), data, unknown, folder, silent))
            .getMessage();
    assertTrue(name.contains("not in the data: nobody"), name);
    Split alone = new Split(split.train(), List.of(), List.of());
    String validation =
        assertThrows(
                IllegalArgumentException.class,
                () ->
                    new Trainer(
                        Discs.options().with("early-stopping", 1), data, alone, folder, silent))
            .getMessage();
    assertTrue(validation.contains("need patients for validation"), validation);
  }

  static void assertFinite(Path file) throws IOException {
    WeightFile weights = WeightFile.open(file);
    for (String name : weights.names()) {
      for (float value : weights.read(name).values()) {
        assertTrue(Float.isFinite(value), name);
      }
    }
  }

  @Test
  void theLastEpochIsTheModelWhereItIsSelectedThoughAnotherIsBetter() throws IOException {
    // At this rate nothing changes but the statistics of the norms: no epoch is better for long.
    TrainOptions options =
        Discs.options().with(Map.of("epochs", 4, "learning-rate", 1e-12, "select", "last"));
    Outcome last = new Trainer(options, data, split, folder, new Listener() {}).run();
    assertEquals(4, last.modelEpoch());
    assertEquals(last.history().epochs().get(3).validationDice(), last.modelDice());
    assertEquals(4, ModelInfo.read(last.model()).epoch());
    Path other = folder.resolve("best");
    Outcome best =
        new Trainer(options.with("select", "best"), data, split, other, new Listener() {}).run();
    assertTrue(best.modelEpoch() < 4, () -> best.history().toString());
    assertEquals(best.modelEpoch(), ModelInfo.read(best.model()).epoch());
  }

  @Test
  void withoutValidationTheLastEpochIsTheModel() throws IOException {
    Split alone = new Split(split.train(), List.of(), List.of());
    Outcome outcome = new Trainer(Discs.options(), data, alone, folder, new Listener() {}).run();
    assertEquals(3, outcome.modelEpoch());
    assertTrue(Double.isNaN(outcome.modelDice()));
  }
}
