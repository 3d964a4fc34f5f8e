package io.github.glia.unet.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.github.glia.nn.Norm;
import io.github.glia.unet.UNet;
import io.github.glia.unet.json.Json;
import io.github.glia.unet.train.TrainOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** What trains where little or nothing is said. */
class TrainChoicesTest {
  private static TrainOptions chosen(String... flags) throws IOException {
    TrainCommand command = new TrainCommand();
    new CommandLine(command).parseArgs(flags);
    return TrainChoices.resolve(command.flags).with("out", null);
  }

  @Test
  void aFolderIsTrainedOnByTheDefaults() throws IOException {
    assertEquals(TrainOptions.defaults().with("data", "slices"), chosen("--data", "slices"));
  }

  @Test
  void presetsChooseTheShapeAndNothingElse() throws IOException {
    for (String preset : new String[] {"lgg", "classic", "small"}) {
      TrainOptions options = chosen("--data", "slices", "--arch", preset);
      assertEquals(UNet.Config.preset(preset), options.network(3));
      assertEquals(TrainOptions.defaults().learning(), options.learning());
      assertEquals(UNet.Config.preset(preset), chosen("--arch", preset).network(3));
    }
  }

  @Test
  void madeUpBrainsHaveASmallNetworkAndDefaultsOfTheirOwn() throws IOException {
    TrainOptions options = chosen();
    assertEquals(new UNet.Config(3, 1, 8, 3, Norm.BATCH, UNet.Up.TRANSPOSED), options.network(3));
    assertEquals("standard", options.data().augment());
    assertEquals(0, options.learning().ema());
    assertEquals(0.5, chosen("--ema", "0.5").learning().ema());
  }

  @Test
  void whatAConfigurationSaysIsNotReplacedByDefaults(@TempDir Path folder) throws IOException {
    TrainOptions before =
        chosen("--data", "slices", "--arch", "lgg", "--ema", "0", "--sample", "natural")
            .with("learning-rate", 1e-3)
            .with("epochs", 50)
            .with("augment", "standard");
    Path config = folder.resolve("config.json");
    Files.writeString(config, Json.write(before.toJson()));
    assertEquals(before, chosen("--config", config.toString()));
  }
}
