package io.github.glia.tensor;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;

/** Two devices, a scope that is open, and no memory in use at the end. */
abstract class TensorFixture {
  final Device device = Device.named("test:0");
  final Device other = Device.named("test:1");
  Scope scope;

  @BeforeEach
  void open() {
    scope = Scope.open();
  }

  @AfterEach
  void nothingIsLeft() {
    scope.close();
    for (Device each : Device.all()) {
      assertEquals(0, each.memory().liveBytes(), () -> each.memory().report());
      each.releaseCaches();
    }
  }

  final Tensor counting(int... sizes) {
    Shape shape = Shape.of(sizes);
    float[] values = new float[(int) shape.count()];
    for (int i = 0; i < values.length; i++) {
      values[i] = i;
    }
    return Tensor.of(device, shape, values);
  }
}
