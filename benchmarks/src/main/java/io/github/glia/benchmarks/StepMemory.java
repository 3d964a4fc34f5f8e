package io.github.glia.benchmarks;

import io.github.glia.nn.Layer;
import io.github.glia.nn.Norm;
import io.github.glia.nn.WeightFile;
import io.github.glia.tensor.DType;
import io.github.glia.tensor.Device;
import io.github.glia.tensor.Scope;
import io.github.glia.unet.UNet;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/**
 * Trains a U-Net for some steps, and stops before and after so that another program can look at the
 * memory of this process: {@code benchmarks/peers/memory.py}.
 *
 * <pre>
 *   StepMemory DEVICE lgg|classic|small f32|tf32|bf16|f16 INPUTS SMALL_INPUTS STEPS
 * </pre>
 *
 * A step of a small network comes first, on SMALL_INPUTS, so that classes and libraries are loaded.
 */
public final class StepMemory {
  private StepMemory() {}

  public static void main(String[] args) throws IOException {
    Device device = Device.named(args[0]);
    DType type = StepServer.type(args[2], device);
    UNet.Config small = new UNet.Config(3, 1, 4, 2, Norm.BATCH, UNet.Up.TRANSPOSED);
    train(device, small, type, Path.of(args[4]), 1);
    device.releaseCaches();
    System.gc();
    BufferedReader looked =
        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    System.out.println("before");
    looked.readLine();
    device.memory().resetPeak();
    train(device, StepServer.config(args[1]), type, Path.of(args[3]), Integer.parseInt(args[5]));
    System.out.println(device.memory().peakBytes() + " " + device.memory().reservedBytes());
    looked.readLine();
  }

  private static void train(Device device, UNet.Config config, DType type, Path inputs, int steps)
      throws IOException {
    try (Layer network = new UNet(config);
        Scope scope = Scope.open()) {
      network.initialize(device, 1);
      try (StepServer server =
          new StepServer(device, network, type, true, WeightFile.open(inputs))) {
        for (int i = 0; i < steps; i++) {
          server.answer("step");
        }
      }
    }
  }
}
