package io.github.glia.unet.cli;

import io.github.glia.unet.data.Normalization;
import io.github.glia.unet.data.ReadOptions;
import io.github.glia.unet.inspect.Inspection;
import io.github.glia.unet.json.Json;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Tells what is in a folder of slices. */
@Command(
    name = "inspect",
    description = "Tells what is in a folder of slices, and what is wrong with it.",
    mixinStandardHelpOptions = true)
final class InspectCommand implements Callable<Integer> {
  @Spec CommandSpec spec;

  @Parameters(paramLabel = "DIR", description = "The slices.")
  Path data;

  @Option(
      names = "--sheet",
      paramLabel = "FILE",
      description = "Writes a contact sheet, a PNG with slices of every patient.")
  Path sheet;

  @Option(names = "--json", paramLabel = "FILE", description = "Writes the same for machines.")
  Path json;

  @Option(names = "--strict", description = "Stop at the first file that is not right.")
  boolean strict;

  @Option(
      names = {"--modalities", "--modality"},
      paramLabel = "NAMES",
      defaultValue = "all",
      description =
          "Of NIfTI volumes, separated by commas: t1, t1ce, t2, flair; or all. Default: all.")
  String modalities;

  @Override
  public Integer call() throws IOException {
    PrintWriter out = spec.commandLine().getOut();
    Inspection inspection =
        Inspection.of(data, new ReadOptions(0, Normalization.PLAIN, strict, modalities()));
    out.print(inspection.toText());
    if (sheet != null) {
      inspection.writeContactSheet(sheet);
      out.println("contact sheet: " + sheet);
    }
    if (json != null) {
      Files.writeString(json, Json.write(inspection.toJson()));
    }
    out.flush();
    return 0;
  }

  private List<String> modalities() {
    return modalities.equals("all") ? List.of() : List.of(modalities.split(","));
  }
}
