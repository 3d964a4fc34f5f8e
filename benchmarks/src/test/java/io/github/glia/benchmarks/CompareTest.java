package io.github.glia.benchmarks;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class CompareTest {
  @TempDir Path folder;

  @Test
  void namesWhatGotSlowerFirst() {
    Map<String, Double> old = Map.of("a", 10.0, "b", 10.0, "gone", 1.0);
    Map<String, Double> now = Map.of("a", 10.5, "b", 20.0, "added", 1.0);
    List<String> lines = Compare.table(old, now).lines().toList();
    assertTrue(lines.get(1).matches("b .* 2\\.00  SLOWER"), lines.get(1));
    assertTrue(lines.get(2).matches("a .* 1\\.05"), lines.get(2));
    assertEquals("only in the old file: gone", lines.get(3));
    assertEquals("only in the new file: added", lines.get(4));
    assertTrue(Compare.slower(old, now));
    assertFalse(Compare.slower(old, old));
  }

  @Test
  void readsBothKindsOfResults() throws IOException {
    String kernels =
        "{\"rows\": [{\"benchmark\": \"Conv\", \"parameters\": {\"batch\": \"4\"}, \"ms\": 2.5}]}";
    assertEquals(Map.of("Conv {batch=4}", 2.5), Compare.times(file("kernels.json", kernels)));
    Map<String, Double> step = Compare.times(file("step.json", "{\"median_ms\": 7}"));
    assertEquals(7.0, step.values().iterator().next());
    Path other = file("other.json", "{}");
    String message =
        assertThrows(IllegalArgumentException.class, () -> Compare.times(other)).getMessage();
    assertTrue(message.contains("other.json"), message);
  }

  @Test
  void endsWithACodeForScripts() throws IOException {
    String old = file("old.json", "{\"median_ms\": 7}").toString();
    String now = file("new.json", "{\"median_ms\": 9}").toString();
    assertEquals(0, Compare.files(new String[] {"compare", old, old}));
    assertEquals(1, Compare.files(new String[] {"compare", old, now}));
    assertEquals(2, Compare.files(new String[] {"compare", old}));
  }

  private Path file(String name, String text) throws IOException {
    return Files.writeString(folder.resolve(name), text);
  }
}
