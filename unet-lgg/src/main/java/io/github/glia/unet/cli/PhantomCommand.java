package io.github.glia.unet.cli;

import io.github.glia.unet.phantom.PhantomOptions;
import io.github.glia.unet.phantom.Phantoms;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Writes made-up brains. */
@Command(
    name = "phantom",
    description = "Writes a made-up data set in the layout of the Kaggle LGG set.",
    mixinStandardHelpOptions = true)
final class PhantomCommand implements Callable<Integer> {
  @Spec CommandSpec spec;

  @Parameters(paramLabel = "DIR", description = "Where to write it.")
  Path folder;

  @Option(names = "--patients", defaultValue = "20", description = "Default: ${DEFAULT-VALUE}.")
  int patients;

  @Option(
      names = "--slices",
      defaultValue = "20",
      description = "Of each patient. Default: ${DEFAULT-VALUE}.")
  int slices;

  @Option(
      names = "--size",
      defaultValue = "256",
      description = "Height and width. Default: ${DEFAULT-VALUE}.")
  int size;

  @Option(names = "--seed", defaultValue = "1", description = "Default: ${DEFAULT-VALUE}.")
  long seed;

  @Override
  public Integer call() throws IOException {
    Phantoms.write(folder, new PhantomOptions(patients, slices, size, seed));
    spec.commandLine()
        .getOut()
        .println("wrote " + patients + " patients with " + slices + " slices each to " + folder);
    spec.commandLine().getOut().flush();
    return 0;
  }
}
