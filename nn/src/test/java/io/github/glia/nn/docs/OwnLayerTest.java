package io.github.glia.nn.docs;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import io.github.glia.nn.Activate;
import io.github.glia.nn.Conv2d;
import io.github.glia.nn.GradientCheck;
import io.github.glia.nn.Layer;
import io.github.glia.nn.Sequential;
import io.github.glia.tensor.DType;
import io.github.glia.tensor.Device;
import io.github.glia.tensor.Philox;
import io.github.glia.tensor.Scope;
import io.github.glia.tensor.Shape;
import io.github.glia.tensor.Tensor;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Checks the layers of docs/adding-a-layer.md. */
class OwnLayerTest {
  static List<Device> devices() {
    return Device.all();
  }

  @AfterEach
  void nothingIsLeft() {
    Device.all().forEach(d -> assertEquals(0, d.memory().liveBytes(), () -> d.memory().report()));
  }

  private static Tensor gaussian(Device device, Shape shape) {
    Philox random = new Philox(5, 0);
    float[] values = new float[(int) shape.count()];
    for (int i = 0; i < values.length; i++) {
      values[i] = random.nextGaussian();
    }
    return Tensor.of(device, shape, values);
  }

  @ParameterizedTest
  @MethodSource("devices")
  void gradientsOfTrainedSwishAreRight(Device device) {
    Layer swish = new TrainedSwish();
    swish.initialize(device, 1);
    try (swish;
        Scope scope = Scope.open()) {
      GradientCheck.require(swish, gaussian(device, Shape.of(2, 3, 5, 4)), 1e-2);
    }
  }

  @ParameterizedTest
  @MethodSource("devices")
  void gradientsOfTrainedSwishAreRightWithinANetwork(Device device) {
    Layer network =
        new Sequential(
            new Conv2d(2, 3, 3), new TrainedSwish(), new TrainedSwish(), new Conv2d(3, 1, 1));
    network.initialize(device, 1);
    try (network;
        Scope scope = Scope.open()) {
      GradientCheck.require(network, gaussian(device, Shape.of(1, 5, 4, 2)), 1e-2);
    }
  }

  @ParameterizedTest
  @MethodSource("devices")
  void swishComputesItsFormula(Device device) {
    Layer swish = new TrainedSwish();
    swish.initialize(device, 1);
    try (swish;
        Scope scope = Scope.open()) {
      swish.state().get("beta").value().copyFrom(new float[] {2});
      float[] y = swish.predict(Tensor.of(device, Shape.of(3), -1, 0, 3)).toFloats();
      assertEquals(-1 / (1 + Math.exp(2)), y[0], 1e-6);
      assertEquals(0, y[1]);
      assertEquals(3 / (1 + Math.exp(-6)), y[2], 1e-5);
    }
  }

  @ParameterizedTest
  @MethodSource("devices")
  void predictingKeepsOnlyTheOutput(Device device) {
    Layer swish = new TrainedSwish();
    swish.initialize(device, 1);
    try (swish;
        Scope scope = Scope.open()) {
      Tensor x = Tensor.zeros(device, DType.F32, Shape.of(1, 4, 4, 2));
      long before = device.memory().liveBytes();
      Tensor y = swish.predict(x);
      assertEquals(y.bytes(), device.memory().liveBytes() - before);
      assertFalse(x.isClosed());
    }
  }

  @ParameterizedTest
  @MethodSource("devices")
  void gradientsOfResidualAreRight(Device device) {
    Layer residual = new Residual(new Sequential(new Conv2d(2, 2, 3), Activate.sigmoid()));
    residual.initialize(device, 1);
    try (residual;
        Scope scope = Scope.open()) {
      GradientCheck.require(residual, gaussian(device, Shape.of(1, 4, 5, 2)), 1e-2);
    }
  }
}
