package io.github.glia.unet.train;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.glia.nn.Norm;
import io.github.glia.nn.WeightFile;
import io.github.glia.unet.UNet;
import io.github.glia.unet.data.Normalization;
import io.github.glia.unet.data.ReadOptions;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ModelInfoTest {
  private static final String BEFORE_PATCHES =
      """
      {"channels": 3, "classes": 1, "features": 4, "depth": 2, "norm": "batch", "up": "transposed",
      "size": 64, "normalization": "percentile", "modalities": "all", "epoch": 7, "dice": 0.5}
      """;

  @TempDir Path folder;

  @Test
  void everythingComesBack() throws IOException {
    ModelInfo info = new ModelInfo(network(4), 128, 64, "plain", "t1,t2,flair", 0.4, 3, 0.75);
    assertEquals(info, written(info.toMetadata()));
    assertEquals(64, info.seen());
  }

  @Test
  void aFileThatDoesNotSayHowItWasSeenIsOfWholeSlices() throws IOException {
    ModelInfo info = written(Map.of("glia.model", BEFORE_PATCHES));
    assertEquals(0, info.patch());
    assertEquals(64, info.seen());
    assertEquals(0.5, info.threshold());
    assertEquals(7, info.epoch());
  }

  @Test
  void imagesAreReadAsInTrainingAtTheirOwnSize() {
    ModelInfo info = new ModelInfo(network(2), 128, 0, "plain", "t2,flair", 0.5, 3, 0.75);
    assertEquals(
        new ReadOptions(0, Normalization.PLAIN, true, List.of("t2", "flair"), 128),
        info.readOptions(true));
  }

  @Test
  void threeChannelsOfImagesAreThoseOfTheLggSet() {
    assertEquals(List.of("t1", "flair", "t1ce"), all(3).channelModalities());
    assertEquals(List.of(), all(4).channelModalities());
  }

  @ParameterizedTest
  @CsvSource({
    "'\"size\": 64', '\"size\": 0', size",
    "'\"size\": 64', '\"size\": 999999', size",
    "'\"size\": 64', '\"size\": 64, \"patch\": 65', patch",
    "'\"size\": 64', '\"size\": 64, \"patch\": \"a\"', patch",
    "'\"size\": 64', '\"size\": 64, \"threshold\": 1', threshold",
    "'\"size\": 64', '\"size\": 64, \"threshold\": null', threshold",
    "'\"percentile\"', '\"none-such\"', NONE-SUCH",
  })
  void nonsenseIsRefused(String was, String is, String named) {
    String json = BEFORE_PATCHES.replace(was, is);
    IOException refused =
        assertThrows(IOException.class, () -> written(Map.of("glia.model", json)));
    assertTrue(refused.getMessage().contains("what it says of its network is wrong"));
    assertTrue(refused.getMessage().contains(named), refused.getMessage());
    assertTrue(refused.getMessage().startsWith(folder.toString()), refused.getMessage());
  }

  private static ModelInfo all(int channels) {
    return new ModelInfo(network(channels), 64, 0, "percentile", "all", 0.5, 1, Double.NaN);
  }

  private static UNet.Config network(int channels) {
    return new UNet.Config(channels, 1, 4, 2, Norm.BATCH, UNet.Up.TRANSPOSED);
  }

  private ModelInfo written(Map<String, String> metadata) throws IOException {
    Path file = folder.resolve("model.safetensors");
    WeightFile.write(
        file, Map.of("a", new WeightFile.Array(new int[] {1}, new float[1])), metadata);
    return ModelInfo.read(file);
  }
}
