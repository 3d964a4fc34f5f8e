package io.github.glia.benchmarks;

import io.github.glia.kernels.update.Adam;
import io.github.glia.kernels.update.AdamPlan;
import io.github.glia.tensor.DType;
import io.github.glia.tensor.Tensor;
import io.github.glia.unet.UNet;
import java.util.ArrayList;
import java.util.List;
import org.openjdk.jmh.annotations.Param;

/** A step of Adam on all parameters of a network, which are F32 in any case. */
public class AdamBenchmark extends KernelBenchmark {
  @Param({"lgg", "classic"})
  public String network;

  private long steps;

  @Override
  Work prepare() {
    AdamPlan plan = AdamPlan.on(device(), new AdamPlan.Key(new Adam(0.9, 0.999, 1e-8, 0), false));
    List<Tensor> w = new ArrayList<>();
    List<Tensor> g = new ArrayList<>();
    List<Tensor> m = new ArrayList<>();
    List<Tensor> v = new ArrayList<>();
    try (UNet unet = new UNet(UNet.Config.preset(network))) {
      unet.trained()
          .values()
          .forEach(
              parameter -> {
                w.add(random(DType.F32, parameter.shape()));
                g.add(random(DType.F32, parameter.shape()));
                m.add(Tensor.zeros(device(), DType.F32, parameter.shape()));
                v.add(Tensor.zeros(device(), DType.F32, parameter.shape()));
              });
    }
    long weights = w.stream().mapToLong(Tensor::bytes).sum();
    long readAndWritten = 7 * weights; // reads w, g, m and v, writes all but g
    return new Work(
        () -> plan.step(w, g, m, v, 1e-4f, 1, ++steps), 0, readAndWritten, plan::implementations);
  }
}
