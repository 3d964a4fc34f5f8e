package io.github.glia.unet.doctor;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.glia.tensor.Device;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The self-test passes where devices are right, and can fail. */
class SelfTestTest {
  @Test
  void everyDevicePasses() {
    for (Device device : Device.all()) {
      long before = device.memory().liveBytes();
      List<SelfTest.Result> results = SelfTest.of(device);
      assertEquals(5, results.size());
      for (SelfTest.Result result : results) {
        assertTrue(result.passed(), device + ": " + result);
      }
      assertEquals(before, device.memory().liveBytes());
    }
  }

  @Test
  void whatIsWrongDoesNotPass() {
    assertEquals(0, SelfTest.error(new double[] {3, 4}, new float[] {3, 4}));
    assertEquals(0.2, SelfTest.error(new double[] {3, 4}, new float[] {3, 5}), 1e-12);
    assertFalse(new SelfTest.Result("conv", 1e-4).passed());
    assertFalse(
        new SelfTest.Result("conv", SelfTest.error(new double[] {1}, new float[] {Float.NaN}))
            .passed());
  }
}
