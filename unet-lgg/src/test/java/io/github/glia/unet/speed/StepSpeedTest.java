package io.github.glia.unet.speed;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.github.glia.nn.Norm;
import io.github.glia.tensor.DType;
import io.github.glia.tensor.Device;
import io.github.glia.unet.UNet;
import io.github.glia.unet.train.Precision;
import java.util.List;
import org.junit.jupiter.api.Test;

class StepSpeedTest {
  private static final Device CPU = Device.cpu();

  private static Step.Options in(Precision precision) {
    UNet.Config network = UNet.Config.preset("small");
    return new Step.Options(
        CPU, new UNet.Config(1, 1, 2, 1, Norm.BATCH, network.up()), 1, 8, precision, false);
  }

  private static StepSpeed speed(Precision precision) {
    try (Step step = new Step(in(Precision.F32))) {
      Profile profile = Profile.of(step, 1);
      return new StepSpeed(in(precision), new Limits(1, 1), List.of(1.0), 1, 1, 1, profile);
    }
  }

  @Test
  void predictsInBytesWhereTheCpuMultipliesThem() {
    assumeTrue(CPU.computes(DType.I8), "no VNNI");
    assertTrue(Limits.measure(CPU, DType.I8).gigaflops() > 0);
    try (Step step = new Step(in(Precision.INT8))) {
      Profile profile = Profile.of(step, 1);
      List<String> operations = profile.rows().stream().map(Profile.Row::operation).toList();
      assertTrue(operations.contains("quantizedConv2d forward"), operations.toString());
      assertTrue(operations.stream().noneMatch(o -> o.startsWith("conv2d")), operations.toString());
    }
  }

  @Test
  void saysInWhatWasComputedAndNotInWhatTypeItLies() {
    StepSpeed speed = speed(Precision.TF32);
    assertEquals("tf32", speed.toJson().get("precision"));
    assertTrue(speed.toString().contains(", TF32, on cpu"), speed.toString());
    assertEquals("f32", speed(Precision.F32).toJson().get("precision"));
  }
}
