package io.github.glia.unet.cli;

import io.github.glia.unet.phantom.BratsPhantoms;
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
    description = "Writes made-up brains, in the layout of the Kaggle LGG set or of BraTS.",
    mixinStandardHelpOptions = true)
final class PhantomCommand implements Callable<Integer> {
  /** How a data set is laid out. */
  enum Format {
    LGG,
    BRATS
  }

  @Spec CommandSpec spec;

  @Parameters(paramLabel = "DIR", description = "Where to write it.")
  Path folder;

  @Option(
      names = "--format",
      defaultValue = "lgg",
      description =
          "lgg: TIFF slices of T1, FLAIR and T1 after contrast agent, with masks. brats: a case for"
              + " each patient, T1, T1ce, T2, FLAIR and labels as NIfTI, without the skull."
              + " Default: ${DEFAULT-VALUE}.")
  Format format;

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
    PhantomOptions options = new PhantomOptions(patients, slices, size, seed);
    switch (format) {
      case LGG -> Phantoms.write(folder, options);
      case BRATS -> BratsPhantoms.write(folder, options);
    }
    spec.commandLine()
        .getOut()
        .println("wrote " + patients + " patients with " + slices + " slices each to " + folder);
    spec.commandLine().getOut().flush();
    return 0;
  }
}
