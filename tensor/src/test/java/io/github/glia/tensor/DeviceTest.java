package io.github.glia.tensor;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class DeviceTest {
  @Test
  void allOfThemThePreferredOneFirst() {
    assertEquals(
        List.of("test:0", "test:1", "second:1", "plain"),
        Device.all().stream().map(Device::name).toList());
  }

  @Test
  void thereIsOneDeviceForAName() {
    assertEquals("test:1", Device.named("test:1").name());
    assertSame(Device.named("test:1"), Device.named("test:1"));
    assertEquals("plain", Device.named("plain").toString());
  }

  @Test
  void autoIsTheBest() {
    assertSame(Device.named("test:0"), Device.named("auto"));
  }

  @Test
  void aKindAloneIsTheFirstOfThatKind() {
    assertSame(Device.named("test:0"), Device.named("test"));
    assertEquals("second:1", Device.named("second").name());
  }

  @Test
  void anUnknownNameIsAnsweredWithWhatThereIs() {
    Refused.with(
        "no device \"toaster\"; there is test:0, test:1, second:1, plain",
        () -> Device.named("toaster"));
    Refused.exactly(
        "no device \"test:2\"; there is test:0, test:1, second:1, plain",
        () -> Device.named("test:2"));
    Refused.with("no device \"\"", () -> Device.named(""));
    Refused.with("no device \"cpu\"", Device::cpu);
  }

  @Test
  void aKindThatIsMissingSaysWhy() {
    String why = ". No absent: its driver is not installed";
    Refused.with(why, () -> Device.named("absent"));
    Refused.with(why, () -> Device.named("absent:0"));
    Refused.with(why, () -> Device.named("gpu"));
    assertEquals(Map.of("absent", "its driver is not installed"), Device.missing());
    assertThrows(
        UnsupportedOperationException.class, () -> Device.missing().put("other", "no reason"));
  }

  @Test
  void tellsOfTheLibrariesOfItsKinds() {
    assertEquals(Map.of("absent", List.of("libabsent.so.1 (not found)")), Device.libraries());
    assertThrows(UnsupportedOperationException.class, () -> Device.libraries().clear());
  }

  @Test
  void saysWhatItsDriverSays() {
    Device device = Device.named("test:0");
    assertEquals("arrays of Java", device.description());
    assertTrue(device.computes(DType.F32));
    assertFalse(device.computes(DType.U8));
  }

  @Test
  void synchronizesItsDriver() {
    Device device = Device.named("test:0");
    TestDriver driver = (TestDriver) device.driver();
    int before = driver.synchronizeCalls();
    device.synchronize();
    assertEquals(before + 1, driver.synchronizeCalls());
  }

  @Test
  void releasingCachesKeepsTensors() {
    Device device = Device.named("test:0");
    TestDriver driver = (TestDriver) device.driver();
    try (Scope scope = Scope.open()) {
      Tensor kept = Tensor.of(device, Shape.of(2), 1, 2);
      // More than fits beside the other, so that it has a segment of its own.
      Tensor.empty(device, DType.U8, Shape.of(40 << 20)).close();
      long reserved = device.memory().reservedBytes();
      int before = driver.releaseCachesCalls();
      device.releaseCaches();
      assertEquals(before + 1, driver.releaseCachesCalls());
      assertTrue(device.memory().reservedBytes() <= reserved - (40 << 20));
      assertEquals(2, kept.slice(1, 2).item());
    }
    device.releaseCaches();
    assertEquals(0, device.memory().reservedBytes());
    assertEquals(0, driver.allocatedBytes());
  }
}
