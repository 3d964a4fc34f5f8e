package io.github.glia.unet.cli;

import static io.github.glia.unet.cli.Ended.succeeds;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/**
 * A disk that is full while a checkpoint is saved: in a process whose files may not grow beyond
 * half a checkpoint, writing fails in the middle as it does there.
 */
@Timeout(120)
@DisabledOnOs(value = OS.WINDOWS, disabledReason = "it has no ulimit")
final class FullDiskTest {
  private static final int BLOCK = 512;

  @TempDir Path folder;

  @Test
  void leavesTheEarlierCheckpointWhole() throws Exception {
    Path data = folder.resolve("data");
    Path out = folder.resolve("run");
    succeeds("phantom", data, "--patients", 3, "--slices", 3, "--size", 32);
    succeeds(
        "train",
        "--data",
        data,
        "--out",
        out,
        "--epochs",
        1,
        "--schedule",
        "constant",
        "--size",
        32,
        "--features",
        8,
        "--depth",
        2,
        "--batch-size",
        4);
    Map<String, byte[]> before = weights(out);
    long blocks = Files.size(out.resolve("last.safetensors")) / 2 / BLOCK;

    Object[] goOn = {"train", "--config", out.resolve("config.json"), "--resume", "--epochs", 2};
    List<String> limited =
        List.of("/bin/sh", "-c", "ulimit -f \"$0\"; exec \"$@\"", Long.toString(blocks));
    Ended ended = Ended.of(Ended.start(limited, folder, goOn), folder);

    assertEquals(Main.FAILURE, ended.code(), ended.out() + ended.err());
    List<String> said = ended.err().lines().toList();
    String last = said.get(said.size() - 1);
    assertTrue(last.startsWith("glia: " + out.resolve("last.safetensors")), ended.err());
    assertTrue(last.contains("was saved before it is whole"), ended.err());
    assertTrue(last.endsWith("`glia train --config " + goOn[2] + " --resume`"), ended.err());
    assertTrue(said.stream().noneMatch(line -> line.startsWith("\tat ")), ended.err());
    before.forEach((name, bytes) -> assertArrayEquals(bytes, bytes(out.resolve(name)), name));
    try (Stream<Path> files = Files.list(out)) {
      assertTrue(files.noneMatch(file -> file.toString().endsWith(".tmp")));
    }

    assertTrue(succeeds(goOn).out().contains("trained 2 epochs"));
  }

  private static Map<String, byte[]> weights(Path out) {
    Map<String, byte[]> weights = new LinkedHashMap<>();
    for (String name : List.of("last.safetensors", "best.safetensors", "model.safetensors")) {
      weights.put(name, bytes(out.resolve(name)));
    }
    return weights;
  }

  private static byte[] bytes(Path file) {
    try {
      return Files.readAllBytes(file);
    } catch (IOException e) {
      throw new AssertionError(file + " cannot be read", e);
    }
  }
}
