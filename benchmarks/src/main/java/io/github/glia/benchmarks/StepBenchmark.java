package io.github.glia.benchmarks;

import io.github.glia.kernels.Backend;
import io.github.glia.tensor.DType;
import io.github.glia.unet.UNet;
import io.github.glia.unet.speed.Step;
import io.github.glia.unet.train.Precision;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/** A whole training step and a whole prediction; {@code glia bench} tells what it is made of. */
@Warmup(iterations = 2, time = 1, timeUnit = TimeUnit.SECONDS)
@Measurement(iterations = 5, time = 2, timeUnit = TimeUnit.SECONDS)
public class StepBenchmark extends KernelBenchmark {
  @Param({"lgg", "classic"})
  public String network;

  @Param({"train", "infer"})
  public String mode;

  private Step step;

  @Override
  Work prepare() {
    UNet.Config config = UNet.Config.preset(network);
    step =
        new Step(
            new Step.Options(
                device(), config, batch, Layers.SIZE, precision(), mode.equals("train")));
    return new Work(step::run, step.flops(), 0, this::references);
  }

  private Precision precision() {
    return type() == DType.F32 && Boolean.getBoolean("glia.tf32")
        ? Precision.TF32
        : Precision.valueOf(type().name());
  }

  /** A step has many plans: those of interest are the slow ones, of which there should be none. */
  private Map<String, String> references() {
    long slow =
        Backend.of(device()).implementations().values().stream()
            .filter(name -> name.startsWith("ref"))
            .count();
    return Map.of("reference plans", Long.toString(slow));
  }

  @TearDown
  @Override
  public void close() {
    step.close();
    super.close();
  }
}
