package io.github.glia.nn;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

final class WholeFileTest {
  @TempDir private Path folder;

  @Test
  void replacesAFile() throws IOException {
    Path file = folder.resolve("file");
    WholeFile.write(file, "the first, which is longer");
    WholeFile.write(file, "½");
    assertEquals("½", Files.readString(file));
    assertOnly(file);
  }

  @Test
  void leavesTheEarlierFileWhereTheNewOneCannotBeFinished() throws IOException {
    Path file = folder.resolve("file");
    WholeFile.write(file, "whole");
    WholeFile.Writer failing =
        channel -> {
          channel.write(ByteBuffer.wrap(new byte[] {1, 2, 3}));
          assertEquals("whole", Files.readString(file), "while the new one is written");
          throw new IOException("No space left on device");
        };
    IOException refused = assertThrows(IOException.class, () -> WholeFile.write(file, failing));
    assertEquals(file + " cannot be written: No space left on device", refused.getMessage());
    assertEquals("whole", Files.readString(file));
    assertOnly(file);
  }

  @Test
  @Timeout(20)
  @DisabledOnOs(value = OS.WINDOWS, disabledReason = "its pipes are no files")
  void writesThroughAPipeInsteadOfReplacingIt() throws Exception {
    Path pipe = folder.resolve("pipe");
    assertEquals(0, new ProcessBuilder("mkfifo", pipe.toString()).start().waitFor());
    Process reader = new ProcessBuilder("cat", pipe.toString()).start();
    WholeFile.write(pipe, "figures");
    assertFalse(Files.isRegularFile(pipe));
    assertEquals("figures", new String(reader.getInputStream().readAllBytes(), UTF_8));
  }

  private void assertOnly(Path file) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      assertEquals(List.of(file), files.toList(), "no temporary file is left");
    }
  }
}
