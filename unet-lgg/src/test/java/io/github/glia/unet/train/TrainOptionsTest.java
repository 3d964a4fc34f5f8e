package io.github.glia.unet.train;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.glia.nn.Norm;
import io.github.glia.nn.ReduceOnPlateau;
import io.github.glia.nn.Schedule;
import io.github.glia.tensor.DType;
import io.github.glia.tensor.Device;
import io.github.glia.unet.UNet;
import io.github.glia.unet.json.Json;
import io.github.glia.unet.train.LearningOptions.Select;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class TrainOptionsTest {
  @Test
  void theDefaultsDoNotContradictThemselves() {
    assertEquals(TrainOptions.defaults(), TrainOptions.fromJson(Map.of()));
  }

  @Test
  void theDefaultsAreWhatTheModelThatComesAlongWasTrainedWith() throws IOException {
    ModelInfo model = ModelInfo.read(Path.of("models", "lgg.safetensors"));
    TrainOptions options = TrainOptions.defaults();
    assertEquals(model.network(), options.network(3));
    assertEquals(model.size(), options.data().size());
    assertEquals(model.patch(), options.data().patch());
    assertEquals(model.normalization(), options.data().normalization());
    assertEquals(model.epoch(), options.learning().epochs());
  }

  @Test
  void jsonBringsEveryChoiceBack() {
    TrainOptions options =
        TrainOptions.fromJson(
            Map.of(
                "data", "a folder",
                "loss", "tversky",
                "optimizer", "adamw",
                "norm", "group",
                "up", "bilinear",
                "seed", 1L << 40,
                "learning-rate", 0.1,
                "schedule", "step:3:0.5",
                "deterministic", true));
    assertEquals(0.01, options.optimizer().weightDecay());
    assertEquals(Norm.GROUP, options.network().norm());
    String text = Json.write(options.toJson());
    assertEquals(options, TrainOptions.fromJson(Json.parseObject(text)));
  }

  @Test
  void weightDecayFollowsTheOptimizerUnlessItIsNamed() {
    TrainOptions adamw = TrainOptions.defaults().with("optimizer", "adamw");
    assertEquals(0.01, adamw.optimizer().weightDecay());
    assertEquals(0, adamw.with("optimizer", "sgd").optimizer().weightDecay());
    assertEquals(
        0.5,
        TrainOptions.fromJson(Map.of("optimizer", "sgd", "weight-decay", 0.5))
            .optimizer()
            .weightDecay());
  }

  @Test
  void theFoldThatIsReportedDoesNotChooseTheEpochUnlessAskedTo() {
    TrainOptions best = TrainOptions.defaults();
    assertEquals(Select.BEST, best.learning().select());
    TrainOptions folds = best.with("folds", 5);
    assertEquals(Select.LAST, folds.learning().select());
    assertEquals(Select.LAST, folds.with("fold", 2).learning().select());
    assertEquals(Select.BEST, folds.with("select", "best").learning().select());
    assertEquals(
        Select.BEST,
        TrainOptions.fromJson(Map.of("folds", 5, "select", "best")).learning().select());
  }

  /** Written before {@code select} was there, and in another order. */
  @Test
  void anOlderConfigurationIsStillRead() {
    TrainOptions options =
        TrainOptions.fromJson(
            Json.parseObject(
                """
                {
                  "data": "kaggle_3m",
                  "out": "runs/a",
                  "device": "cpu",
                  "epochs": 25,
                  "batch-size": 8,
                  "learning-rate": 0.003,
                  "loss": "bce-dice",
                  "optimizer": "adamw",
                  "weight-decay": 0.02,
                  "momentum": 0.9,
                  "schedule": "plateau:3",
                  "warm-up": 2,
                  "features": 16,
                  "depth": 3,
                  "norm": "group",
                  "up": "bilinear",
                  "size": 128,
                  "patch": 64,
                  "normalization": "plain",
                  "modalities": "flair,t2",
                  "strict": true,
                  "split": "80/20",
                  "split-by": "patient",
                  "folds": 5,
                  "fold": 2,
                  "augment": "flip=0.5",
                  "sample": "balanced:0.4",
                  "precision": "f32",
                  "accumulate": 2,
                  "clip": 0.5,
                  "ema": 0.99,
                  "early-stopping": 9,
                  "seed": 12,
                  "deterministic": true,
                  "threads": 3,
                  "checkpoint-seconds": 60,
                  "resume": false
                }
                """));
    assertEquals(
        new TrainOptions(
            new DataOptions(
                "kaggle_3m", 128, "plain", "flair,t2", true, 64, "flip=0.5", "balanced:0.4"),
            new SplitOptions("80/20", SplitOptions.By.PATIENT, 5, 2),
            new NetworkOptions(16, 3, Norm.GROUP, UNet.Up.BILINEAR),
            new OptimizerOptions(OptimizerName.ADAMW, 0.003, 0.02, 0.9, "plateau:3", 2, 2, 0.5),
            new LearningOptions(25, 8, LossName.BCE_DICE, 0.99, 9, Select.LAST),
            new RunOptions("runs/a", "cpu", Precision.F32, 12, true, 3, 60, false)),
        options);
  }

  @Test
  void presetsAreTheNetworksOfTheirNames() {
    TrainOptions small = TrainOptions.defaults().withPreset("small");
    assertEquals(UNet.Config.small(), small.network(3));
    assertEquals(UNet.Config.lgg(), TrainOptions.defaults().withPreset("lgg").network(3));
    assertEquals(UNet.Config.classic(), TrainOptions.defaults().withPreset("classic").network(3));
    assertThrows(IllegalArgumentException.class, () -> TrainOptions.defaults().withPreset("big"));
  }

  @Test
  void threadsForBatchesFollowTheDeviceUnlessTheyAreNamed() {
    RunOptions free = TrainOptions.defaults().run();
    assertEquals(2, free.threads(true, 16), "the CPU needs its cores to compute");
    assertEquals(14, free.threads(false, 16));
    assertEquals(16, free.threads(false, 96));
    assertEquals(2, free.threads(false, 2));
    RunOptions named = TrainOptions.defaults().with("threads", 5).run();
    assertEquals(5, named.threads(true, 16));
    assertEquals(5, named.threads(false, 16));
    assertEquals(5, named.readingThreads());
    assertEquals(Runtime.getRuntime().availableProcessors(), free.readingThreads());
  }

  static Stream<Arguments> contradictions() {
    return Stream.of(
        Arguments.of(Map.of("epoch", 3), "there is no option \"epoch\""),
        Arguments.of(Map.of("epochs", 2.5), "--epochs expects a whole number, but is 2.5"),
        Arguments.of(Map.of("epochs", 0), "--epochs must be at least 1, but is 0"),
        Arguments.of(Map.of("loss", "mse"), "--loss expects dice, bce, bce-dice"),
        Arguments.of(Map.of("strict", "yes"), "--strict expects true or false"),
        Arguments.of(Map.of("learning-rate", 0), "--learning-rate must be above 0"),
        Arguments.of(Map.of("ema", 1), "--ema"),
        Arguments.of(Map.of("clip", -1), "--clip"),
        Arguments.of(Map.of("size", 8192), "--size must be at most 4096"),
        Arguments.of(Map.of("size", 100), "--size must be a multiple of 16 with --depth 4"),
        Arguments.of(Map.of("patch", 72), "--patch must be a multiple of 16"),
        Arguments.of(Map.of("patch", 512), "--patch 512 is larger than the images"),
        Arguments.of(Map.of("split", "80/30"), "--split must be percents that make 100"),
        Arguments.of(Map.of("split", "80"), "--split must be percents that make 100"),
        Arguments.of(Map.of("split", "-10/110"), "--split must be percents that make 100"),
        Arguments.of(Map.of("split", "50/20/20/10"), "--split must be percents that make 100"),
        Arguments.of(Map.of("split", "0/100"), "nobody to train on"),
        Arguments.of(
            Map.of("split", "split.json", "split-by", "slice"), "contradicts --split-by slice"),
        Arguments.of(Map.of("split", "split.json", "folds", 3), "--folds and --split contradict"),
        Arguments.of(Map.of("select", "first"), "--select expects best, last, but is first"),
        Arguments.of(Map.of("threads", 1e12), "--threads expects a whole number of at most"),
        Arguments.of(Map.of("folds", 5, "fold", 6), "--fold must be from 1 to --folds"),
        Arguments.of(Map.of("fold", 2), "--fold needs --folds"),
        Arguments.of(Map.of("folds", 5, "split", "70/30"), "--folds and --split contradict"),
        Arguments.of(Map.of("folds", 5, "split-by", "slice"), "contradict --split-by slice"),
        Arguments.of(Map.of("early-stopping", 30), "--early-stopping 30 never acts"),
        Arguments.of(
            Map.of("early-stopping", 5, "schedule", "plateau:5"), "before --schedule plateau"),
        Arguments.of(Map.of("warm-up", 30), "--warm-up 30 is not shorter than --epochs 30"),
        Arguments.of(Map.of("schedule", "cosine:3"), "--schedule expects"),
        Arguments.of(Map.of("schedule", "step:x"), "--schedule expects"),
        Arguments.of(Map.of("schedule", "step:5:2"), "--schedule expects"),
        Arguments.of(Map.of("schedule", "poly:-1"), "poly:-1 (the power must be 0 or more"),
        Arguments.of(Map.of("schedule", "poly:NaN"), "poly:NaN (the power must be 0 or more"),
        Arguments.of(Map.of("schedule", "poly:Infinity"), "(the power must be 0 or more"),
        Arguments.of(Map.of("norm", "instance", "size", 16), "--norm instance needs"),
        Arguments.of(Map.of("batch-size", 1, "size", 16, "norm", "batch"), "--norm batch needs"),
        Arguments.of(Map.of("normalization", "none"), "--normalization must be"));
  }

  @ParameterizedTest
  @MethodSource("contradictions")
  void contradictionsAreNamed(Map<String, Object> flags, String message) {
    String actual =
        assertThrows(IllegalArgumentException.class, () -> TrainOptions.fromJson(flags))
            .getMessage();
    assertTrue(actual.contains(message), actual);
  }

  @Test
  void schedulesFollowTheirEpochs() {
    TrainOptions options = TrainOptions.fromJson(Map.of("epochs", 10, "learning-rate", 1));
    Schedule step = Scheduling.parse("step:2:0.1").make(options, 7);
    assertEquals(1, step.rate(13));
    assertEquals(0.1, step.rate(14), 1e-7);
    Schedule cosine = Scheduling.parse("cosine").make(options, 7);
    assertEquals(0.5, cosine.rate(35), 1e-6);
    assertEquals(0, cosine.rate(70), 1e-7);
    assertEquals(0.25, Scheduling.parse("poly:2").make(options, 7).rate(35), 1e-6);
    assertEquals(1, Scheduling.parse("constant").make(options, 7).rate(69));
    ReduceOnPlateau plateau = (ReduceOnPlateau) Scheduling.parse("plateau:1").make(options, 7);
    for (int i = 0; i < 3; i++) {
      plateau.observe(1);
    }
    assertEquals(0.5, plateau.rate(0));
  }

  @Test
  void aTypeThatTheDeviceDoesNotComputeInIsRefusedWithThoseThatItDoes() {
    Device cpu = Device.cpu();
    assertEquals(Precision.F32, Precision.AUTO.on(cpu));
    for (Precision precision : List.of(Precision.TF32, Precision.BF16, Precision.F16)) {
      if (precision != Precision.TF32 && cpu.computes(DType.valueOf(precision.name()))) {
        assertEquals(DType.valueOf(precision.name()), precision.ready(cpu));
      } else {
        String message =
            assertThrows(IllegalArgumentException.class, () -> precision.on(cpu)).getMessage();
        assertTrue(message.contains("it computes in f32"), message);
        assertFalse(message.contains("tf32, "), message);
      }
    }
  }
}
