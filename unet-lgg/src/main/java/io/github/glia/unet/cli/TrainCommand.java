package io.github.glia.unet.cli;

import io.github.glia.unet.data.Splits;
import io.github.glia.unet.train.Interruption;
import io.github.glia.unet.train.Outcome;
import io.github.glia.unet.train.SplitOptions;
import io.github.glia.unet.train.TrainOptions;
import io.github.glia.unet.train.Trainer;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Trains a network, evaluates it on patients it has not seen, and reports. */
@Command(
    name = "train",
    description = "Trains a U-Net on a folder of slices, or on made-up brains.",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    abbreviateSynopsis = true,
    footer = {
      "",
      "Without --data, a small network learns made-up brains in minutes.",
      "With --data, training is as that of the model that comes with glia.",
      "The resolved choices are written to OUT/config.json, which --config takes."
    })
final class TrainCommand implements Callable<Integer> {
  @Spec CommandSpec spec;
  @Mixin TrainFlags flags;

  @Override
  public Integer call() throws IOException {
    TrainOptions options = options();
    Path out = Path.of(options.run().out());
    checkBeforehand(options, out);
    TrainPatients patients = TrainPatients.read(options, out);
    tell(options, patients);
    Progress progress = new Progress(spec.commandLine().getOut());
    Trainer trainer = new Trainer(options, patients.data(), patients.split(), out, progress);
    if (options.split().by() == SplitOptions.By.PATIENT) {
      Splits.write(patients.split(), TrainPatients.splitOf(out));
    }
    Outcome outcome;
    try (Interruption interruption = new Interruption(trainer)) {
      outcome = trainer.run();
      progress.end();
      say("%s", outcome.message());
      if (outcome.end() == Outcome.End.INTERRUPTED) {
        return Main.FAILURE;
      }
      say("of the training steps, %.1f %% was waiting for data", 100 * outcome.shareWaited());
    }
    Path page = out.resolve("report.html");
    TrainReport report = new TrainReport(trainer.options(), patients, outcome);
    say("%s", report.write(page, flags.json));
    say("model: %s", outcome.model());
    say("report: %s", page);
    return 0;
  }

  private TrainOptions options() throws IOException {
    for (OptionSpec option : spec.commandLine().getParseResult().matchedOptions()) {
      if (option.originalStringValues().size() > 1) {
        throw new ParameterException(
            spec.commandLine(), option.longestName() + " is given more than once");
      }
    }
    try {
      return TrainChoices.resolve(flags);
    } catch (IllegalArgumentException e) {
      throw new ParameterException(spec.commandLine(), e.getMessage(), e);
    }
  }

  /** What would fail after minutes of reading, or hours of training, fails at once. */
  private void checkBeforehand(TrainOptions options, Path out) throws IOException {
    WrittenLast.requirePossible("--json", flags.json);
    Trainer.checkBeforehand(options, out);
  }

  private void tell(TrainOptions options, TrainPatients patients) {
    patients.data().problems().forEach(problem -> say("left out: %s", problem));
    say("%s", patients.data().description());
    if (options.split().by() == SplitOptions.By.SLICE) {
      say(
          "warning: --split-by slice leaks: slices of one brain are in training and validation;"
              + " no split.json is written, because evaluate takes one of whole patients");
    }
    say(
        "%d patients train, %d validate, %d test",
        patients.split().train().size(),
        patients.split().validation().size(),
        patients.split().test().size());
    if (!patients.unused().isEmpty()) {
      say(
          "in no part of the split, and unused (%d): %s",
          patients.unused().size(), String.join(", ", patients.unused()));
    }
  }

  private void say(String format, Object... values) {
    PrintWriter out = spec.commandLine().getOut();
    out.println(String.format(Locale.ROOT, format, values));
    out.flush();
  }
}
