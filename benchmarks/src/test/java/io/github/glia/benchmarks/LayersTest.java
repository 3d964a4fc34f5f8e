package io.github.glia.benchmarks;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Set;
import org.junit.jupiter.api.Test;

final class LayersTest {
  @Test
  void areThoseOfTheNetwork() {
    Layers lgg = Layers.of("lgg");
    assertEquals(
        Set.of(
            "3x32x3@256",
            "32x32x3@256",
            "32x64x3@128",
            "64x64x3@128",
            "64x128x3@64",
            "128x128x3@64",
            "128x256x3@32",
            "256x256x3@32",
            "256x512x3@16",
            "512x512x3@16",
            "512x256x3@32",
            "256x128x3@64",
            "128x64x3@128",
            "64x32x3@256",
            "32x1x1@256"),
        lgg.convs);
    assertEquals(Set.of("512x256@16", "256x128@32", "128x64@64", "64x32@128"), lgg.ups);
    assertEquals(Set.of("32@256", "64@128", "128@64", "256@32"), lgg.pools);
    assertEquals(Set.of("32@256", "64@128", "128@64", "256@32", "512@16"), lgg.norms);
    assertEquals(Set.of("256x256@32", "128x128@64", "64x64@128", "32x32@256"), lgg.joins);
  }

  @Test
  void haveNumbersInTheirNames() {
    assertArrayEquals(new int[] {3, 32, 3, 256}, Layers.numbers("3x32x3@256"));
  }
}
